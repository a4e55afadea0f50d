"""提出消除: the village's visit, the household's signature and the village's reasons, on conditions that were checked from data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.income import Line, reckoned
from shouwang.cases.models import Case, EliminationMode
from shouwang.cases.models import Stage as CaseStage
from shouwang.cases.photos import keep_all, redrawn
from shouwang.cases.steps import locked as locked_case
from shouwang.elimination.conditions import Assessment
from shouwang.elimination.models import Action, Elimination, EliminationStep, Proposal, Stage
from shouwang.elimination.requirements import Requirements
from shouwang.elimination.steps import Order, Stepping, locked
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words

LONGEST_NAME, MOST_VISITORS = 100, 20


@dataclass(frozen=True)
class Inspected:
    """What the village found in the household.

    `income` is by line of the statement over the whole months of `period`; the four dangers are what was seen: True is still
    there. `answers` say by the name of each condition that data left open what the village saw. For a natural end `income`
    is empty, `period` None and the dangers are not asked. `photos` are the bytes of pictures of what was signed.
    """

    visited_on: date
    visitors: Sequence[str]
    consented_on: date
    consented_by: str
    members: int
    reason: str
    income: Mapping[str, Line]
    period: tuple[date, date] | None = None
    dropout: bool | None = None
    unsafe_house: bool | None = None
    uninsured: bool | None = None
    unsafe_water: bool | None = None
    answers: Mapping[str, str] | None = None
    photos: Sequence[bytes] = ()


def propose(case_number: str, order: Order[Requirements], found: Inspected, assessment: Assessment) -> EliminationStep:
    """Proposes the end of a household's risk, or takes up again one that was sent back or objected to.

    Raises:
        Case.DoesNotExist: there is no such case.
        NotOpen: the household is not monitored, an elimination is under way, a condition is not met, or it is not for the user.
        InputError: something is missing or contradicts what is proposed.
    """
    with transaction.atomic():
        case = locked_case(case_number)
        stepping = Stepping(order.acting_user, order.requirements, order.on, order.key)
        before = _already(case, order.key)
        if before is not None:
            return before
        elimination = _begun(case, stepping, assessment)
        stepping.check(elimination, Action.PROPOSE, order.seen)
        require_met(case, assessment, order.on)
        checked = _checked(found, assessment, stepping.requirements, order.on)
        drawn = redrawn(found.photos, stepping.requirements.consent_photos, _("农户签字"))
        changes = {"mode": assessment.mode, "ground": assessment.ground or "", "case_version": case.version}
        step: EliminationStep = stepping.take(
            elimination, Action.PROPOSE, stage=Stage.DELIBERATION, desk=elimination.desk, changes=changes
        )
        made = Proposal.objects.create(elimination=elimination, step=step, **checked)
        made.photos.set(keep_all(drawn, case))
        stepping.finish()
        return step


def _already(case: Case, key: str) -> EliminationStep | None:
    """The step that this very form has taken before."""
    if not key:
        return None
    return EliminationStep.objects.filter(elimination__case=case, key=key, action=Action.PROPOSE).first()


def _begun(case: Case, stepping: Stepping, assessment: Assessment) -> Elimination:
    """The elimination that waits for another visit, or a new one; numbered without gaps, for the case is locked.

    Raises:
        NotOpen: the household is not monitored, or its elimination stands further on.
    """
    standing = case.eliminations.exclude(stage__in=[Stage.REFUSED, Stage.ROLLED_BACK]).first()
    if standing is not None:
        return locked(standing.number)
    if case.stage != CaseStage.INCLUDED:
        raise NotOpen(
            _("案件 {number} 现在“{stage}”，不能提出消除").format(number=case.number, stage=case.get_stage_display()),
            _("只有已纳入监测的农户才能消除风险"),
        )
    earlier = Elimination.objects.filter(case__household=case.household).count()
    return Elimination.objects.create(
        number=f"{case.household_id}-X{earlier + 1:02}",
        case=case,
        area=case.area,
        stage=Stage.INSPECTION,
        desk=line_of(case.area, stepping.on)[Area.VILLAGE],
        mode=assessment.mode,
        ground=assessment.ground or "",
        proposed_on=stepping.on,
    )


def require_met(case: Case, assessment: Assessment, on: date) -> None:
    """Raises NotOpen where a condition is not met, or the check is not one of this household on this day."""
    if assessment.household_no != case.household_id or assessment.on != on:
        raise NotOpen(_("消除条件不是今天核对的"), _("刷新页面，重新核对后再办理"))
    if blocking := assessment.blocking:
        told = "；".join(f"{each.title}：{assessment.found[each.name].words}" for each in blocking)
        raise NotOpen(
            _("不符合消除条件：{told}").format(told=told),
            "；".join(dict.fromkeys(assessment.found[each.name].advice for each in blocking)),
        )


def _checked(found: Inspected, assessment: Assessment, asked: Requirements, on: date) -> dict[str, Any]:
    if not found.visited_on <= on or (on - found.visited_on).days > asked.least_days:
        raise InputError(_("走访日期不对"), _("填写入户核查的日期，不晚于今天"))
    if not found.visited_on <= found.consented_on <= on:
        raise InputError(_("农户确认日期不对"), _("填写农户签字的日期，在走访之后、不晚于今天"))
    checked = {
        "visited_on": found.visited_on,
        "visitors": visitors_of(found.visitors, asked.visitors),
        "consented_on": found.consented_on,
        "consented_by": words(found.consented_by, _("签字人"))[:LONGEST_NAME],
        "members": found.members,
        "line": asked.line,
        "reason": words(found.reason, _("消除理由")),
        "conditions": _as_recorded(assessment),
        "answers": {},
    }
    if assessment.mode == EliminationMode.NATURAL:
        return checked | {"members": 0}
    return checked | _seen(found, assessment, asked.line)


_as_recorded = in_the_language_of_record(Assessment.as_json)


def visitors_of(names: Sequence[str], least: int) -> list[str]:
    """Who went, each named once. Raises InputError where too few went."""
    named = list(dict.fromkeys(words(name, _("走访人员"))[:LONGEST_NAME] for name in names if name.strip()))
    if not least <= len(named) <= MOST_VISITORS:
        raise InputError(_("走访人员至少 {least} 人").format(least=least), _("填写每一位入户人员的姓名"))
    return named


def _seen(found: Inspected, assessment: Assessment, line: Decimal) -> dict[str, Any]:
    """The fields after the end of a risk, B7: the statement, the four dangers, and an answer to what data left open."""
    result = reckoned(found.income, found.members)
    if result.per_capita <= line:
        told = {"income": f"{result.per_capita:,.2f}", "line": f"{line:,.2f}"}
        raise InputError(
            _("核查的人均纯收入{income}元，不高于当年监测线{line}元").format(**told),
            _("核对收入；不符合条件的继续监测帮扶"),
        )
    dangers = {
        "dropout": (found.dropout, _("失学辍学")),
        "unsafe_house": (found.unsafe_house, _("住房安全隐患")),
        "uninsured": (found.uninsured, _("成员未参保")),
        "unsafe_water": (found.unsafe_water, _("饮水安全隐患")),
    }
    for seen, title in dangers.values():
        if seen is None:
            raise InputError(_("请填写有没有{title}").format(title=title), _("逐项核查后填写"))
        if seen:
            raise InputError(_("核查发现还有{title}，不能提出消除").format(title=title), _("解决后再提出"))
    start, end = found.period or (None, None)
    said = found.answers or {}
    return {
        "period_start": start,
        "period_end": end,
        "income": {name: each.as_json() for name, each in found.income.items()},
        "net": result.net,
        "per_capita": result.per_capita,
        "reference_per_capita": result.reference_per_capita,
        **{name: seen for name, (seen, _title) in dangers.items()},
        "answers": {
            each.name: words(said.get(each.name, ""), _("对“{title}”的说明").format(title=each.title))
            for each in assessment.to_settle
        },
    }
