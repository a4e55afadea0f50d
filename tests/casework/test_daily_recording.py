"""What a daily screening leaves on the desk is what a full one leaves, whatever people did meanwhile."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import VILLAGE, batch, batch_clue
from django.db import transaction

from screening.histories import History, split
from screening.random_worlds import RandomWorld
from shouwang.clues.models import Clue, ClueSource, MonitoringNote, ScreeningRun
from shouwang.households.models import Household
from shouwang.jobs import left_standing
from shouwang.jobs.clues import record_clues
from shouwang.jobs.screening import ground_of_last_run
from shouwang.policy.pack import load_pack
from shouwang.screening import daily
from shouwang.screening.batch import ClueBatch
from shouwang.screening.daily import screen_daily
from shouwang.screening.run import screen

OF_CLUE = ("number", "area", "level", "state", "opened_on", "last_seen_on", "rules", "reasons", "evidence", "flags")
OF_CLUE += ("owners", "stage", "earlier__number", "dismissed_on")
OF_NOTE = ("clue__number", "channel", "reference", "as_of", "last_seen_on", "level", "rules", "reasons", "evidence")
JUNE = date(2021, 6, 30)


def desk() -> dict[str, Any]:
    """All that a screening leaves, by what people call it."""
    sources = ClueSource.objects.values_list("clue__number", "channel", "reference", "received_on", "text")
    return {
        "clues": list(Clue.objects.order_by("number").values_list(*OF_CLUE)),
        "notes": list(MonitoringNote.objects.values_list(*OF_NOTE).order_by("clue__number", "reference", "as_of")),
        "sources": sorted(sources),
    }


def after_a_full_run(batch: ClueBatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """The desk as it would be, and the counts of the run; nothing is left of it."""
    with transaction.atomic():
        recorded = record_clues(batch, on=batch.as_of)
        left = desk()
        transaction.set_rollback(True)
    return left, {"new": recorded.new, "updated": recorded.updated, "suppressed": recorded.suppressed,
                  "noted": recorded.noted, "standing": [(c.household_no, c.risk_type, c.level) for c in recorded.standing]}  # fmt: skip


def people_act(chance: random.Random, on: date) -> None:
    """Some clues are dismissed, some found true, some of these monitored; a case ends and the question is asked anew."""
    for clue in Clue.objects.exclude(state=Clue.State.DISMISSED).order_by("number"):
        clue.state = chance.choice(
            [clue.state] * 5 + [Clue.State.DISMISSED, Clue.State.CONFIRMED, Clue.State.MONITORED]
        )
        if clue.state == Clue.State.DISMISSED:
            clue.dismissed_on, clue.dismissed_reason = on, "家庭已有着落"
        clue.save()


def days_of(drawn: RandomWorld) -> Iterable[date]:
    return (drawn.d + timedelta(days=days) for days in (1, 2, 4))


class EverybodyHasANote:
    """As if whoever was found true since the last screening had heard of what still stands."""

    def get(self, *told: object) -> int:
        return 0


@pytest.mark.usefixtures("areas")
def test_day_by_day_the_desk_is_as_after_a_full_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "MOST", 2.0)
    chance, drawn, pack = random.Random(3), RandomWorld(5, households=40), load_pack()
    for number in drawn.households:
        Household.objects.create(household_no=number, area_id=VILLAGE, household_type="一般农户", head_name="冉",
                                 member_count=1, received_on=drawn.d, delivery=1, line=2)  # fmt: skip
    history, carried = History(tmp_path / "home"), 0
    for day, rows in zip(days_of(drawn), split(drawn, 3, 0.95, chance), strict=True):
        history.deliver(rows, min(day, drawn.d))
        full, counts = after_a_full_run(screen(history.home, pack, day))
        batch = screen_daily(history.home, pack, day, recorded=ground_of_last_run())
        if batch.carried and carried:
            with monkeypatch.context() as plant:
                plant.setattr(left_standing, "_notes_of", lambda day: EverybodyHasANote())
                assert after_a_full_run(batch)[0] != full
        assert after_a_full_run(batch) == (full, counts)
        record_clues(batch, on=day)
        carried += len(batch.carried.keys) if batch.carried else 0
        people_act(chance, day)
    assert carried > 20
    assert MonitoringNote.objects.exclude(last_seen_on=None).exists()


@pytest.mark.usefixtures("households")
def test_the_same_finding_keeps_the_words_of_its_day() -> None:
    record_clues(batch(JUNE, batch_clue()))
    before = Clue.objects.get()
    later = batch(JUNE + timedelta(days=1), batch_clue())
    later.clues[0].evidence[next(iter(before.evidence))]["reason"] = "次日的窗口"
    assert record_clues(later).updated == {"yellow": 1}
    after = Clue.objects.get()
    assert (after.last_seen_on, after.reasons, after.evidence) == (later.as_of, before.reasons, before.evidence)


@pytest.mark.usefixtures("households")
def test_a_note_is_made_once_and_told_how_long_it_held() -> None:
    record_clues(batch(JUNE, batch_clue()))
    Clue.objects.update(state=Clue.State.MONITORED)
    days = [JUNE + timedelta(days=day) for day in (1, 2, 3)]
    for day in days:
        assert record_clues(batch(day, batch_clue(lines=[5]))).noted == 1
    assert list(MonitoringNote.objects.values_list("as_of", "last_seen_on")) == [(days[0], days[2])]
    record_clues(batch(days[2] + timedelta(days=1), batch_clue(lines=[5, 6])))
    assert MonitoringNote.objects.count() == 2


@pytest.mark.usefixtures("areas")
def test_where_another_screening_was_recorded_everybody_is_looked_at(tmp_path: Path) -> None:
    history, drawn = History(tmp_path / "home"), RandomWorld(5, households=20)
    history.deliver(drawn.rows, drawn.d)
    screen_daily(history.home, load_pack(), drawn.d)
    ScreeningRun.objects.create(as_of=drawn.d, known_at=drawn.d, digest="another")
    again = screen_daily(history.home, load_pack(), drawn.d, recorded=ground_of_last_run())
    assert (again.carried, again.looked.why_everybody) == (None, daily.NOT_RECORDED)
