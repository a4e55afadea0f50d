"""Three doors, one register of clues: what households and cadres report meets what screening finds in one clue."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from completeness import check_everything
from desks import CITY, ENDED_VILLAGE, TOWNSHIP, VILLAGE, batch, batch_clue
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from offices import ON, Desk, asked, make_people, open_clue

from shouwang.accounts.models import User
from shouwang.audit.models import Entry
from shouwang.clues import verification
from shouwang.clues.models import Channel, Clue, ClueSource, MonitoringNote
from shouwang.clues.reading import clues_visible_to
from shouwang.clues.reporting import take_report
from shouwang.clues.steps import NotOpen
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.kernel.errors import InputError

pytestmark = pytest.mark.usefixtures("households", "home")
SAID = "母亲住院，自己付了三万多"


@pytest.fixture
def people(households: object) -> dict[str, User]:
    return make_people()


def report(household: str = "H1", risk: str = "illness", reference: str = "SB-1", **more: Any) -> Clue:
    told: dict[str, Any] = {"channel": Channel.SELF_REPORT, "text": SAID, "on": ON, "acting_user": None}
    found = Household.objects.get(pk=household)
    return take_report(found, risk, reference=reference, requirements=asked(), **(told | more))


def sources(clue: Clue) -> list[tuple[str, str]]:
    return list(clue.sources.values_list("channel", "reference"))


def test_a_report_opens_a_clue_on_the_townships_desk_with_its_clock_running(people: Mapping[str, User]) -> None:
    clue = report(acting_user=people["village"])
    assert (clue.number, clue.level, clue.stage, clue.desk_id) == ("H1-01", "yellow", "township", TOWNSHIP)
    assert (clue.opened_on, clue.due_on) == (ON, asked().due("township", ON))
    assert (clue.evidence, clue.rules, clue.owners) == ({}, [], "")
    assert clue.reasons == f"农户自主申报：{SAID}"
    assert sources(clue) == [("self_report", "SB-1")]
    entry = Entry.objects.get(action="clue_reported")
    assert (entry.actor, entry.subject, entry.area) == ("village", "H1-01", VILLAGE)
    assert "SB-1" in entry.detail
    assert SAID not in entry.detail
    check_everything({"H1-01"})
    closed = Desk(people).bring(_at_the_city(clue, people), "closed")
    assert (closed.state, closed.stage) == ("confirmed", "closed")


def _at_the_city(clue: Clue, people: Mapping[str, User]) -> Clue:
    """Back up the line, so that the whole way can be gone from there."""
    from shouwang.clues import handling

    handling.give_back(clue.number, reason="先退回", **Desk(people).by("township"))
    handling.give_back(clue.number, reason="先退回", **Desk(people).by("county"))
    return Clue.objects.get(pk=clue.pk)


def test_no_department_sees_what_was_only_reported(people: Mapping[str, User]) -> None:
    clue = report()
    assert clue not in clues_visible_to(people["department"])
    assert clue in clues_visible_to(people["village"])
    record_clues(batch(ON, batch_clue()))
    assert clue in clues_visible_to(people["department"])


def test_the_same_report_again_is_the_same_clue() -> None:
    first, entries = report(), Entry.objects.count()
    assert report(text="换一种说法") == first
    assert ClueSource.objects.get().text == SAID
    assert (Clue.objects.count(), Entry.objects.count()) == (1, entries)
    other_risk = report(risk="schooling")
    assert other_risk.number == "H1-02"


def test_a_report_joins_what_screening_found_and_loses_nothing_of_it() -> None:
    found = open_clue(level="orange")
    clue = report()
    assert clue == found
    assert (clue.level, clue.reasons, clue.version) == ("orange", found.reasons, found.version)
    assert sources(clue) == [("screening", ""), ("self_report", "SB-1")]
    assert report(reference="PC-7", channel=Channel.SWEEP) == found
    assert len(sources(clue)) == 3


def test_screening_joins_what_was_reported_and_the_words_stay(people: Mapping[str, User]) -> None:
    clue = report()
    for day in (ON, ON, ON + timedelta(days=1)):
        recorded = record_clues(batch(day, batch_clue(level="red", lines=[2, 3])))
        assert (recorded.new, recorded.updated) == ({}, {"red": 1})
    clue.refresh_from_db()
    assert (clue.level, clue.opened_on, clue.desk_id) == ("red", ON, TOWNSHIP)
    assert "个人自付" in clue.reasons
    assert sources(clue) == [("self_report", "SB-1"), ("screening", "")]
    assert clue.sources.first().text == SAID
    check_everything({"H1-01"})


def test_screening_of_an_earlier_day_still_adds_its_rows_to_what_was_only_reported() -> None:
    clue, before = report(), ON - timedelta(days=17)
    assert record_clues(batch(before, batch_clue())).updated == {"yellow": 1}
    clue.refresh_from_db()
    assert (clue.last_seen_on, bool(clue.evidence)) == (before, True)
    assert record_clues(batch(before - timedelta(days=1), batch_clue(level="red"))).updated == {}


def test_screening_names_itself_once_for_every_clue_whether_run_again_or_not() -> None:
    for day in (ON, ON, ON + timedelta(days=30)):
        record_clues(batch(day, batch_clue(), batch_clue("H2")))
    rows = ClueSource.objects.values_list("clue__number", "channel", "reference", "received_on")
    assert sorted(rows) == [("H1-01", "screening", "", ON), ("H2-01", "screening", "", ON)]


def test_what_was_found_true_before_takes_a_report_as_a_note_and_a_source(people: Mapping[str, User]) -> None:
    closed = Desk(people).bring(open_clue(), "closed")
    for _ in range(2):
        assert report() == closed
    note = MonitoringNote.objects.get()
    assert (note.channel, note.reference, note.reasons, note.as_of) == ("self_report", "SB-1", SAID, ON)
    record_clues(batch(ON, batch_clue(lines=[9])))
    record_clues(batch(ON, batch_clue(lines=[9])))
    assert sorted(MonitoringNote.objects.values_list("channel", flat=True)) == ["screening", "self_report"]
    assert sources(closed) == [("screening", ""), ("self_report", "SB-1")]
    assert Clue.objects.count() == 1


def test_where_what_followed_has_ended_the_question_is_asked_afresh(people: Mapping[str, User]) -> None:
    closed = Desk(people).bring(open_clue(), "closed")
    again = report(afresh=True)
    assert (again.number, again.earlier, again.stage) == ("H1-02", closed, "township")
    assert report(afresh=True) == again
    assert not MonitoringNote.objects.exists()


def test_a_dismissed_question_that_somebody_asks_is_open_again(people: Mapping[str, User]) -> None:
    dismissed = Desk(people).bring(open_clue(), "closed", "dismiss")
    again = report()
    assert (again.number, again.earlier, again.state) == ("H1-02", dismissed, "open")
    assert record_clues(batch(ON, batch_clue())).updated == {"yellow": 1}


def test_a_dismissal_is_not_agreed_over_a_report_that_came_after_it(people: Mapping[str, User]) -> None:
    desk = Desk(people)
    clue = desk.bring(open_clue(), "township_review", "dismiss")
    report()
    with pytest.raises(NotOpen, match="H1-01 又有新的依据"):
        verification.agree(clue.number, **desk.by("township"))
    verification.send_back(clue.number, reason="户里又来申报", **desk.by("township"))
    desk.submit(clue.number, "dismiss")
    verification.agree(clue.number, **desk.by("township"))
    clue.refresh_from_db()
    assert clue.state == "dismissed"


def below_the_line(household: str = "H1", income: str = "5000.00") -> None:
    found = batch_clue(household, "other")
    (hit,) = found.evidence.values()
    hit |= {"rule": "income.below_line", "facts": {"net_income": income}}
    found.evidence.clear()
    found.evidence["income.below_line"] = hit
    record_clues(batch(ON, replace(found, rules=("income.below_line",))))


def test_the_level_follows_from_what_departments_said_of_the_household() -> None:
    below_the_line()
    assert report().level == "red"
    open_clue("H2", "disability")
    assert report("H2", reference="SB-2").level == "orange"
    below_the_line("H3", "6000.00")  # as much as the line
    assert report("H3", reference="SB-3", risk="other").level == "yellow"
    assert report("H4", reference="SB-4").level == "yellow"


def test_grading_is_the_packs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    grade = asked().grade
    assert grade(["income.below_line"], {"net_income": "5999.99", "members": 1}, 1) == "red"
    assert grade(["income.below_line"], {"net_income": "11999.99", "members": 2}, 1) == "red"
    assert grade([], {"net_income": "12000", "members": 2}, 1) == "yellow"
    assert grade([], {"net_income": "not said", "members": 2}, 1) == "yellow"
    assert grade([], {}, 2) == "orange"
    from shouwang.jobs import handling

    in_pack = handling.in_pack
    monkeypatch.setattr(
        handling, "in_pack", lambda name, on: Decimal(3) if name == "level.orange_risk_types" else in_pack(name, on)
    )
    assert grade([], {}, 2) == "yellow"


@pytest.mark.parametrize(
    "fault",
    [
        {"risk": "boredom"},
        {"reference": ""},
        {"text": "  "},
        {"text": "字" * 1001},
        {"channel": Channel.SCREENING},
    ],
    ids=str,
)
def test_a_report_without_what_it_needs_is_refused_in_words(fault: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"."):
        report(**fault)
    assert not Clue.objects.exists()


def test_identity_numbers_in_what_was_said_are_masked() -> None:
    clue = report(text="我是11010519491231002X的儿子")
    assert "11010519491231002X" not in clue.reasons + clue.sources.get().text


def test_a_household_whose_township_is_gone_comes_to_the_next_office_above() -> None:
    Household.objects.filter(pk="H1").update(area_id=ENDED_VILLAGE)
    clue = report()
    assert clue.desk is not None
    assert clue.desk.valid_to is None or clue.desk.successor_id is None
    assert clue.due_on is not None
    Household.objects.filter(pk="H2").update(area_id=CITY)
    assert report("H2").desk_id == CITY


def test_sources_are_written_once() -> None:
    source = report().sources.get()
    source.text = "改了"
    with pytest.raises(PermissionDenied):
        source.save()
    with pytest.raises(PermissionDenied):
        ClueSource.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClueSource.objects.create(
            clue=source.clue, channel=source.channel, reference="SB-1", received_on=date(2021, 7, 1), text="又"
        )
