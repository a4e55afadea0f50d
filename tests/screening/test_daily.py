"""Daily screening is full screening: the same clues, however the days went."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.histories import Day, History, both, of_rules, some_days, split, whole_clues
from screening.random_worlds import RandomWorld
from shouwang.deliveries import lake
from shouwang.facts import conditions, effects, register, touched
from shouwang.facts.declaration import Reach
from shouwang.facts.setting import Setting
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack, load_pack
from shouwang.screening import daily
from shouwang.screening.batch import ClueBatch
from shouwang.screening.daily import screen_daily
from shouwang.screening.example_world import ExampleRow
from shouwang.screening.kept import Ground as kept_ground
from shouwang.screening.run import screen

DAY = timedelta(days=1)
NEW_YEAR = date(2021, 1, 1)


@pytest.fixture(autouse=True)
def _however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a little world much is touched; everybody is looked at for other reasons only."""
    monkeypatch.setattr(daily, "MOST", 2.0)
    monkeypatch.setattr(lake, "THREADS", 1)


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), first=st.sampled_from([0.5, 0.8, 0.97]), late=st.booleans())
def test_day_by_day_the_same_as_a_full_run(
    seed: int, first: float, late: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    drawn = RandomWorld(seed, households=60)
    history = History(tmp_path_factory.mktemp("history") / "home")
    day, before = drawn.d - 2 * DAY, None
    for rows, passing in zip(split(drawn, 3, first, chance), some_days(chance, 3), strict=True):
        history.deliver(rows, day - (20 * DAY if late and before else 0 * DAY))
        if before:
            history.decide(day, chance)
        found = both(history.home, day, before)
        assert found.differences() == []
        assert (found.daily.carried is None) == (before is None)
        before, day = found.full, day + passing


@pytest.mark.parametrize(
    ("seed", "rules"),
    [
        (1, ("education.dropout", "labour.none")),
        (2, ("employment.job_loss", "disability.new_severe")),
        (3, ("assistance.ended", "housing.unsafe")),
    ],
)
def test_day_by_day_where_most_households_are_quiet(seed: int, rules: tuple[str, ...], tmp_path: Path) -> None:
    """Whoever is touched where nothing was found is touched by what may make something be found."""
    chance, drawn, history = random.Random(seed), RandomWorld(seed, households=60), History(tmp_path / "home")
    pack, day, before = of_rules(load_pack(), rules), drawn.d - 2 * DAY, None
    for rows, passing in zip(split(drawn, 3, 0.8, chance), some_days(chance, 3), strict=True):
        history.deliver(rows, day)
        found = both(history.home, day, before, pack)
        assert found.differences() == []
        assert before is None or found.daily.looked.total < found.full.households_screened
        before, day = found.full, day + passing


def test_where_most_of_the_register_comes_anew_everybody_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "MOST", 0.5)
    history, pack = History(tmp_path / "home"), of_rules(load_pack(), ("labour.none",))
    people = [lives(number, number) for number in "abcde"]
    history.deliver([*people, *(earns(number, "8000") for number in "abcde")], NEW_YEAR)
    screen_daily(history.home, pack, NEW_YEAR)
    for some, why in ((people[:2], ""), (people[:3], daily.REGISTERED_ANEW)):
        history.deliver([replace(each, values=each.values | {"labour": "无劳动力"}) for each in some], NEW_YEAR + DAY)
        batch = screen_daily(history.home, pack, NEW_YEAR + DAY)
        assert batch.looked.why_everybody == why
        assert len(batch.standing()) == len(some)


@dataclass(frozen=True)
class Kept:
    """A home screened on a day and grown since, with what full runs find before and after; by those rules alone that fire on
    either day."""

    path: Path
    pack: Pack
    before: ClueBatch
    after: ClueBatch

    def differences(self, folder: Path) -> set[str]:
        """The households of which a daily run from here says something else, and whatever else differs."""
        shutil.copytree(self.path, folder)
        batch = self.daily(folder)
        assert batch.carried
        return {each.partition("'")[2].partition("'")[0] or each for each in self.day(batch).differences()}

    def daily(self, folder: Path) -> ClueBatch:
        return screen_daily(Home(folder), self.pack, self.after.as_of)

    def day(self, batch: ClueBatch) -> Day:
        return Day(self.after, batch, whole_clues(self.before))


def kept(folder: Path, known: list[ExampleRow], new: list[ExampleRow], first: date, decided: bool) -> Kept:
    history = History(folder)
    history.deliver(known, first)
    history.deliver(new, first + DAY)
    if decided:
        history.decide_on(first + DAY, "decided")
    whole = [screen(history.home, load_pack(), day) for day in (first, first + DAY)]
    pack = of_rules(load_pack(), (rule for batch in whole for clue in batch.clues for rule in clue.rules))
    before = screen_daily(history.home, pack, first)
    return Kept(folder, pack, before, screen(history.home, pack, first + DAY))


def row(source: str, who: str | None, link: str | None = "linked", **values: Any) -> ExampleRow:
    return ExampleRow(source, NEW_YEAR, values, who, link)


def lives(number: str, who: str, county: str = "", **values: Any) -> ExampleRow:
    """A household of its own county unless that is named."""
    county = county or f"50{sum(map(ord, number)):04d}"
    values = {"household_type": "一般农户", "labour": "普通劳动力", "birth_date": date(1980, 5, 5), **values}
    return row("household_register", who, household_no=number, division_code=f"{county}001001", **values)


def spent(number: str, who: str, on: date) -> ExampleRow:
    values = {"settlement_no": number, "settled_on": on, "care_type": "住院", "out_of_pocket": "25000"}
    return row("medical_settlement", who, **values)


def earns(number: str, amount: str, on: date = NEW_YEAR) -> ExampleRow:
    return row("income_statement", None, None, household_no=number, period_end=on, wage_income=amount)


def enrolled(who: str, year: int) -> ExampleRow:
    return row("medical_enrolment", who, year=year, scheme="居民", status="正常")


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Nothing comes; the last day of the year becomes the first, and each household crosses one boundary."""
    school = {"stage": "初中", "status": "辍学", "status_on": date(2020, 9, 1)}
    unsafe = {"grade": "D", "appraised_on": date(2020, 6, 1)}
    rows = [
        *(lives(number, number) for number in ("within", "months", "up to", "not by", "days ago")),
        lives("year", "year", "500333"),
        lives("died", "died", "500333"),
        lives("aged", "aged", birth_date=date(2005, 1, 1)),
        row("hotline_complaint", "within", complaint_no="1", accepted_on=date(2020, 12, 2), category="生活困难"),
        spent("1", "months", date(2020, 12, 15)),
        row("housing_appraisal", "up to", **(unsafe | {"appraised_on": NEW_YEAR})),
        row("housing_appraisal", "not by", **unsafe, mended_on=NEW_YEAR),
        row("water_fault", "days ago", None, division_code="500999001001", began_on=date(2020, 12, 25)),
        row("school_roll", "aged", **school),
        lives("year", "insured", "500333"),
        enrolled("insured", 2020),
        spent("2", "died", date(2020, 6, 1)),
        row("vital_event", "died", kind="死亡", happened_on=NEW_YEAR),
    ]
    return kept(tmp_path_factory.mktemp("passed") / "home", rows, [], NEW_YEAR - DAY, False)


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """No boundary is near; each household is reached by something that came."""
    on = date(2021, 3, 1)
    at_school = {"stage": "小学"}
    known = [
        *(
            lives(number, number)
            for number in ("row", "superseded", "instead", "from", "to", "decided", "born", "dead", "number", "skilled")
        ),
        *(lives("poor since", who, labour="无劳动力") for who in ("widow", "son", "daughter")),
        lives("poor since", "earner"),
        lives("back at school", "back at school", birth_date=date(2010, 1, 1)),
        row("school_roll", "back at school", **at_school, status="辍学", status_on=date(2020, 9, 1)),
        *(earns(number, "50000") for number in ("row", "to", "number", "village", "decided", "back at school")),
        earns("born", "17000"),
        earns("skilled", "8000"),
        earns("poor since", "25000"),
        lives("village", "village", "500777"),
        lives("born", "parent"),
        lives("insured now", "late", "500555"),
        lives("county", "uninsured", "500444"),
        lives("county's first", "first", "500444"),
        lives("neighbour", "neighbour", "500555"),
        enrolled("neighbour", 2021),
        spent("1", "superseded", on),
        lives("from", "mover"),
        spent("2", "mover", on),
        spent("3", "dead", on),
        row("hotline_complaint", None, "review", complaint_no="1", accepted_on=date(2021, 6, 1), category="生活困难"),
    ]
    new = [
        row("accident_report", "row", outcome="伤残", happened_on=date(2021, 6, 1)),
        spent("1", "instead", on),
        lives("to", "mover"),
        lives("born", "child"),
        earns("number", "100", date(2021, 5, 1)),
        lives("skilled", "skilled", labour="无劳动力"),
        row("vital_event", "earner", kind="死亡", happened_on=date(2021, 6, 16)),
        row("school_roll", "back at school", **at_school, status="在校", status_on=date(2021, 6, 16)),
        enrolled("late", 2021),
        enrolled("first", 2021),
        row("water_fault", None, None, division_code="500777001001", began_on=date(2021, 6, 1)),
        row("vital_event", "dead", kind="死亡", happened_on=date(2021, 6, 16)),
    ]
    return kept(tmp_path_factory.mktemp("came") / "home", known, new, date(2021, 6, 16), True)


def never(self: Any, before: Setting, after: Setting) -> None:
    """No row turns."""


@pytest.mark.parametrize(
    ("condition", "household"),
    [
        (conditions.Within, "within"),
        (conditions.InWholeMonths, "months"),
        (conditions.UpToDay, "up to"),
        (conditions.NotByDay, "not by"),
        (conditions.DaysAgo, "days ago"),
        (conditions.Aged, "aged"),
        (conditions.InYearOfDay, "year"),
    ],
)
def test_a_boundary_that_is_left_out_is_found(
    condition: type, household: str, passed: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition, "turning", never)
    assert household in passed.differences(tmp_path / "home")


Plant = Callable[[pytest.MonkeyPatch], None]


def _what_came(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept_ground, "came_since", lambda self, earlier: [])


def _what_it_said_before(patch: pytest.MonkeyPatch) -> None:
    whole = touched._find_again
    patch.setattr(touched, "_find_again", lambda *told: whole(*told) & set())


def _left_out(place: int) -> "Plant":
    def plant(patch: pytest.MonkeyPatch) -> None:
        whole = touched._were
        patch.setattr(touched, "_were", lambda: [*whole()[:place], *whole()[place + 1 :]])

    return plant


_whose_person, _by_their_number, _with_their_village, _registered_otherwise = map(_left_out, range(4))


def _in_another_household(patch: pytest.MonkeyPatch) -> None:
    _another(patch, "n.household <> w.household", "False")


def _with_another_member(patch: pytest.MonkeyPatch) -> None:
    _another(patch, "n.member <> w.member", "False")


def _another(patch: pytest.MonkeyPatch, said: str, instead: str) -> None:
    whole = touched._registered_otherwise
    patch.setattr(
        touched, "_registered_otherwise", lambda *told: [each.replace(said, instead) for each in whole(*told)]
    )


def _what_may_be_found(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(effects, "of_row", lambda *told: effects.NO_ROW)


def _what_facts_see_of_a_person(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(effects, "of_person", lambda *told: [])


def _what_was_found(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(touched, "FOUND_BEFORE", "False")


def _what_people_said(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept_ground, "persons_decided_since", lambda self, earlier: [])


def _what_is_lacking(patch: pytest.MonkeyPatch) -> None:
    whole = touched._by_source
    without = lambda facts: [replace(each, lacking=None) for each in facts if each.reach is not Reach.COUNTY]  # noqa: E731
    patch.setattr(touched, "_by_source", lambda facts, *days: whole(without(facts), *days))


def _whole_villages(patch: pytest.MonkeyPatch) -> None:
    whole = touched._links
    patch.setattr(touched, "_links", lambda *told: whole(*told).replace("r.division_code", "NULL"))


def _whole_counties(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(touched, "_still_witnessed", lambda *told: True)


@pytest.mark.parametrize(
    ("plant", "household"),
    [
        (_what_came, "row"),
        (_what_it_said_before, "superseded"),
        (_whose_person, "row"),
        (_by_their_number, "number"),
        (_with_their_village, "village"),
        (_registered_otherwise, "born"),
        (_in_another_household, "to"),
        (_with_another_member, "poor since"),
        (_what_may_be_found, "row"),
        (_what_facts_see_of_a_person, "skilled"),
        (_what_was_found, "back at school"),
        (_what_people_said, "decided"),
        (_what_is_lacking, "insured now"),
        (_whole_villages, "village"),
        (_whole_counties, "county"),
    ],
)
def test_a_way_to_a_household_that_is_left_out_is_found(
    plant: Plant, household: str, came: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert household in came.differences(tmp_path / "home")


@pytest.mark.parametrize("which", ["passed", "came"])
def test_each_by_itself_is_looked_at_and_nobody_else(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    there: Kept = request.getfixturevalue(which)
    assert there.differences(tmp_path / "home") == set()
    looked = there.daily(tmp_path / "home").looked
    assert looked.total == 0  # and the next run begins where this one ended


def test_a_death_that_only_the_day_makes_count(passed: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "HAPPENED", Constantly("happened_on"))
    assert "died" in passed.differences(tmp_path / "home")


class Constantly(conditions.UpToDay):
    turning = never  # type: ignore[assignment]
