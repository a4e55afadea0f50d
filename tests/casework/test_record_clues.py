"""STANDARD_RULES, "From hits to clues" and "Again tomorrow"."""

from datetime import date, timedelta

import pytest
from desks import SIBLING, batch, batch_clue, evidence
from django.db import IntegrityError, transaction

from shouwang.clues.models import Clue, MonitoringNote, ScreeningRun
from shouwang.households.models import Household
from shouwang.jobs.clues import owners_of, record_clues
from shouwang.jobs.policy import REOPEN_AFTER_DAYS, in_pack
from shouwang.kernel.errors import Failure

pytestmark = pytest.mark.usefixtures("households")
JUNE, JULY = date(2021, 6, 30), date(2021, 7, 31)


def dismiss(on: date = JUNE) -> Clue:
    clue = Clue.objects.get(number="H1-01")
    clue.state, clue.dismissed_on, clue.dismissed_reason = Clue.State.DISMISSED, on, "自费已由亲友承担"
    clue.save()
    return clue


def test_new_clues_are_numbered_within_their_household_without_gaps() -> None:
    recorded = record_clues(
        batch(JUNE, batch_clue("H1", level="red"), batch_clue("H2"), batch_clue("H1", "disability", "red"))
    )
    assert recorded.new == {"red": 2, "yellow": 1}
    assert recorded.updated == {}
    assert sorted(Clue.objects.values_list("number", "risk_type")) == [
        ("H1-01", "illness"),
        ("H1-02", "disability"),
        ("H2-01", "illness"),
    ]
    record_clues(batch(JULY, batch_clue("H1", "schooling")))
    assert Clue.objects.get(risk_type="schooling").number == "H1-03"


def test_an_open_clue_takes_new_evidence_and_stays_one() -> None:
    record_clues(batch(JUNE, batch_clue(lines=[2])))
    recorded = record_clues(batch(JULY, batch_clue(level="orange", lines=[2, 3])))
    assert (recorded.new, recorded.updated) == ({}, {"orange": 1})
    clue = Clue.objects.get()
    assert (clue.opened_on, clue.last_seen_on, clue.level) == (JUNE, JULY, "orange")
    assert clue.evidence == evidence([2, 3])


def test_an_older_day_never_overwrites_newer_evidence() -> None:
    record_clues(batch(JULY, batch_clue(lines=[2, 3])))
    recorded = record_clues(batch(JUNE, batch_clue(level="red", lines=[2])))
    assert (recorded.new, recorded.updated, len(recorded.standing)) == ({}, {}, 1)
    clue = Clue.objects.get()
    assert (clue.last_seen_on, clue.level, clue.evidence) == (JULY, "yellow", evidence([2, 3]))


def test_a_monitored_household_gets_a_note_and_no_clue() -> None:
    record_clues(batch(JUNE, batch_clue()))
    Clue.objects.update(state=Clue.State.MONITORED)
    for _ in range(2):
        recorded = record_clues(batch(JULY, batch_clue(level="red", lines=[5])))
        assert (recorded.new, recorded.updated, recorded.standing, recorded.noted) == ({}, {}, [], 1)
    note = MonitoringNote.objects.get()
    assert (note.clue.number, note.as_of, note.level) == ("H1-01", JULY, "red")
    assert Clue.objects.get().evidence == evidence([2])


def test_a_dismissed_clue_does_not_come_back_on_the_same_rows() -> None:
    record_clues(batch(JUNE, batch_clue(lines=[2, 3])))
    dismiss()
    recorded = record_clues(batch(JULY, batch_clue(lines=[3])))
    assert (recorded.new, recorded.suppressed, recorded.standing) == ({}, 1, [])
    assert Clue.objects.count() == 1


def test_a_new_source_row_reopens_the_question_with_the_earlier_finding() -> None:
    record_clues(batch(JUNE, batch_clue(lines=[2])))
    dismissed = dismiss()
    recorded = record_clues(batch(JULY, batch_clue(lines=[2, 9])))
    assert (recorded.new, recorded.suppressed) == ({"yellow": 1}, 0)
    again = Clue.objects.get(number="H1-02")
    assert (again.earlier, again.opened_on, again.state) == (dismissed, JULY, Clue.State.OPEN)
    dismissed.refresh_from_db()
    assert dismissed.state == Clue.State.DISMISSED


def test_the_question_reopens_when_the_days_of_the_pack_are_over() -> None:
    record_clues(batch(JUNE, batch_clue()))
    dismiss(on=JUNE)
    days = int(str(in_pack(REOPEN_AFTER_DAYS, JUNE)))
    assert days == 180
    day_before = record_clues(batch(JUNE + timedelta(days=days - 1), batch_clue()))
    assert (day_before.new, day_before.suppressed) == ({}, 1)
    on_the_day = record_clues(batch(JUNE + timedelta(days=days), batch_clue()))
    assert (on_the_day.new, on_the_day.suppressed) == ({"yellow": 1}, 0)
    assert Clue.objects.get(number="H1-02").earlier_id == Clue.objects.get(number="H1-01").pk


def test_a_day_before_the_dismissal_reopens_nothing() -> None:
    record_clues(batch(JUNE, batch_clue(lines=[2])))
    dismiss(on=JULY)
    assert record_clues(batch(JUNE, batch_clue(lines=[2, 9]))).suppressed == 1


def test_beyond_the_listed_rows_a_greater_number_tells_a_new_one() -> None:
    record_clues(batch(JUNE, batch_clue(lines=[2, 3], total=300)))
    dismiss()
    assert record_clues(batch(JULY, batch_clue(lines=[2, 3], total=300))).suppressed == 1
    assert record_clues(batch(JULY, batch_clue(lines=[2, 3], total=301))).new == {"yellow": 1}


def test_recording_the_same_batch_again_changes_nothing() -> None:
    same = batch(JUNE, batch_clue(), batch_clue("H2", level="red"))
    first = record_clues(same)
    before = list(Clue.objects.order_by("pk").values()), list(ScreeningRun.objects.values())
    second = record_clues(same)
    assert first.standing == second.standing
    assert (list(Clue.objects.order_by("pk").values()), list(ScreeningRun.objects.values())) == before
    run = ScreeningRun.objects.get()
    assert (run.new, run.standing, run.state) == ({"yellow": 1, "red": 1}, {"yellow": 1, "red": 1}, "done")


def test_a_run_that_finds_what_was_found_before_takes_its_place() -> None:
    record_clues(batch(JUNE, batch_clue()))
    asked = ScreeningRun.objects.create(as_of=JUNE, known_at=JUNE, state=ScreeningRun.State.RUNNING)
    record_clues(batch(JUNE, batch_clue()), run=asked)
    run = ScreeningRun.objects.get()
    assert (run.pk, run.state, run.new) == (asked.pk, "done", {"yellow": 1})
    record_clues(batch(JUNE, batch_clue(lines=[2, 3])))
    assert ScreeningRun.objects.count() == 2


def test_a_dry_run_says_the_same_and_writes_nothing() -> None:
    tried = record_clues(batch(JUNE, batch_clue()), dry_run=True)
    assert not Clue.objects.exists()
    assert not ScreeningRun.objects.exists()
    done = record_clues(batch(JUNE, batch_clue()))
    assert (tried.new, tried.standing) == (done.new, done.standing)


def test_a_clue_stands_where_its_household_lives_now() -> None:
    Household.objects.filter(pk="H1").update(area_id=SIBLING)
    record_clues(batch(JUNE, batch_clue()))
    assert Clue.objects.get().area_id == SIBLING


def test_an_unknown_household_fails_and_records_nothing() -> None:
    with pytest.raises(Failure, match="1 户"):
        record_clues(batch(JUNE, batch_clue(), batch_clue("H9")))
    assert not Clue.objects.exists()


def test_the_database_itself_refuses_two_open_clues_of_one_risk() -> None:
    record_clues(batch(JUNE, batch_clue()))
    clue = Clue.objects.get()
    clue.pk, clue.number = None, "H1-02"
    with pytest.raises(IntegrityError), transaction.atomic():
        clue.save()


def test_owners_are_the_departments_of_the_rows() -> None:
    assert owners_of(evidence([2])) == "|医保|"
    assert owners_of(evidence([2], source="asset_record")) == "|不动产|公安|市场监管|财政|"
    assert owners_of({}) == ""
