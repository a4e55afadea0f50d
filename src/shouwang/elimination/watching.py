"""跟踪监测 and 回退: the visits after the end of a risk, and the way back where the household relapses.

A clue that is confirmed for an eliminated household proposes the way back by itself; township and county decide it, each in
its own office, and nobody about what they proposed themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.ending import roll_back as roll_back_case
from shouwang.cases.models import MOST_RISKS, CaseClue
from shouwang.cases.steps import Stepping as CaseStepping
from shouwang.cases.steps import locked as locked_case
from shouwang.clues.models import RiskType
from shouwang.elimination.models import Action, Elimination, EliminationStep, FollowUp, Relapse, Stage
from shouwang.elimination.proposing import visitors_of
from shouwang.elimination.requirements import Requirements
from shouwang.elimination.steps import Stepping, locked, one_step, take_up
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import words

WATCH_CLOCK = "watch"
BATCH = 500
OF_A_RELAPSE = (Action.RELAPSE,)
OPINIONS = (Action.CONFIRM, Action.DENY)


@dataclass(frozen=True)
class Followed:
    """What was found on a visit after the end of a risk; `worrying`: it gives cause to worry."""

    visited_on: date
    visitors: Sequence[str]
    findings: str
    worrying: bool


@one_step(Action.FOLLOW_UP)
def follow_up(found: Elimination, stepping: Stepping, seen: Followed) -> EliminationStep:
    """Writes a visit of the watch down and starts the clock of the next; the first visit after its last day ends the watch.

    A worrying visit does not end it: the household is to be looked after, and the village may propose the way back.

    Raises:
        InputError: the day is wrong, too few went, or the findings are missing.
    """
    assert found.eliminated_on is not None
    assert found.watched_until is not None
    if not found.eliminated_on <= seen.visited_on <= stepping.on:
        raise InputError(_("走访日期不对"), _("填写消除之后实际走访的日期，不晚于今天"))
    visitors = visitors_of(seen.visitors, 1)
    findings = words(seen.findings, _("走访情况"))
    if stepping.on >= found.watched_until and not seen.worrying:
        step = take_up(stepping, found, Action.FOLLOW_UP, Stage.ELIMINATED, findings)
    else:
        changes = {"raised_to": None}
        step = stepping.take(found, Action.FOLLOW_UP, clock=WATCH_CLOCK, reason=findings, changes=changes)
    FollowUp.objects.create(
        elimination=found,
        step=step,
        visited_on=seen.visited_on,
        visitors=visitors,
        findings=findings,
        worrying=seen.worrying,
    )
    return step


@one_step(Action.RELAPSE)
def relapse(found: Elimination, stepping: Stepping, risks: Sequence[str], reason: str) -> EliminationStep:
    """The village reports that the household has relapsed, for which risks, and hands it to the township."""
    return _relapse(found, stepping, risks_of(risks), words(reason, _("返贫情况")), [])


def risks_of(risks: Sequence[str]) -> list[str]:
    """Risk types, the main one first. Raises InputError where there is none, or something else among them."""
    named = list(dict.fromkeys(each for each in risks if each))
    if not 1 <= len(named) <= MOST_RISKS or set(named) - set(RiskType.values):
        raise InputError(
            _("请选择 1 到 {most} 项风险，第一项为主要风险").format(most=MOST_RISKS), _("按主次排列，不重复")
        )
    return named


def _relapse(
    found: Elimination, stepping: Stepping, risks: list[str], reason: str, clues: list[str]
) -> EliminationStep:
    changes = {"case_version": found.case.version}
    step = take_up(stepping, found, Action.RELAPSE, Stage.RELAPSE_AUDIT, reason, changes)
    Relapse.objects.create(elimination=found, step=step, reason=reason, risks=risks, clues=clues)
    return step


def propose_roll_backs(requirements: Requirements, on: date) -> int:
    """For every eliminated household for which a clue was confirmed since; returns how many. Done again it does nothing."""
    taken = 0
    while some := list(_relapsed().order_by("pk").values_list("number", flat=True)[:BATCH]):
        for number in some:
            taken += _propose_roll_back(number, requirements, on)
    return taken


def _relapsed() -> QuerySet[Elimination]:
    joined = CaseClue.objects.filter(case=OuterRef("case"), step__number__gt=OuterRef("case_version"))
    return Elimination.objects.filter(Exists(joined), stage__in=[Stage.WATCH, Stage.ELIMINATED])


@transaction.atomic
def _propose_roll_back(number: str, requirements: Requirements, on: date) -> int:
    found = locked(number)
    joined = CaseClue.objects.filter(case=found.case, step__number__gt=found.case_version).select_related("clue")
    clues = [each.clue for each in joined.order_by("pk")]
    if not clues or found.stage not in (Stage.WATCH, Stage.ELIMINATED):
        return 0
    stepping = Stepping(None, requirements, on)
    risks = list(dict.fromkeys(clue.risk_type for clue in clues))[:MOST_RISKS]
    _relapse(found, stepping, risks, _confirmed_words([clue.number for clue in clues]), [clue.number for clue in clues])
    stepping.finish()
    return 1


@in_the_language_of_record
def _confirmed_words(numbers: list[str]) -> str:
    return _("消除后线索{numbers}核实属实").format(numbers="、".join(numbers))


@one_step(Action.CONFIRM)
def confirm(found: Elimination, stepping: Stepping, opinion: str) -> EliminationStep:
    """The township finds that the household has relapsed; the county decides."""
    stepping.require_another(found, Action.RELAPSE, OF_A_RELAPSE)
    said = words(opinion, _("意见"), needed=False)
    return take_up(stepping, found, Action.CONFIRM, Stage.RELAPSE_APPROVAL, said)


@one_step(Action.DENY)
def deny(found: Elimination, stepping: Stepping, reason: str) -> EliminationStep:
    """The township finds that it has not, and the county decides; or the county, and the end of the risk stands."""
    said = words(reason, _("不予回退的理由"))
    if found.stage == Stage.RELAPSE_AUDIT:
        stepping.require_another(found, Action.RELAPSE, OF_A_RELAPSE)
        return take_up(stepping, found, Action.DENY, Stage.RELAPSE_APPROVAL, said)
    stepping.require_another(found, Action.RELAPSE, (*OF_A_RELAPSE, *OPINIONS))
    watched = found.watched_until is not None and stepping.on < found.watched_until
    return take_up(stepping, found, Action.DENY, Stage.WATCH if watched else Stage.ELIMINATED, said)


@one_step(Action.ROLL_BACK)
def roll_back(found: Elimination, stepping: Stepping, reason: str) -> EliminationStep:
    """The county has the household monitored again, for the risks that were found now."""
    stepping.require_another(found, Action.RELAPSE, (*OF_A_RELAPSE, *OPINIONS))
    latest = found.relapses.all()[0]
    said = words(reason, _("回退意见"), needed=False) or latest.reason
    changes = {"rolled_back_on": stepping.on}
    step = take_up(stepping, found, Action.ROLL_BACK, Stage.ROLLED_BACK, said, changes)
    returning = CaseStepping(stepping.actor, stepping.requirements, stepping.on)
    roll_back_case(locked_case(found.case.number), returning, latest.risks, said)
    returning.finish()
    return step
