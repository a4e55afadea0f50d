"""What people do about a case, from the household's consent to its inclusion; each is one step of the table.

DOMAIN B1 and B2. Nobody alone: whoever collected, deliberated or reported does not agree, and whoever agreed for the township
does not approve for the county.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.cases.flow import LEVEL_OF
from shouwang.cases.income import Line, Reckoning, reckoned
from shouwang.cases.models import (
    MOST_RISKS,
    Action,
    Case,
    CaseStep,
    Collection,
    Deliberation,
    MonitorType,
    Notice,
    Objection,
    Stage,
)
from shouwang.cases.notices import text_of
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Stepping, locked
from shouwang.clues.models import Clue, RiskType
from shouwang.clues.verification import Flag, flags_of
from shouwang.kernel.errors import InputError
from shouwang.proceedings.clocks import URGED
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words

P = ParamSpec("P")
ONCE_POOR = "脱贫户"
LONGEST_NAME, LONGEST_PLACE = 100, 200
# Whoever did one of these since the case was collected last neither agrees nor approves; and who agreed does not approve.
OF_THE_VILLAGE = (Action.COLLECT, Action.DELIBERATE, Action.POST_UP, Action.REPORT)


@dataclass(frozen=True)
class Order:
    """Who acts, by which requirements, on which day; `seen` is the version on the screen, `key` that of the form."""

    acting_user: User
    requirements: Requirements
    on: date
    seen: int | None = None
    key: str = ""


Do = Callable[Concatenate[Case, Stepping, P], CaseStep]
Carried = Callable[Concatenate[str, Order, P], CaseStep]


def one_step(action: Action) -> Callable[[Do[P]], Carried[P]]:
    """An order of one step: the case by its number under its lock, once for each form, refused where the table says no or
    somebody was first, with its audit entry at the end of the transaction."""

    def of(do: Do[P]) -> Carried[P]:
        @wraps(do)
        def carried_out(number: str, order: Order, /, *args: P.args, **named: P.kwargs) -> CaseStep:
            with transaction.atomic():
                case, stepping = locked(number), Stepping(order.acting_user, order.requirements, order.on, order.key)
                before: CaseStep | None = stepping.already(case)
                if before is not None:
                    return before
                stepping.check(case, action, order.seen)
                step = do(case, stepping, *args, **named)
                stepping.finish()
                return step

        return carried_out

    return of


@dataclass(frozen=True)
class Collected:
    """What the village collected in the home; `answers` explains each review flag by its place."""

    consented_on: date
    consented_by: str
    members: int
    income: Mapping[str, Line]
    period: tuple[date, date]
    monitor_type: str
    risks: Sequence[str]
    reason: str
    answers: Mapping[Flag, str]


@dataclass(frozen=True)
class Minutes:
    """What a village's democratic review decided."""

    held_on: date
    chair: str
    present: int
    votes_for: int
    votes_against: int
    text: str


@one_step(Action.COLLECT)
def collect(case: Case, stepping: Stepping, found: Collected) -> CaseStep:
    """Hands the household's consent, its income and the village's proposal to the democratic review.

    Raises:
        InputError: something is missing or contradicts the type that is proposed; a review flag has no answer.
    """
    result = reckoned(found.income, found.members)
    checked = _checked(case, found, result, stepping)
    changes = {"monitor_type": found.monitor_type, "risks": list(found.risks)}
    step: CaseStep = stepping.take(case, Action.COLLECT, stage=Stage.DELIBERATION, desk=case.desk, changes=changes)
    Collection.objects.create(case=case, step=step, **checked)
    return step


def _checked(case: Case, found: Collected, result: Reckoning, stepping: Stepping) -> dict[str, Any]:
    if not case.opened_on - timedelta(days=366) <= found.consented_on <= stepping.on:
        raise InputError(_("承诺授权书的签署日期不对"), _("填写农户签字的日期，不晚于今天"))
    _check_type(case, found, result, stepping.requirements.line)
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


def _check_type(case: Case, found: Collected, result: Reckoning, line: Decimal) -> None:
    """B1: below the line 脱贫户 are unstable and 一般农户 marginal; who is above it can only be in sudden difficulty."""
    if found.monitor_type not in MonitorType.values:
        raise InputError(_("请选择监测对象类型"), _("三类中选一类"))
    chosen, was_poor = MonitorType(found.monitor_type), case.household.household_type == ONCE_POOR
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


def clues_of(case: Case) -> list[Clue]:
    """The clues on which a case rests, the oldest first."""
    return list(Clue.objects.filter(case_clue__case=case).order_by("pk"))


def _answered(case: Case, answers: Mapping[Flag, str]) -> list[dict[str, Any]]:
    answered = []
    for place, flag in flags_of(clues_of(case)).items():
        source, delivery, line = place
        said = words(answers.get(place, ""), _("对“{text}”的说明").format(text=flag.get("text", "")))
        answered.append({"source": source, "delivery": delivery, "line": line, "text": flag["text"], "answer": said})
    return answered


@one_step(Action.DELIBERATE)
def deliberate(case: Case, stepping: Stepping, minutes: Minutes) -> CaseStep:
    """Writes down the democratic review: what passed is posted up, what did not goes to the township as it is.

    Raises:
        InputError: the votes do not add up, the day is wrong, or the minutes are missing.
    """
    collected = _latest(case.collections)
    if not collected.step.on <= minutes.held_on <= stepping.on:
        raise InputError(_("评议日期须在采集之后、不晚于今天"), _("填写实际评议的日期"))
    if minutes.present < 1 or min(minutes.votes_for, minutes.votes_against) < 0:
        raise InputError(_("到会人数和票数不对"), _("按评议记录填写"))
    if minutes.votes_for + minutes.votes_against > minutes.present:
        raise InputError(_("同意票与不同意票之和超过到会人数"), _("核对票数"))
    record = Deliberation(
        case=case,
        held_on=minutes.held_on,
        chair=words(minutes.chair, _("主持人"))[:LONGEST_NAME],
        present=minutes.present,
        votes_for=minutes.votes_for,
        votes_against=minutes.votes_against,
        minutes=words(minutes.text, _("评议记录")),
    )
    stage = Stage.PUBLICITY if record.passed else Stage.TOWNSHIP_AUDIT
    step = _take_up(stepping, case, Action.DELIBERATE, stage)
    record.step = step
    record.save()
    return step


@one_step(Action.POST_UP)
def post_up(case: Case, stepping: Stepping, place: str) -> CaseStep:
    """Posts the notice up in the village: it stands for the days of the pack, the day of posting not counted.

    Raises:
        NotOpen: a notice stands already.
    """
    if standing_notice(case) is not None:
        raise NotOpen(_("公示已经张贴"), _("期满后报送乡镇"))
    where = words(place, _("张贴地点"))[:LONGEST_PLACE]
    step: CaseStep = stepping.take(case, Action.POST_UP, told={"reason": where})
    until = stepping.on + timedelta(days=stepping.requirements.publicity_days)
    _notice(case, step, Notice.Kind.PUBLICITY, where, stepping.on, until)
    return step


def _notice(case: Case, step: CaseStep, kind: Notice.Kind, where: str, on: date, until: date) -> Notice:
    text = text_of(case, kind, on, until)
    return Notice.objects.create(
        case=case, step=step, kind=kind, text=text, place=where, posted_on=on, stands_until=until
    )


def standing_notice(case: Case) -> Notice | None:
    """The publicity of the present round: posted up since the last review, and not taken down."""
    return case.notices.filter(kind=Notice.Kind.PUBLICITY, taken_down_on=None).first()


@one_step(Action.OBJECT)
def object_to(case: Case, stepping: Stepping, text: str, raised_by: str) -> CaseStep:
    """Takes up an objection during publicity: the notice comes down and the village looks again.

    Raises:
        NotOpen: no notice stands.
    """
    if standing_notice(case) is None:
        raise NotOpen(_("还没有张贴公示"), _("先张贴公示"))
    said = words(text, _("异议"))
    by = words(raised_by, _("反映人"), needed=False)[:LONGEST_NAME]
    step: CaseStep = stepping.take(case, Action.OBJECT, stage=Stage.COLLECTION, desk=case.desk, reason=said)
    _take_down(case, stepping.on)
    Objection.objects.create(case=case, step=step, raised_by=by, text=said, taken_by=stepping.actor)
    return step


def _take_down(case: Case, on: date) -> None:
    case.notices.filter(kind=Notice.Kind.PUBLICITY, taken_down_on=None).update(taken_down_on=on)


@one_step(Action.REPORT)
def report(case: Case, stepping: Stepping) -> CaseStep:
    """Reports to the township that the notice has stood its days without an objection.

    Raises:
        NotOpen: the notice was not posted up, or has not stood long enough.
    """
    notice = standing_notice(case)
    if notice is None:
        raise NotOpen(_("还没有张贴公示"), _("先张贴公示"))
    if stepping.on <= notice.stands_until:
        raise NotOpen(_("公示到 {until} 才满").format(until=notice.stands_until), _("期满没有异议后再报送"))
    return _take_up(stepping, case, Action.REPORT, Stage.TOWNSHIP_AUDIT)


@one_step(Action.AGREE)
def agree(case: Case, stepping: Stepping, opinion: str) -> CaseStep:
    """The township agrees and hands the case to the county. Raises NotOpen where the user had a part in it, or the
    village voted against."""
    _require_another(case, stepping.actor)
    if standing_notice(case) is None:
        raise NotOpen(_("评议没有通过，没有公示，不能同意纳入"), _("退回重新评议，或不予纳入"))
    return _take_up(stepping, case, Action.AGREE, Stage.COUNTY_APPROVAL, words(opinion, _("意见"), needed=False))


@one_step(Action.APPROVE)
def approve(case: Case, stepping: Stepping, opinion: str) -> CaseStep:
    """The county approves; the village announces it. Raises NotOpen where the user had a part in it."""
    _require_another(case, stepping.actor)
    return _take_up(stepping, case, Action.APPROVE, Stage.ANNOUNCEMENT, words(opinion, _("意见"), needed=False))


@one_step(Action.REFUSE)
def refuse(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """Township or county does not include the household; the reasons are told to it, and it may ask for a re-check."""
    _require_another(case, stepping.actor)
    said = words(reason, _("不予纳入的理由"))
    changes = {"refused_on": stepping.on, "refusal": said}
    step: CaseStep = stepping.take(
        case, Action.REFUSE, stage=Stage.REFUSED, desk=case.desk, reason=said, changes=changes
    )
    _take_down(case, stepping.on)
    return step


@one_step(Action.SEND_BACK)
def send_back(case: Case, stepping: Stepping, to: str, reason: str) -> CaseStep:
    """Back to an earlier stage that the table allows; a notice that stood comes down where the review is done again."""
    move = stepping.lifecycle.move_of(case.stage, Action.SEND_BACK)
    if move is None or to not in move.to:
        raise InputError(_("不能退回到这一环节"), _("重新选择"))
    said = words(reason, _("退回理由"))
    step = _take_up(stepping, case, Action.SEND_BACK, Stage(to), said)
    if to in (Stage.COLLECTION, Stage.DELIBERATION, Stage.PUBLICITY):
        _take_down(case, stepping.on)
    return step


@one_step(Action.ANNOUNCE)
def announce(case: Case, stepping: Stepping, place: str) -> CaseStep:
    """Posts the announcement up: with it the household is included."""
    where = words(place, _("张贴地点"))[:LONGEST_PLACE]
    changes = {"included_on": stepping.on}
    step: CaseStep = stepping.take(
        case, Action.ANNOUNCE, stage=Stage.INCLUDED, desk=case.desk, reason=where, changes=changes
    )
    _take_down(case, stepping.on)
    until = stepping.on + timedelta(days=stepping.requirements.publicity_days)
    _notice(case, step, Notice.Kind.ANNOUNCEMENT, where, stepping.on, until)
    return step


@one_step(Action.RECHECK)
def recheck(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """The household does not accept a refusal: the township has the village look again.

    Raises:
        NotOpen: the household has another case by now.
    """
    if Case.objects.filter(household=case.household).exclude(stage=Stage.REFUSED).exists():
        raise NotOpen(_("这一户已另有案件"), _("在那一件中办理"))
    said = words(reason, _("复查理由"))
    changes = {"refused_on": None, "refusal": ""}
    return _take_up(stepping, case, Action.RECHECK, Stage.COLLECTION, said, changes)


@one_step(Action.HELP_FIRST)
def help_first(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """绿色通道: help may begin before the procedure has ended, for a sudden disaster or the like."""
    if case.help_first:
        raise NotOpen(_("已经先行帮扶"), _("不必重复"))
    said = words(reason, _("先行帮扶的理由"))
    step: CaseStep = stepping.take(case, Action.HELP_FIRST, reason=said, changes={"help_first": said})
    return step


@one_step(Action.URGE)
def urge(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """A level above sets an overdue desk a last day; when that passes, the case rises again."""
    if case.due_on is None or case.due_on >= stepping.on:
        raise NotOpen(_("案件 {number} 还没有逾期").format(number=case.number), _("到期后再催办"))
    step: CaseStep = stepping.take(case, Action.URGE, clock=URGED, reason=words(reason, _("催办意见")))
    return step


def _take_up(
    stepping: Stepping,
    case: Case,
    action: Action,
    stage: Stage,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> CaseStep:
    """To the desk of the stage's level on the case's own line."""
    desk: Area = line_of(case.area, stepping.on)[LEVEL_OF[stage]]
    return stepping.take(case, action, stage=stage, desk=desk, reason=reason, changes=changes)  # type: ignore[no-any-return]


def _latest(records: Any) -> Any:
    found: QuerySet[Any] = records.select_related("step")
    return found[0]


def _require_another(case: Case, acting_user: User | None) -> None:
    last = case.steps.filter(action=Action.COLLECT).order_by("-number").values_list("number", flat=True).first() or 0
    took_part = OF_THE_VILLAGE if case.stage == Stage.TOWNSHIP_AUDIT else (*OF_THE_VILLAGE, Action.AGREE)
    if case.steps.filter(number__gte=last, action__in=took_part, actor=acting_user).exists():
        raise NotOpen(_("办理过前面环节的人不能再审核、审定"), _("请同单位的另一位同志办理"))
