"""Collection and comparison: what departments delivered about a household, and what the village learns in the home.

DOMAIN B1 to B3. The comparison is a step of its own, taken by the program when a case begins and by the village whenever
it wants to know anew; without one nothing is collected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from shouwang.cases.income import Line, Reckoning, reckoned
from shouwang.cases.models import MOST_RISKS, Action, Case, CaseStep, Collection, Comparison, MonitorType, Stage
from shouwang.cases.photos import keep_all, redrawn
from shouwang.cases.reading import clues_of
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Stepping, one_step
from shouwang.clues.models import Finding, RiskType
from shouwang.clues.verification import Flag, flags_of
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, words

LONGEST_NAME = 100


@dataclass(frozen=True)
class Delivered:
    """What departments delivered about a household, as `Comparison` keeps it."""

    rows: Sequence[Mapping[str, Any]] = ()
    assets: Sequence[Mapping[str, Any]] = ()
    low_income: str = ""


@one_step(Action.COMPARE)
def compare(case: Case, stepping: Stepping, found: Delivered) -> CaseStep:
    """Writes down what departments have delivered about the household by today."""
    step: CaseStep = stepping.take(case, Action.COMPARE, told={"rows": len(found.rows), "assets": len(found.assets)})
    Comparison.objects.create(
        case=case, step=step, rows=list(found.rows), assets=list(found.assets), low_income=found.low_income
    )
    return step


@dataclass(frozen=True)
class Collected:
    """What the village collected in the home; `answers` explains each review flag and asset by its place, `photos` are the
    bytes of pictures of the signed consent."""

    consented_on: date
    consented_by: str
    members: int
    income: Mapping[str, Line]
    period: tuple[date, date]
    monitor_type: str
    risks: Sequence[str]
    reason: str
    answers: Mapping[Flag, str]
    photos: Sequence[bytes] = ()


@one_step(Action.COLLECT)
def collect(case: Case, stepping: Stepping, found: Collected) -> CaseStep:
    """Hands the household's consent, its income and the village's proposal to the democratic review.

    Raises:
        NotOpen: nothing was compared yet.
        InputError: something is missing or contradicts the type that is proposed; a review flag has no answer; there are
            too few pictures of the consent, or one cannot be read.
    """
    if not case.comparisons.exists():
        raise NotOpen(_("还没有比对部门数据"), _("先比对，再提交采集信息"))
    result = reckoned(found.income, found.members)
    checked = _checked(case, found, result, stepping)
    drawn = redrawn(found.photos, stepping.requirements.consent_photos, _("承诺授权书"))
    changes = {"monitor_type": found.monitor_type, "risks": list(found.risks)}
    step: CaseStep = stepping.take(case, Action.COLLECT, stage=Stage.DELIBERATION, desk=case.desk, changes=changes)
    keep_all(drawn, case, collection=Collection.objects.create(case=case, step=step, **checked))
    return step


def _checked(case: Case, found: Collected, result: Reckoning, stepping: Stepping) -> dict[str, Any]:
    if not case.opened_on - timedelta(days=366) <= found.consented_on <= stepping.on:
        raise InputError(_("承诺授权书的签署日期不对"), _("填写农户签字的日期，不晚于今天"))
    _check_type(case, found, result, stepping.requirements)
    risks = list(found.risks)
    if not 1 <= len(risks) <= MOST_RISKS or len(set(risks)) != len(risks) or set(risks) - set(RiskType.values):
        raise InputError(
            _("请选择 1 到 {most} 项风险，第一项为主要风险").format(most=MOST_RISKS), _("按主次排列，不重复")
        )
    start, end = found.period
    return {
        "consented_on": found.consented_on,
        "consented_by": words(found.consented_by, _("签署人"))[:LONGEST_NAME],
        "period_start": start,
        "period_end": end,
        "members": found.members,
        "income": {name: line.as_json() for name, line in found.income.items()},
        "net": result.net,
        "per_capita": result.per_capita,
        "reference_per_capita": result.reference_per_capita,
        "line": stepping.requirements.line,
        "monitor_type": found.monitor_type,
        "risks": risks,
        "reason": words(found.reason, _("认定理由")),
        "answers": _answered(case, found.answers),
    }


def _check_type(case: Case, found: Collected, result: Reckoning, asked: Requirements) -> None:
    """B1: below the line 脱贫户 are unstable and 一般农户 marginal; who is above it can only be in sudden difficulty."""
    if found.monitor_type not in MonitorType.values:
        raise InputError(_("请选择监测对象类型"), _("三类中选一类"))
    chosen, was_poor = MonitorType(found.monitor_type), case.household.household_type in asked.lifted_types
    line = asked.line
    below = result.per_capita < line
    told = {"type": chosen.label, "income": f"{result.per_capita:,.2f}", "line": f"{line:,.2f}"}
    if chosen == MonitorType.SUDDEN and below:
        right = MonitorType.UNSTABLE if was_poor else MonitorType.MARGINAL
        raise InputError(
            _("人均纯收入{income}元低于监测线{line}元，不是{type}").format(**told),
            _("应为{right}，或核对收入").format(right=right.label),
        )
    if chosen != MonitorType.SUDDEN and not below:
        raise InputError(
            _("人均纯收入{income}元不低于监测线{line}元，不是{type}").format(**told),
            _("因突发事故刚性支出较大或收入大幅缩减的，选突发严重困难户"),
        )
    if chosen == MonitorType.UNSTABLE and not was_poor or chosen == MonitorType.MARGINAL and was_poor:
        raise InputError(
            _("户类型为{kind}，不能认定为{type}").format(kind=case.household.household_type, type=chosen.label),
            _("脱贫户为脱贫不稳定户，一般农户为边缘易致贫户"),
        )


def to_explain(case: Case) -> dict[Flag, str]:
    """What needs an explanation: the review flags of the clues, and the assets of the last comparison, each once."""
    found = {place: str(flag.get("text", "")) for place, flag in flags_of(clues_of(case)).items()}
    comparison = case.comparisons.first()
    if comparison is not None and not comparison.low_income:
        assets = {(each["source"], each["delivery"], each["line"]): str(each["text"]) for each in comparison.assets}
        found = assets | found
    return found


def told_before(case: Case) -> tuple[str, dict[Flag, str]]:
    """What the village wrote when it verified the clues: why they are true, and how it explained each review flag."""
    reasons, answers = dict[str, None](), dict[Flag, str]()
    findings = Finding.objects.filter(clue__in=clues_of(case), conclusion=Finding.Conclusion.CONFIRMED)
    for finding in findings.order_by("pk"):
        reasons[finding.reason] = None
        answers |= {(each["source"], each["delivery"], each["line"]): each["answer"] for each in finding.answers}
    return "；".join(reasons), answers


def type_of(case: Case, result: Reckoning, asked: Requirements) -> MonitorType:
    """The type that follows from the household and its statement (DOMAIN B1)."""
    if result.per_capita >= asked.line:
        return MonitorType.SUDDEN
    return MonitorType.UNSTABLE if case.household.household_type in asked.lifted_types else MonitorType.MARGINAL


def _answered(case: Case, answers: Mapping[Flag, str]) -> list[dict[str, Any]]:
    answered = []
    for place, text in to_explain(case).items():
        source, delivery, line = place
        said = words(answers.get(place, ""), _("对“{text}”的说明").format(text=text))
        answered.append({"source": source, "delivery": delivery, "line": line, "text": text, "answer": said})
    return answered
