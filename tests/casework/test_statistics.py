"""Statistics: counted once more by hand, summed up without loss, filled again after every stop."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from desks import CITY, COUNTY, ENDED_COUNTY, NEW_COUNTY, VILLAGE, make_areas
from django.db import transaction
from django.utils.timezone import now
from identifying import Office
from offices import make_people

from runtime_role import emptied
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.clues.models import Clue, ClueSource, ClueStep
from shouwang.households.models import Household
from shouwang.jobs import statistics
from shouwang.statistics import reading
from shouwang.statistics.declaration import Additive, Ratio
from shouwang.statistics.declared import ADDITIVE, ASSIST_RATE, STATISTICS
from shouwang.statistics.models import Cut, Figure, Filling
from shouwang.statistics.precision import FEWEST, wilson, worst_first

TODAY = date(2021, 8, 20)
RISKS = ["illness", "schooling", "accident"]
WAY = ["city", "county", "township", "village", "township_review"]
MONTHS = tuple(date(2021, month, 1) for month in range(1, 9))
pytestmark = pytest.mark.usefixtures("db", "home")


@pytest.fixture(scope="module")
def clues(rows_of_the_file: None, django_db_blocker: Any) -> list[Clue]:
    """Three hundred clues at every place of their way, from every village, one every few hours; and the figures of them."""
    with django_db_blocker.unblock():
        make_areas()
        made = _make_clues()
        statistics.fill(TODAY)
        return made


@pytest.fixture
def areas(clues: list[Clue], db: None) -> None:
    """Those of the file."""


def _make_clues() -> list[Clue]:
    die, made = random.Random(7), []
    villages = list(Area.objects.filter(level=Area.VILLAGE))
    for number in range(300):
        area = die.choice(villages)
        household = Household.objects.create(
            household_no=f"S{number}", area=area, household_type="一般农户", head_name="冉", received_on=TODAY,
            delivery=1, line=2,
        )  # fmt: skip
        opened = date(2021, 1, 5) + timedelta(days=die.randrange(200))
        state = die.choice(["open", "confirmed", "dismissed"])
        clue = Clue.objects.create(
            number=f"S{number}-01", household=household, area=area, risk_type=die.choice(RISKS), level="yellow",
            state=state, opened_on=opened, last_seen_on=opened, reasons="…", stage="closed" if state != "open" else "new",
            rules=die.sample(["rule.a", "rule.b", "rule.c"], die.randint(1, 2)), owners=die.choice(["|医保|", "|医保|民政|"]),
        )  # fmt: skip
        channels = ["screening"] if die.random() < 0.7 else ["self_report", "screening"]
        for channel in channels:
            ClueSource.objects.create(clue=clue, channel=channel, received_on=opened, text="…")
        _walk(clue, die)
        made.append(clue)
    return made


def _walk(clue: Clue, die: random.Random) -> None:
    """The steps of a clue; those that are decided went all the way, and some were urged in between, once or twice."""
    day, due, last = clue.opened_on, None, len(WAY) if clue.state != "open" else die.randint(0, 3)
    line = ["new", *WAY[: last + 1], "closed"][: last + 2] if clue.state == "open" else ["new", *WAY, "closed"]
    number = 0
    for begin, end in zip(line, line[1:], strict=False):
        due = day + timedelta(days=2) if end != "closed" else None
        number += 1
        ClueStep.objects.create(
            clue=clue, number=number, action="dispatch", stage_from=begin, stage_to=end, on=day, at=now(), due_on=due
        )
        for _ in range(die.choice([0, 0, 0, 1, 2]) if end != "closed" else 0):
            number += 1
            ClueStep.objects.create(
                clue=clue, number=number, action="urge", stage_from=end, stage_to=end, on=day, at=now(),
                due_on=day + timedelta(days=9),
            )  # fmt: skip
        day += timedelta(days=die.randint(0, 4))


def by_hand(clues: list[Clue]) -> Counter[tuple[str, str, date, str, str]]:
    """The same numbers of villages, counted one by one."""
    found = Counter[tuple[str, str, date, str, str]]()
    for clue in clues:
        channels = {source.channel for source in clue.sources.all()}
        of = [("", ""), ("risk", clue.risk_type), *(("channel", each) for each in channels)]
        of += [("rule", each) for each in clue.rules] + [
            ("department", each) for each in clue.owners.strip("|").split("|")
        ]
        for cut, value in of:
            found["clues.found", clue.area_id, clue.opened_on.replace(day=1), cut, value] += 1
        before = None
        for step in clue.steps.exclude(action="urge").order_by("number"):
            month = step.on.replace(day=1)
            if step.stage_to == "closed":
                for cut, value in of:
                    found["clues.decided", clue.area_id, month, cut, value] += 1
                    if clue.state == "confirmed":
                        found["clues.confirmed", clue.area_id, month, cut, value] += 1
            if before is not None and before.due_on is not None and step.stage_from in WAY:
                for cut, value in (("", ""), ("risk", clue.risk_type)):
                    found[f"clues.{step.stage_from}.taken", clue.area_id, month, cut, value] += 1
                    if step.on <= before.due_on:
                        found[f"clues.{step.stage_from}.in_time", clue.area_id, month, cut, value] += 1
            before = step
    return found


def figures(level: int) -> dict[tuple[str, str, date, str, str], int]:
    rows = Figure.objects.filter(area__level=level).values_list("statistic", "area", "month", "cut", "of", "value")
    return {tuple(key): value for *key, value in rows}


def unsummed(on: date) -> list[str]:
    """Where the figures of an area are not the sum of the villages that stand in it on a day."""
    wrong = []
    above: dict[str, list[str]] = {}
    for village in Area.objects.filter(level=Area.VILLAGE):
        line, each = [], village.parent
        while each is not None:
            if each.successor and each.valid_to and each.valid_to <= on:
                each = each.successor
            line.append(each.pk)
            each = each.parent
        above[village.pk] = line
    sums = Counter[tuple[str, str, date, str, str]]()
    for (statistic, area, *rest), value in figures(Area.VILLAGE).items():
        for code in above[area]:
            sums[statistic, code, *rest] += value
    level_of = dict(Area.objects.values_list("code", "level"))
    for level in (Area.TOWNSHIP, Area.COUNTY, Area.CITY):
        found = figures(level)
        wanted = {key: value for key, value in sums.items() if level_of[key[1]] == level}
        wrong += [f"{key}: {found.get(key)} for {wanted.get(key)}" for key in found.keys() | wanted.keys()
                  if found.get(key) != wanted.get(key)]  # fmt: skip
    return wrong


def test_the_figures_of_villages_are_those_counted_by_hand(clues: list[Clue]) -> None:
    assert figures(Area.VILLAGE) == by_hand(clues)


def test_villages_add_up_to_township_county_and_city(clues: list[Clue]) -> None:
    assert unsummed(TODAY) == []
    asked = reading.Asked(MONTHS)
    city = reading.series_of(Area.objects.get(pk=CITY), asked)
    assert city.whole(STATISTICS["clues.found"]) == len(clues)
    ended = Area.objects.filter(pk=ENDED_COUNTY, valid_to__lte=date(2026, 7, 1)).exists()
    statistics.fill(date(2026, 7, 1))
    assert Figure.objects.filter(area=NEW_COUNTY).exists() == ended
    assert not (ended and Figure.objects.filter(area=ENDED_COUNTY).exists())
    assert unsummed(date(2026, 7, 1)) == []


def test_a_number_that_does_not_add_up_is_found(clues: list[Clue]) -> None:
    """The check on a planted fault."""
    one = Figure.objects.filter(area__level=Area.TOWNSHIP).first()
    Figure.objects.filter(pk=one.pk).update(value=one.value + 1)
    assert len(unsummed(TODAY)) == 1
    Figure.objects.filter(pk=one.pk).update(value=one.value)
    lost = Figure.objects.filter(area__level=Area.COUNTY).first()
    Figure.objects.filter(pk=lost.pk).delete()
    assert len(unsummed(TODAY)) == 1


def test_again_it_is_the_same_and_stopped_it_goes_on(clues: list[Clue], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {level: figures(level) for level, _ in Area.LEVELS}
    assert statistics.fill(TODAY) == 0
    emptied(Filling.objects.all())
    sum_up, calls = statistics._sum_up, []

    def stop(*told: object) -> None:
        calls.append(told)
        if len(calls) > 7:
            raise KeyboardInterrupt
        sum_up(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(statistics, "_sum_up", stop)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        statistics.fill(TODAY)
    monkeypatch.setattr(statistics, "_sum_up", sum_up)
    statistics.fill(TODAY)
    assert {level: figures(level) for level, _ in Area.LEVELS} == whole
    assert reading.filled_up_to() == TODAY


def test_the_assist_rate_counts_monitored_households_with_an_active_measure(areas: None, households: object) -> None:
    Clue.objects.update(stage="closed")  # those of the file come to no desk meanwhile
    office = Office(make_people())
    case = office.bring(office.open(), "included")
    statistics.fill(case.included_on + timedelta(days=40), again=True)
    county = Area.objects.get(pk=COUNTY)
    month = case.included_on.replace(day=1)
    series = reading.series_of(county, reading.Asked((month,)))
    assert (series.at(ASSIST_RATE, month), series.parts(ASSIST_RATE)) == (0, (0, 1))
    assert series.whole(STATISTICS["cases.included"]) == 1
    by_type = reading.series_of(county, reading.Asked((month,), Cut.TYPE, "marginal"))
    assert by_type.whole(STATISTICS["cases.monitored"]) == 1
    assert reading.series_of(county, reading.Asked((month,), Cut.TYPE, "sudden")).whole(ASSIST_RATE) is None
    assert unsummed(TODAY) == []


def test_everybody_sees_their_own_area_and_a_department_its_own_clues(clues: list[Clue]) -> None:
    people = make_people()
    county, village, whole = Area.objects.get(pk=COUNTY), Area.objects.get(pk=VILLAGE), reading.Asked(MONTHS)

    def open_to(name: str, area: Area, asked: reading.Asked = whole) -> reading.Asked | None:
        return reading.open_to(scope_of(User.objects.get(pk=people[name].pk), TODAY), area, asked)

    assert open_to("county", county) == whole
    assert open_to("village", village) == whole
    assert open_to("village", county) is None
    assert open_to("foreign_county", county) is None
    assert open_to("system_admin", county) is None
    own = reading.Asked(MONTHS, Cut.DEPARTMENT, "医保")
    assert open_to("department", county) == own
    assert open_to("department", county, reading.Asked(MONTHS, Cut.DEPARTMENT, "民政")) == own
    assert open_to("department", village, reading.Asked(MONTHS, Cut.RISK, "illness")) == own


def test_every_statistic_says_what_it_is() -> None:
    assert {each.code for each in ADDITIVE} == {code for each in STATISTICS.values() for code in each.codes}
    for each in STATISTICS.values():
        assert str(each.title)
        assert len(str(each.definition)) > 8
        assert each.document
        assert isinstance(each, Ratio) or str(each.unit)
        assert not isinstance(each, Additive) or bool(each.month) != each.stock
    assert [each.code for each in STATISTICS.values() if getattr(each, "binding", None)] == ["assistance.rate"]


def test_precision_stands_with_its_interval_and_only_where_enough_were_decided() -> None:
    low, high = wilson(8, 40)  # 0.105 to 0.348, R: binom::binom.wilson(8, 40)
    assert (round(low, 4), round(high, 4)) == (0.105, 0.3476)
    assert wilson(0, 30)[0] == 0
    assert round(wilson(30, 30)[0], 4) == 0.8865
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)
    decided = {"a": 200, "b": 40, "c": FEWEST - 1, "d": FEWEST}
    found = worst_first(decided, {"a": 40, "b": 8, "c": 0, "d": 20})
    assert [each.name for each in found] == ["a", "b", "d", "c"]
    assert [each.share for each in found] == [0.2, 0.2, 1.0, None]


def test_precision_of_rules_departments_and_channels_comes_from_what_was_decided(clues: list[Clue]) -> None:
    city = Area.objects.get(pk=CITY)
    found = {each.name: each for each in reading.precision_in(city, Cut.RULE)}
    for rule in ("rule.a", "rule.b", "rule.c"):
        decided = [clue for clue in clues if rule in clue.rules and clue.state != "open"]
        confirmed = sum(clue.state == "confirmed" for clue in decided)
        assert (found[rule].decided, found[rule].confirmed) == (len(decided), confirmed)
    assert [each.name for each in reading.precision_in(city, Cut.RULE, ["rule.b"])] == ["rule.b"]
    assert {each.name for each in reading.precision_in(city, Cut.DEPARTMENT)} == {"医保", "民政"}
    assert {each.name for each in reading.precision_in(city, Cut.CHANNEL)} == {"screening", "self_report"}
