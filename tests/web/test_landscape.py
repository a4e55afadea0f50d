"""What a city's overview shows is counted ahead, county by county; it comes to what is counted as a whole."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.test import Client
from small_city import FOREIGN_VILLAGE, VILLAGE, make_clue, make_household

from shouwang.areas.models import Area
from shouwang.clues import landscape
from shouwang.clues.landscape import Counted, count_ahead, counted, question_of
from shouwang.households.models import Household

CITY, COUNTY = "500000000000", "500101000000"


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted ahead lies in a folder of its own; every count is a long one."""
    monkeypatch.setattr(caches["shared"], "_dir", str(tmp_path / "counted"))
    monkeypatch.setattr(landscape, "LONG_SECONDS", -1.0)


def what(found: Counted) -> tuple[object, ...]:
    """All but the moment."""
    return (
        dict(found.levels), dict(found.risks), dict(found.at_risk), found.flagged, dict(found.months), found.progress,
        dict(found.held), found.without_income,
    )  # fmt: skip


def test_counties_come_to_the_whole(city: SimpleNamespace) -> None:
    make_clue(make_household("F", FOREIGN_VILLAGE, "冉光明", 24), 24, level="red")
    Household.objects.filter(area_id=VILLAGE).update(income_known=False)
    question = question_of(city.users["city"], Area.objects.get(pk=CITY))
    whole = counted(question)
    assert (whole.flagged, whole.progress.found, whole.without_income, len(whole.levels)) == (2, 2, 2, 2)
    caches["shared"].clear()
    waits: list[float] = []
    assert count_ahead(waits.append) == 1
    assert len(waits) == len(question.parts)
    assert what(caches["shared"].get(question.name)) == what(whole)


def test_who_comes_is_shown_what_was_counted_ahead(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    count_ahead(lambda seconds: None)
    make_clue(make_household("F", FOREIGN_VILLAGE, "冉光明", 24), 24, level="red")
    assert at_desk("city").get("/overview/").context["landscape"].counts.total == 1
    count_ahead(lambda seconds: None)
    shown = at_desk("city").get("/overview/").context["landscape"]
    assert shown.counts.total == 2
    assert shown.counted_at <= caches["shared"].get(question_of(city.users["city"], shown.area).name).at


def test_what_is_counted_quickly_is_counted_when_it_is_asked_for(
    city: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landscape, "LONG_SECONDS", 1000.0)
    assert count_ahead(lambda seconds: None) == 0
    for place, code in enumerate((CITY, COUNTY, VILLAGE)):
        question = question_of(city.users["city"], Area.objects.get(pk=code))
        before = counted(question).flagged
        make_clue(make_household(f"G{place}", VILLAGE, "冉光明", 25 + place), 25 + place)
        assert counted(question).flagged == before + 1


def test_what_one_sees_another_is_not_shown(city: SimpleNamespace) -> None:
    area = Area.objects.get(pk=CITY)
    names = {name: question_of(city.users[name], area).name for name in ("city", "county", "department")}
    assert len(set(names.values())) == len(names)
