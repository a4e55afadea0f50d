"""The overview: the map's shades, the flow of clues, how long they stand, hot spots; and the same on a wall."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now
from small_city import COUNTY, FOREIGN_VILLAGE, TOWNSHIP, VILLAGE, make_clue, make_household

from shouwang.accounts import sessions
from shouwang.areas import tree
from shouwang.areas.models import Area
from shouwang.clues.models import Clue, ClueStep, Stage
from shouwang.clues.progress import SPANS, Progress, nothing_since, progress_by_part
from shouwang.households.models import Household
from shouwang.web import overview

Desk = Callable[[str], Client]
LONG_AGO = date(2020, 1, 1)


def progress_of(clues: QuerySet[Clue], since: date, today: date) -> Progress:
    """Of all parts together."""
    return sum(progress_by_part(clues, since, today, 6).values(), nothing_since(since))


def clues_at(stage: Stage, count: int, start: int, **fields: object) -> None:
    """Clues of as many further households, put where they stand."""
    for place in range(start, start + count):
        clue = make_clue(make_household(f"P{place:05d}", VILLAGE, "冉光荣", 1000 + place), 1000 + place)
        Clue.objects.filter(pk=clue.pk).update(**{"stage": stage, "desk_id": VILLAGE, "version": 1} | fields)


def test_the_flow_counts_where_clues_stand_and_how_far_they_came(city: SimpleNamespace) -> None:
    today = localdate()
    clues_at(Stage.COUNTY, 3, 0, arrived_on=today - timedelta(days=3), due_on=today - timedelta(days=2))
    clues_at(Stage.TOWNSHIP_REVIEW, 2, 10, arrived_on=today, due_on=today, level="yellow")
    clues_at(Stage.COUNTY_REVIEW, 1, 20, arrived_on=today - timedelta(days=40), due_on=today)
    clues_at(Stage.CLOSED, 2, 30, state="confirmed", level="red")
    clues_at(Stage.CLOSED, 4, 40, state="dismissed", level="yellow")
    clues_at(Stage.MERGED, 1, 50)
    clues_at(Stage.CLOSED, 5, 60, state="dismissed", opened_on=LONG_AGO)
    for place, action in enumerate(("return", "return", "visit")):
        clue = Clue.objects.get(household_id="P00000")
        ClueStep.objects.create(
            clue=clue, number=place + 1, action=action, at=now(), on=today, stage_from="township", stage_to="county"
        )
    found = progress_of(Clue.objects.exclude(pk=city.clue.pk), LONG_AGO + timedelta(days=1), today)
    at = {station.stage: station for station in found.stations}
    assert (found.found, found.merged, found.confirmed, found.dismissed, found.closed) == (13, 1, 2, 4, 6)
    assert [at[stage].standing for stage in at] == [0, 3, 0, 0, 2, 1]
    assert [at[stage].reached for stage in at] == [12, 12, 9, 9, 9, 3]
    assert (at[Stage.COUNTY].overdue, found.overdue) == (3, 3)
    assert at[Stage.TOWNSHIP].sent_back == 2
    assert at[Stage.COUNTY].spans == (0, 3, 0, 0, 0)
    assert at[Stage.TOWNSHIP_REVIEW].spans == (2, 0, 0, 0, 0)
    assert at[Stage.COUNTY_REVIEW].spans == (0, 0, 0, 0, 1)
    assert found.in_hand == 6


@pytest.mark.parametrize(("days", "span"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (7, 2), (8, 3), (15, 3), (16, 4)])
def test_every_day_falls_into_one_span(days: int, span: int, city: SimpleNamespace) -> None:
    today = localdate()
    Clue.objects.update(arrived_on=today - timedelta(days=days))
    station = next(each for each in progress_of(Clue.objects.all(), LONG_AGO, today).stations if each.standing)
    assert station.spans == tuple(int(place == span) for place in range(len(SPANS)))


def test_hot_spots_stand_on_the_page_and_small_counts_do_not(city: SimpleNamespace, at_desk: Desk) -> None:
    """Eight of ten households of one village with the same risk, next to two of four hundred elsewhere."""
    Area.objects.create(
        code="500101001002", name="安庆社区居民委员会", level=4, parent_id=TOWNSHIP, scope="500101001002"
    )
    others = [
        Household(
            household_no=f"O{place}",
            area_id="500101001002",
            household_type="一般农户",
            received_on=date(2021, 1, 5),
            delivery=1,
            line=1,
        )
        for place in range(400)
    ]
    Household.objects.bulk_create(others)
    for place in range(2):
        make_clue(others[place], 500 + place, number=f"O{place}-1", risk_type="unsafe_water")
    for place in range(10):
        household = make_household(f"W{place}", VILLAGE, "冉光荣", 100 + place)
        if place < 8:
            make_clue(household, 100 + place, risk_type="unsafe_water")
    spots = at_desk("county").get("/overview/").context["landscape"].spots
    assert [(each.name, each.spot.risk, each.spot.found) for each in spots] == [
        ("高笋塘街道 东方广场社区居民委员会", "unsafe_water", 8)
    ]
    assert spots[0].spot.times == pytest.approx((8 / 12) / (10 / 412))
    page = at_desk("county").get("/overview/").content.decode()
    assert "12 户中 8 户" in page
    assert at_desk("department").get("/overview/").context["landscape"].spots is None


def test_the_map_is_shaded_by_clues_per_thousand_households(city: SimpleNamespace, at_desk: Desk) -> None:
    page = at_desk("city").get("/overview/")
    drawn = {each.place.code: each for each in page.context["map"].places}
    assert (drawn[COUNTY].place.value, drawn[COUNTY].step) == (500.0, "1")
    assert drawn["500102000000"].step == "unknown"
    assert 'aria-label="万州区，每千户 500.0 条，共 1 条"' in page.content.decode()
    below = at_desk("county").get("/overview/").context["map"]
    assert not below.is_map
    assert [each.place.short_name for each in below.places] == ["高笋塘"]


def test_a_department_sees_counts_where_it_may_not_know_the_households(city: SimpleNamespace, at_desk: Desk) -> None:
    page = at_desk("department").get("/overview/")
    assert [each.place.value for each in page.context["map"].places] == [1]
    assert "每千户" not in page.context["map"].places[0].place.words
    text = page.content.decode()
    assert not any(each in text for each in ("None", "每千户", "在册农户"))
    assert all(each in at_desk("county").get("/overview/").content.decode() for each in ("每千户", "在册农户"))


def test_the_wall_names_nobody_and_says_when(city: SimpleNamespace, at_desk: Desk) -> None:
    text = at_desk("county").get("/overview/?wall=1").content.decode()
    main = re.sub(r"<noscript>.*?</noscript>", "", text)
    for name in ("冉光荣", city.household.pk, city.clue.number, "/clues/", "/households/", "county</"):
        assert name not in main, name
    assert f"{localdate():%Y年}" in main
    assert "筛查截至 2021年6月17日" in main
    assert "退出大屏" in main
    assert 'data-follow="?wall=1"' in main
    assert f'href="/areas/{TOWNSHIP}/?wall=1"' in main


@pytest.mark.parametrize("fetched", [{"by_itself": "1"}, {}])
def test_a_wall_that_refreshes_itself_is_not_in_use(fetched: dict, city: SimpleNamespace, at_desk: Desk) -> None:
    """Neither the script's fetch nor the address without one keeps an idle session from ending."""
    client = at_desk("county")
    session = client.session
    session[sessions.SEEN] = sessions.now() - 600
    session.save()
    headers = {} if fetched else {"X-Fragment": "1"}
    assert client.get("/overview/", {"wall": "1"} | fetched, headers=headers).status_code == 200
    assert client.session[sessions.SEEN] <= sessions.now() - 600
    client.get("/overview/?wall=1")
    assert client.session[sessions.SEEN] > sessions.now() - 600


def test_the_wall_counts_ones_own_alone(city: SimpleNamespace, at_desk: Desk) -> None:
    make_clue(make_household("F", FOREIGN_VILLAGE, "冉光明", 24), 24)
    assert at_desk("county").get("/overview/?wall=1").context["landscape"].progress.found == 1
    assert at_desk("city").get("/overview/?wall=1").context["landscape"].progress.found == 2
    assert at_desk("county").get("/areas/500102000000/?wall=1").status_code == 404


def asked(client: Client, url: str) -> int:
    """With nothing counted before: the first time is what counts. The tree of divisions is there from the start."""
    cache.clear()
    tree.tree()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", ["/overview/", "/overview/?wall=1"])
@pytest.mark.parametrize("who", ["city", "county", "department"])
def test_queries_do_not_grow(
    who: str, url: str, city: SimpleNamespace, at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SEEN_EVERY_SECONDS", 3600)  # a session notes its use in two queries more
    client = at_desk(who)
    asked(client, url)
    few = asked(client, url)
    clues_at(Stage.VILLAGE, 40, 0)
    for place in range(10):
        code = f"5001010010{place + 10}"
        Area.objects.create(code=code, name=f"{place}村", level=4, parent_id=TOWNSHIP, scope=code)
        make_clue(make_household(f"V{place}", code, "冉光荣", 300 + place), 300 + place)
    assert asked(client, url) <= few


def test_what_took_long_to_count_is_kept_and_one_who_comes_counts_again(
    monkeypatch: pytest.MonkeyPatch, at_desk: Desk, city: SimpleNamespace
) -> None:
    moment = 0.0
    monkeypatch.setattr(overview, "LONG_SECONDS", -1.0)
    monkeypatch.setattr(overview, "monotonic", lambda: moment)
    counted: list[object] = []
    count = overview.landscape_of

    def counting(request: object, *about: object) -> object:
        counted.append(about)
        if len(counted) == 2:  # while it is counted again, the others are shown what there is
            assert shown() == first
        return count(request, *about)  # type: ignore[arg-type]

    def shown() -> object:
        return at_desk("city").get("/overview/").context["landscape"].counted_at

    monkeypatch.setattr(overview, "landscape_of", counting)
    first = shown()
    moment = overview.KEPT_SECONDS - 1
    assert shown() == first
    moment += 2
    at_desk("city").get("/overview/")
    assert len(counted) == 2
    assert shown() != first
    assert "的情况" in at_desk("city").get("/overview/").content.decode()
