"""How SQLite finds the clues of a list when there are many: a city's pages are read off in their order, a county's found by area
and by desk. That PostgreSQL does is measured (docs/benchmarks.md)."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import QuerySet
from many_clues import make_many
from small_city import CITY, COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, VILLAGE, make_user

from shouwang.clues.models import INDEXED, Clue, Stage
from shouwang.clues.reading import clues_visible_to
from shouwang.clues.today import CluesToDo
from shouwang.tables.planning import look_at_the_rows
from shouwang.web.overview_figures import levels_in
from shouwang.web.worklist import SORTS

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("many")]
SORTED = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture
def many(city: SimpleNamespace) -> None:
    """Two thousand open clues, one in forty of them of the county, as one of thirty-eight counties has them."""
    places = [(VILLAGE, COUNTY) if place % 40 == 0 else (FOREIGN_VILLAGE, FOREIGN_COUNTY) for place in range(2_000)]
    make_many(places)
    look_at_the_rows(Clue)


def plan(rows: QuerySet) -> list[str]:
    """How the database goes about a question, asked with its values beside its words, as the pages ask it."""
    words, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {words}", values)
        return [step[-1] for step in cursor.fetchall()]


def open_clues() -> QuerySet:
    return Clue.objects.filter(state=Clue.State.OPEN).select_related("household")


@pytest.mark.parametrize("sort", ["level", "due", "area", "newest"])
def test_a_citys_page_is_read_off_in_its_order(sort: str) -> None:
    assert SORTED not in plan(open_clues().order_by(*SORTS[sort][1])[:30])


def test_an_order_that_is_not_that_of_its_index_is_seen() -> None:
    assert SORTED in plan(open_clues().order_by(INDEXED, "-opened_on", "number")[:30])


def test_a_county_is_found_by_area_and_by_desk() -> None:
    xian = make_user("xian-many", COUNTY, "county")
    steps = plan(levels_in(clues_visible_to(xian).filter(state=Clue.State.OPEN)))
    assert any("clues_by_area (state=? AND area_id>?" in step for step in steps)
    assert any("clues_by_desk (state=? AND desk_id>?" in step for step in steps)


def test_the_first_page_of_a_desk_on_which_all_lie_is_read_off_too() -> None:
    Clue.objects.update(desk=CITY, stage=Stage.CITY, due_on=date(2021, 6, 20))
    look_at_the_rows(Clue)
    first = plan(CluesToDo(make_user("shi-many", CITY, "city"), date(2021, 6, 17))[0:30])
    read = next(n for n, step in enumerate(first) if "clues_soonest (stage=? AND desk_id=?)" in step)
    assert SORTED not in first[: read + 2]
    assert "SCAN told" in first[read + 1]


def test_while_all_lie_on_one_desk_another_desk_and_what_was_merged_are_found_by_their_indexes() -> None:
    Clue.objects.update(desk=COUNTY, stage=Stage.COUNTY)
    look_at_the_rows(Clue)
    of_another_desk = Clue.objects.filter(stage=Stage.COUNTY, desk=VILLAGE).values("due_on")
    assert any("clues_soonest (stage=? AND desk_id=?" in step for step in plan(of_another_desk))
    merged = Clue.objects.filter(merged_into=1).order_by("number").values("number")
    assert any("merged_into_id=?" in step for step in plan(merged))
