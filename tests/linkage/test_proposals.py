"""Proposals for rows without a usable number: found, ranked, explained, and never for nobody."""

import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl
import pytest
from bench.splink_linkage import scored

from shouwang.linkage import population as population_module
from shouwang.linkage.comparison import counted
from shouwang.linkage.features import coded_names, features
from shouwang.linkage.population import count_population
from shouwang.linkage.proposals import PROPOSAL_SCHEMA, REGISTERED_SHARE, Proposals, propose

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗冉向田谭覃牟"
GIVEN = "英华秀兰明国建文玉芳军平强丽珍桂德成春林光志海红美小伟云龙超峰娟霞燕杰波涛勇静敏艳琼蓉素琴福清祥贵全友学正永天世安生"
HOMOPHONES = {
    "英": "瑛",
    "华": "桦",
    "明": "鸣",
    "珍": "真",
    "红": "洪",
    "平": "萍",
    "兰": "岚",
    "军": "君",
    "成": "诚",
}
LOCAL = {"英": "音", "明": "敏", "珍": "增", "平": "品", "成": "岑", "兰": "南", "林": "宁", "龙": "农"}
VARIANTS = {"峰": "峯", "华": "華", "杰": "傑", "艳": "艷", "强": "強", "国": "國"}
VILLAGES = [f"5002430{township:02d}{village}" for township in range(1, 21) for village in range(201, 213)]


@pytest.fixture(scope="module")
def register() -> pl.DataFrame:
    draw = random.Random(7)
    people = 24_000
    return pl.DataFrame(
        {
            "person": [10_000_000 + i for i in range(people)],
            "name": [
                draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2, 2)))) for _ in range(people)
            ],
            "birth_date": [date(1935, 1, 1) + timedelta(draw.randrange(31_000)) for _ in range(people)],
            "sex": [draw.choice("男女") for _ in range(people)],
            "division_code": [VILLAGES[i * len(VILLAGES) // people] for i in range(people)],
            "household_no": [f"H{i // 4}" for i in range(people)],
        }
    )


def rows(*cells: tuple[int, str, str | None, date | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        cells,
        schema={
            "line": pl.Int64,
            "name": pl.String,
            "division_code": pl.String,
            "birth_date": pl.Date,
            "sex": pl.String,
        },
        orient="row",
    )


def misheard(name: str, table: dict[str, str]) -> str | None:
    changed = name[0] + "".join(table.get(character, character) for character in name[1:])
    return changed if changed != name else None


def one_character_off(name: str, draw: random.Random) -> str:
    return name[:-1] + draw.choice([character for character in "鹏娅苗媛晨楠" if character != name[-1]])


@pytest.mark.parametrize(
    ("dirt", "found_at_least"), [("same", 0.95), ("variant", 0.9), ("homophone", 0.9), ("local", 0.8), ("one_off", 0.6)]
)
def test_the_right_person_stands_first(register: pl.DataFrame, dirt: str, found_at_least: float) -> None:
    draw = random.Random(dirt)
    change = {
        "same": lambda name: name,
        "variant": lambda name: misheard(name, VARIANTS),
        "homophone": lambda name: misheard(name, HOMOPHONES),
        "local": lambda name: misheard(name, LOCAL),
        "one_off": lambda name: one_character_off(name, draw),
    }[dirt]
    cells = []
    for person, name, place in register.select("person", "name", "division_code").sample(600, seed=3).iter_rows():
        if len(name) == 3 and (changed := change(name)):
            cells.append((person, changed, place, None, None))
    asked = rows(*cells)
    assert asked.height > 50
    first = propose(asked, register).group_by("line", maintain_order=True).first()
    right = first.filter(pl.col("line") == pl.col("person"))
    assert right.height / asked.height >= found_at_least
    assert right.height / first.height >= 0.85


def test_strangers_are_seldom_proposed(register: pl.DataFrame) -> None:
    draw = random.Random(11)
    cells = [
        (
            i,
            draw.choice("欧戚邬郝毋") + draw.choice("鹏娅苗媛") + draw.choice("晨楠琦"),
            draw.choice(VILLAGES),
            None,
            None,
        )
        for i in range(200)
    ]
    assert propose(rows(*cells), register).height <= 4


def test_evidence_is_said_in_words(register: pl.DataFrame) -> None:
    known = pl.concat(
        [
            register.filter(~pl.col("name").str.starts_with("覃")),
            pl.DataFrame(
                {
                    "person": [1],
                    "name": ["覃小珍"],
                    "birth_date": [date(1970, 3, 5)],
                    "sex": ["女"],
                    "division_code": [VILLAGES[0]],
                    "household_no": ["H"],
                }
            ),
        ]
    )
    found = propose(rows((5, "秦晓真", VILLAGES[0], date(1970, 3, 15), "女")), known)
    assert found["person"].to_list() == [1]
    assert found["evidence"].to_list() == ["姓名同音；同村；出生日期一位不同或两位颠倒；性别相同"]


def test_two_namesakes_share_the_probability() -> None:
    twins = pl.DataFrame(
        {
            "person": [1, 2, *range(3, 4000)],
            "name": ["冉桂英", "冉桂英", *(f"王{i}" for i in range(3, 4000))],
            "birth_date": [date(1960, 1, 1), date(1980, 1, 1)] + [date(1970, 1, 1)] * 3997,
            "sex": ["女"] * 3999,
            "division_code": [VILLAGES[0], VILLAGES[0], *(VILLAGES[i % len(VILLAGES)] for i in range(3, 4000))],
        }
    )
    found = propose(rows((1, "冉桂英", VILLAGES[0], None, None)), twins)
    assert found["person"].to_list() == [1, 2]
    assert found["probability"][0] == pytest.approx(found["probability"][1])
    assert 0.4 < found["probability"][0] < 0.5


def test_weight_is_that_of_fellegi_and_sunter(register: pl.DataFrame) -> None:
    """One pair computed by hand from the levels, so that a change of Splink's meaning is seen."""
    person = register.filter(pl.col("name").str.len_chars() == 3).row(100, named=True)
    namesakes = register.filter(pl.col("name") == person["name"]).height
    found = propose(rows((1, person["name"], person["division_code"], None, None)), register, threshold=0)
    first = found.row(0, named=True)
    place = counted(count_population(register, lambda seen: None))[1].levels[0]
    prior = REGISTERED_SHARE / register.height
    name_odds = 0.86 / ((namesakes + 1) / (register.height + 1))
    odds = prior / (1 - prior) * name_odds * place.m / place.u
    assert first["person"] == person["person"]
    rest = 1 - found["probability"].sum()
    assert math.log2(first["probability"] / rest) == pytest.approx(math.log2(odds), abs=0.1)


def test_a_division_without_a_village_still_counts(register: pl.DataFrame) -> None:
    rare = register.join(
        register["name"].value_counts().filter(pl.col("count") == 1).select("name"), on="name", maintain_order="left"
    )
    person = rare.filter(pl.col("name").str.len_chars() == 3).row(0, named=True)
    township = person["division_code"][:9] + "000"
    found = propose(rows((1, person["name"], township, None, None)), register)
    assert found["person"][0] == person["person"]
    assert "同乡镇（未写明村）" in found["evidence"][0]


def test_without_division_the_birth_date_finds(register: pl.DataFrame) -> None:
    person = register.row(77, named=True)
    found = propose(rows((1, person["name"], None, person["birth_date"], person["sex"])), register)
    assert found["person"][0] == person["person"]


def test_same_answer_every_time(register: pl.DataFrame) -> None:
    asked = register.head(50).select(
        pl.col("person").alias("line"), "name", "division_code", birth_date=pl.lit(None, pl.Date), sex="sex"
    )
    assert propose(asked, register).equals(propose(asked, register))


def test_no_rows_and_no_register(register: pl.DataFrame) -> None:
    assert propose(rows(), register).schema == PROPOSAL_SCHEMA
    assert propose(rows((1, "王秀英", VILLAGES[0], None, None)), register.clear()).is_empty()
    assert propose(rows((1, "王秀英", "110101001001", None, None)), register).is_empty()


def test_splink_gives_every_pair_the_same_weight(register: pl.DataFrame) -> None:
    """An implementation that is not ours, from the same declaration: pairs, levels and weights are the same."""
    asked = some_of(register, 200)
    ours = Proposals(register, lambda seen: None).pairs(asked).sort("line", "person")
    theirs = scored(asked, register).sort("line", "person")
    columns = ["line", "person", "name", "place", "birth", "sex"]
    assert ours.height > 800
    assert ours.select(columns).rows() == theirs.select(columns).rows()
    assert (ours["weight"] - theirs["weight"]).abs().max() < 1e-6


def test_a_row_does_not_depend_on_those_beside_it(register: pl.DataFrame) -> None:
    proposals = Proposals(register, lambda seen: None)
    asked = some_of(register, 60)
    apart = pl.concat([*(proposals.propose(row) for row in asked.head(3).iter_slices(1)), proposals.propose(asked[3:])])
    assert proposals.propose(asked).equals(apart.sort("line", maintain_order=True))


def test_a_register_passes_by_in_slices_twice_and_says_how_far(register: pl.DataFrame) -> None:
    told: list[int] = []
    slices = Slices(register, 8_000)
    proposals = Proposals(slices, told.append)
    asked = some_of(register, 60)
    assert proposals.propose(asked).equals(propose(asked, register))
    assert told == [8_000, 16_000, 24_000] * 2
    proposals.propose(asked)
    assert len(told) == 9, "counted once, whatever is asked"


def test_how_common_a_name_is_is_counted_where_the_row_comes_from(register: pl.DataFrame) -> None:
    """覃 is every third family in one county, and nobody elsewhere."""
    here, there = VILLAGES[0], "500101001201"
    names = ["覃秀英" if i % 3 == 0 else f"王{GIVEN[i % 50]}{GIVEN[i % 47]}" for i in range(3_000)]
    other = [f"李{GIVEN[i % 50]}{GIVEN[i % 47]}" for i in range(3_000)]
    people = pl.DataFrame(
        {
            "person": range(6_000),
            "name": names + other,
            "division_code": [here] * 3_000 + [there] * 3_000,
            "birth_date": pl.Series([None] * 6_000, dtype=pl.Date),
            "sex": ["女"] * 6_000,
        }
    )
    population = count_population(people, lambda seen: None)
    wanted = rows(
        (1, "覃秀英", here, None, None), (2, "覃秀英", there, None, None), (3, "覃秀英", None, None, None),
        (4, "覃秀英", "110101001001", None, None), (5, "欧阳海", here, None, None),
    )  # fmt: skip
    asked = features(wanted, coded_names(wanted["name"]), "line")
    shares = population.shares(asked, "canonical").to_list()
    assert shares == pytest.approx([1001 / 3001, 1 / 3001, 1001 / 6001, 1001 / 6001, 1 / 3001])


def test_names_are_counted_by_county_over_slices_and_apart_where_none_is_known(
    register: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population_module, "SLICE", 1_000)
    nowhere = pl.col("person") % 7 == 0
    elsewhere = pl.when(pl.col("person") % 3 == 0).then(pl.lit("500101001201")).otherwise("division_code")
    people = register.with_columns(division_code=pl.when(~nowhere).then(elsewhere))
    people = people.with_columns(name=pl.when(pl.col("person") % 11 > 0).then("name"))
    population = count_population(people, lambda seen: None)
    named = population.names_by_county.join(population.names.with_row_index("name_no"), on="name_no")
    counted_so = {(county, name): count for county, name, count in named.select("county", "name", "count").iter_rows()}
    county = people["division_code"].str.head(6).cast(pl.Int32)
    expected = Counter(pair for pair in zip(county, people["name"], strict=True) if pair[1] is not None)
    assert {place for place, _ in expected} == {None, 500101, 500243}
    assert counted_so == dict(expected)
    assert population.names_by_county.equals(population.names_by_county.sort("county", "name_no"))
    assert population.names["count"].sum() == expected.total()


def test_nobody_is_counted() -> None:
    nobody = pl.DataFrame(schema={"person": pl.Int64, "name": pl.String, "division_code": pl.String})
    nobody = nobody.with_columns(birth_date=pl.lit(None, pl.Date), sex=pl.lit(None, pl.String))
    assert population_module._NamesByCounty().total().is_empty()
    assert propose(rows((1, "覃秀英", None, None, None)), nobody).is_empty()


def some_of(register: pl.DataFrame, count: int) -> pl.DataFrame:
    people = register.sample(count, seed=5).with_row_index("i")
    some = pl.col("i") % 3 == 0
    return people.select(
        pl.col("person").alias("line"),
        "name",
        "division_code",
        pl.when(some).then("birth_date").alias("birth_date"),
        pl.when(some).then("sex").alias("sex"),
    )


class Slices:
    """A register that comes in slices of its own size, as one on disk does."""

    def __init__(self, people: pl.DataFrame, size: int) -> None:
        self.people, self.size, self.height = people, size, people.height

    def is_empty(self) -> bool:
        return self.people.is_empty()

    def iter_slices(self, n_rows: int) -> Iterator[pl.DataFrame]:
        return self.people.iter_slices(self.size)
