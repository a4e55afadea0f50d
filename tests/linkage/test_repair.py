"""Wrong identity numbers: everything one change away is found, and nothing else."""

import time
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.citizen_id import check_digit, is_valid, upgrade
from shouwang.linkage.repair import Registered, candidates, explain_by_village, explain_wrong_numbers

SYMBOLS = "0123456789X"


def number(place: int, day: str, order: int) -> str:
    first_17 = f"{place:06d}{day}{order:03d}"
    return first_17 + check_digit(first_17)


def numbers_born(first: date, last: date) -> st.SearchStrategy[str]:
    days = st.dates(first, last).map(lambda day: day.strftime("%Y%m%d"))
    return st.builds(number, st.integers(500101, 500243), days, st.integers(0, 999))


numbers = numbers_born(date(1900, 1, 1), date(2030, 12, 31))


def brute_force(text: str) -> set[str]:
    """Every text one character or one swap of neighbours away, kept where it is a valid number."""
    near = {text[:i] + symbol + text[i + 1 :] for i in range(len(text)) for symbol in SYMBOLS}
    near |= {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}
    near -= {text}
    if len(text) == 15:
        return {upgrade(other) for other in near if other.isdigit() and is_valid(upgrade(other))}
    return {other for other in near if is_valid(other)}


@given(numbers, st.integers(0, 17), st.sampled_from(SYMBOLS + "OQ？"))
def test_one_wrong_character_is_found_and_equals_brute_force(right: str, place: int, symbol: str) -> None:
    wrong = right[:place] + symbol + right[place + 1 :]
    found = candidates(wrong)
    assert set(found) == brute_force(wrong)
    assert (right in found) == (wrong != right)


@given(numbers, st.integers(0, 16))
def test_swapped_neighbours_are_found_and_equal_brute_force(right: str, place: int) -> None:
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    found = candidates(wrong)
    assert set(found) == brute_force(wrong)
    assert (right in found) == (wrong != right)


@given(st.text(alphabet=SYMBOLS + "A", min_size=18, max_size=18))
def test_any_text_of_18_characters_equals_brute_force(text: str) -> None:
    assert set(candidates(text)) == brute_force(text)


@given(numbers_born(date(1911, 1, 1), date(1999, 12, 31)), st.integers(6, 11), st.sampled_from("0123456789"))
def test_an_old_number_with_a_wrong_birth_date(right: str, place: int, digit: str) -> None:
    old = right[:6] + right[8:17]
    wrong = old[:place] + digit + old[place + 1 :]
    if is_valid(upgrade(wrong)):
        assert candidates(wrong) == []
    else:
        assert set(candidates(wrong)) == brute_force(wrong)
        assert right in candidates(wrong)


@given(st.text(max_size=40).filter(lambda text: len(text.upper()) not in (15, 18)))
def test_other_lengths_have_no_candidates(text: str) -> None:
    assert candidates(text) == []


@given(st.text(min_size=15, max_size=18))
def test_hostile_text_never_fails(text: str) -> None:
    assert all(is_valid(found) for found in candidates(text))


RIGHT = number(500101, "19800101", 123)


def wrong_between(first: str) -> tuple[str, str]:
    """A wrong number one digit away from `first` and from another valid number, and that other one."""
    wrong = first[:16] + str((int(first[16]) + 1) % 10) + first[17]
    other = next(found for found in candidates(wrong) if found != first)
    return wrong, other


def person_of(ids: list[str]) -> list[int]:
    return [int(found[:17]) for found in ids]


def register(*people: tuple[str, str, str]) -> Registered:
    known = pl.DataFrame(
        [(person_of([found])[0], name, place) for found, name, place in people],
        schema={"person": pl.Int64, "name": pl.String, "division_code": pl.String},
        orient="row",
    )
    return lambda persons: known.filter(pl.col("person").is_in(persons.implode()))


def rows(*cells: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(cells, schema={"line": pl.Int64, "id_text": pl.String, "name": pl.String}, orient="row")


VILLAGE, OTHER_VILLAGE = "500101001001", "500101001002"


def test_corrected_where_exactly_one_person_of_the_same_name_explains_it() -> None:
    wrong, _ = wrong_between(RIGHT)
    found = explain_wrong_numbers(rows((7, wrong, "王 秀英")), person_of, register((RIGHT, "王秀英", VILLAGE)))
    assert found.rows(named=True) == [{"line": 7, "person": person_of([RIGHT])[0], "n": 1, "change": "第17位有误"}]


def test_swap_is_said_in_words() -> None:
    wrong = RIGHT[:14] + RIGHT[15] + RIGHT[14] + RIGHT[16:]
    found = explain_wrong_numbers(rows((1, wrong, "王秀英")), person_of, register((RIGHT, "王秀英", VILLAGE)))
    assert found["change"].to_list() == ["第15、16位颠倒"]


def test_a_homophone_is_not_the_same_name() -> None:
    wrong, _ = wrong_between(RIGHT)
    found = explain_wrong_numbers(rows((7, wrong, "王秀瑛")), person_of, register((RIGHT, "王秀英", VILLAGE)))
    assert found.rows() == [(7, None, 0, None)]


def test_two_persons_of_the_same_name_explain_nothing() -> None:
    wrong, other = wrong_between(RIGHT)
    both = register((RIGHT, "王秀英", VILLAGE), (other, "王秀英", VILLAGE))
    assert explain_wrong_numbers(rows((7, wrong, "王秀英")), person_of, both).rows() == [(7, None, 2, None)]
    one = register((RIGHT, "王秀英", VILLAGE), (other, "李秀英", VILLAGE))
    assert explain_wrong_numbers(rows((7, wrong, "王秀英")), person_of, one)["person"].to_list() == person_of([RIGHT])


def test_lines_keep_their_order_and_rows_without_candidates_stay() -> None:
    wrong, _ = wrong_between(RIGHT)
    given_rows = rows((9, "not a number", "王秀英"), (3, wrong, "王秀英"), (5, "", "王秀英"))
    found = explain_wrong_numbers(given_rows, person_of, register((RIGHT, "王秀英", VILLAGE)))
    assert found["line"].to_list() == [9, 3, 5]
    assert found["n"].to_list() == [0, 1, 0]


def test_nothing_to_explain() -> None:
    assert explain_wrong_numbers(rows(), person_of, register()).is_empty()


def test_without_a_name_only_the_same_village_gives_candidates() -> None:
    wrong, other = wrong_between(RIGHT)
    asked = pl.DataFrame({"line": [4], "id_text": [wrong], "division_code": [VILLAGE]})
    known = register((RIGHT, "王秀英", VILLAGE), (other, "李四", OTHER_VILLAGE))
    assert explain_by_village(asked, person_of, known).rows() == [(4, person_of([RIGHT])[0], "第17位有误")]


@pytest.mark.parametrize("count", [10_000])
def test_ten_thousand_wrong_numbers_are_quick(count: int) -> None:
    wrong, _ = wrong_between(RIGHT)
    many = pl.DataFrame({"line": range(count), "id_text": [wrong] * count, "name": ["王秀英"] * count})
    started = time.process_time()
    found = explain_wrong_numbers(many, person_of, register((RIGHT, "王秀英", VILLAGE)))
    assert found["n"].sum() == count
    assert time.process_time() - started < 5  # seconds of the processor, however busy it is
