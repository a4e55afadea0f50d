"""The pack's divisions: whole, nested by code, and with what has changed."""

from collections import Counter
from datetime import date

from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.pack import divisions_folder

DIVISIONS = load_divisions(divisions_folder())


def test_counts_of_the_edition_and_one_new_county() -> None:
    assert Counter(area.level for area in DIVISIONS) == {1: 1, 2: 39, 3: 1031, 4: 11270}


def test_every_code_lies_within_its_parents_scope() -> None:
    assert all(a.code.startswith(DIVISIONS.get(a.parent_code).scope) for a in DIVISIONS if a.parent_code)


def test_a_code_that_ended_names_its_successor() -> None:
    old, new = DIVISIONS.get("500105000000"), DIVISIONS.get("500157000000")
    assert old is not None
    assert new is not None
    assert (old.successor, old.valid_to, new.valid_from) == (new.code, date(2025, 11, 1), date(2025, 11, 1))
