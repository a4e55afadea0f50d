"""Who told of a household stands on its clue, in the list and on its line of time, for whoever sees all about it."""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from small_city import AS_OF, VILLAGE, make_household

from shouwang.clues.models import Channel, ClueSource
from shouwang.clues.reporting import take_report
from shouwang.jobs.handling import requirements

SAID = "母亲住院，自己付了三万多"


def report(household: Any, risk: str, channel: Channel = Channel.SELF_REPORT) -> Any:
    return take_report(
        household,
        risk,
        channel=channel,
        reference="SB-1",
        text=SAID,
        requirements=requirements(AS_OF),
        on=AS_OF,
        acting_user=None,
    )


@pytest.fixture
def told(city: SimpleNamespace, home: object) -> SimpleNamespace:
    """A clue of the screening that somebody also reported, and one that was only reported."""
    ClueSource.objects.create(clue=city.clue, channel="screening", received_on=AS_OF, text=city.clue.reasons)
    assert report(city.household, "illness") == city.clue
    city.reported = report(make_household("R", VILLAGE, "田英", 31), "schooling", Channel.SWEEP)
    return city


def test_both_doors_stand_on_the_clue(told: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    page = at_desk("village").get(f"/clues/{told.clue.number}/").content.decode()
    assert "部门筛查预警、农户自主申报" in page
    assert SAID in page
    assert "SB-1" in page
    only = at_desk("village").get(f"/clues/{told.reported.number}/").content.decode()
    assert "基层干部排查" in only
    assert "条规则命中" not in only
    assert "没有再命中" not in only


def test_the_sheet_says_by_which_doors_a_clue_came_but_not_to_departments(
    told: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def column(who: str) -> dict[str, str]:
        book = load_workbook(io.BytesIO(at_desk(who).get("/clues/export.xlsx").content)).active
        head, *rows = book.iter_rows(values_only=True)
        return {str(row[0]): row[head.index("发现渠道")] or "" for row in rows}

    both = {told.clue.number: "部门筛查预警、农户自主申报", told.reported.number: "基层干部排查"}
    assert column("county") == both
    monkeypatch.setattr("shouwang.clues.reading.AT_ONCE", 1)
    assert column("city") == both
    assert column("department") == {told.clue.number: ""}


def test_departments_do_not_read_who_told(told: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    page = at_desk("department").get(f"/clues/{told.clue.number}/").content.decode()
    assert SAID not in page
    assert "农户自主申报" not in page
    assert at_desk("department").get(f"/clues/{told.reported.number}/").status_code == 404
    listed = at_desk("department").get("/clues/?channel=self_report")
    assert len(listed.context["rows"]) == 1
    assert "农户自主申报" not in listed.content.decode()
    assert listed.context["filters"].ignored == ("channel",)
    life = at_desk("department").get(f"/households/{told.household.pk}/").content.decode()
    assert SAID not in life


@pytest.mark.parametrize(
    ("channel", "found"),
    [("", 2), ("self_report", 1), ("sweep", 1), ("screening", 1)],
)
def test_the_list_is_cut_by_the_door(
    channel: str, found: int, told: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    response = at_desk("county").get(f"/clues/?channel={channel}")
    assert len(response.context["rows"]) == found
    tags = {row["clue"].number: row["reported"] for row in response.context["rows"]}
    if channel == "sweep":
        assert tags == {told.reported.number: ["基层干部排查"]}
    if channel == "screening":
        assert tags == {told.clue.number: ["农户自主申报"]}


def test_a_report_stands_on_the_line_of_the_household(told: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    page = at_desk("village").get(f"/households/{told.household.pk}/").content.decode()
    assert "农户自主申报：因病" in page
    assert SAID in page
