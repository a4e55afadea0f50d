"""What people decide about a case, from the democratic review to its inclusion or refusal; each is one step of the table.

DOMAIN B1 and B2. Nobody alone: whoever collected, deliberated or reported does not agree, and whoever agreed for the township
does not approve for the county.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.cases.flow import NOT_STANDING
from shouwang.cases.green_channel import let_help_begin, require_found_true
from shouwang.cases.models import Action, Case, CaseStep, Deliberation, Notice, RefusalTold, Stage
from shouwang.cases.publicity import LONGEST_PLACE, make_notice, standing_notice, take_down_publicity
from shouwang.cases.reading import clues_of
from shouwang.cases.steps import Stepping, one_step, take_up
from shouwang.clues.monitoring import monitor
from shouwang.kernel.errors import InputError
from shouwang.proceedings.deliberation import Minutes, has_passed
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words

LONGEST_NAME = 100
# Whoever did one of these since the case was collected last neither agrees nor approves; and who agreed does not approve.
OF_THE_VILLAGE = (Action.COLLECT, Action.DELIBERATE, Action.POST_UP, Action.REPORT, Action.WITHDRAW)


@dataclass(frozen=True)
class Told:
    """That a household was told of a refusal; `way` is of `RefusalTold.Way`."""

    told_on: date
    told_to: str
    way: str


@one_step(Action.DELIBERATE)
def deliberate(case: Case, stepping: Stepping, minutes: Minutes) -> CaseStep:
    """Writes down the democratic review: what passed is posted up, what did not goes to the township as it is.

    Raises:
        InputError: the votes do not add up, the day is wrong, or the minutes are missing.
    """
    collected = case.collections.select_related("step")[0]
    record = Deliberation(
        case=case, **minutes.checked(collected.step.on, stepping.on, stepping.requirements.review_share)
    )
    stage = Stage.PUBLICITY if record.passed else Stage.TOWNSHIP_AUDIT
    record.step = take_up(stepping, case, Action.DELIBERATE, stage)
    record.save()
    return record.step


@one_step(Action.WITHDRAW)
def withdraw(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """The village says why the procedure cannot go on: nobody signs, the household moved away or died out. The township
    decides: it refuses or sends back."""
    said = words(reason, _("终止识别的理由"))
    return take_up(stepping, case, Action.WITHDRAW, Stage.TOWNSHIP_AUDIT, said)


@one_step(Action.AGREE)
def agree(case: Case, stepping: Stepping, opinion: str) -> CaseStep:
    """The township agrees and hands the case to the county. Raises NotOpen where the user had a part in it, or the
    village voted against."""
    stepping.require_another(case, Action.COLLECT, OF_THE_VILLAGE)
    if standing_notice(case) is None:
        raise NotOpen(_("评议没有通过或没有公示，不能同意纳入"), _("退回村里，或不予纳入"))
    require_found_true(case)
    return take_up(stepping, case, Action.AGREE, Stage.COUNTY_APPROVAL, words(opinion, _("意见"), needed=False))


@one_step(Action.APPROVE)
def approve(case: Case, stepping: Stepping, opinion: str) -> CaseStep:
    """The county approves; the village announces it. Raises NotOpen where the user had a part in it."""
    stepping.require_another(case, Action.COLLECT, (*OF_THE_VILLAGE, Action.AGREE))
    return take_up(stepping, case, Action.APPROVE, Stage.ANNOUNCEMENT, words(opinion, _("意见"), needed=False))


@one_step(Action.REFUSE)
def refuse(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """Township or county does not include the household; the village tells it the reasons.

    Raises:
        NotOpen: the user had a part in it, or refused the same household before it was checked again.
    """
    if case.steps.filter(action=Action.REFUSE, actor=stepping.actor).exists():
        raise NotOpen(_("这一户由您不予纳入过，复查后不能再由您不予纳入"), _("请同单位的另一位同志办理"))
    took_part = OF_THE_VILLAGE if case.stage == Stage.TOWNSHIP_AUDIT else (*OF_THE_VILLAGE, Action.AGREE)
    stepping.require_another(case, Action.COLLECT, took_part)
    said = words(reason, _("不予纳入的理由"))
    changes = {"refused_on": stepping.on, "refusal": said}
    step = take_up(stepping, case, Action.REFUSE, Stage.REFUSAL_NOTICE, said, changes)
    take_down_publicity(case, stepping.on)
    return step


@one_step(Action.NOTIFY)
def notify(case: Case, stepping: Stepping, told: Told) -> CaseStep:
    """The household has been told why it is not included, and that it may ask the township for a re-check.

    Raises:
        InputError: the day, the person or the way is missing or cannot be.
    """
    if case.refused_on is None or not case.refused_on <= told.told_on <= stepping.on:
        raise InputError(_("告知日期须在不予纳入之后、不晚于今天"), _("填写实际告知的日期"))
    if told.way not in RefusalTold.Way.values:
        raise InputError(_("请选择告知方式"), _("当面、书面、电话或张贴公告"))
    to = words(told.told_to, _("被告知人"))[:LONGEST_NAME]
    township: Area = line_of(case.area, stepping.on)[Area.TOWNSHIP]
    step: CaseStep = stepping.take(case, Action.NOTIFY, stage=Stage.REFUSED, desk=township)
    RefusalTold.objects.create(
        case=case, step=step, told_on=told.told_on, told_to=to, way=told.way, refusal=case.refusal
    )
    return step


@one_step(Action.SEND_BACK)
def send_back(case: Case, stepping: Stepping, to: str, reason: str) -> CaseStep:
    """Back to an earlier stage that the table allows; a notice that stood comes down where the review is done again.

    Raises:
        InputError: the table does not allow it, or what goes before that stage was not done.
    """
    stepping.require_way_back(case, Action.SEND_BACK, to)
    if to in (Stage.DELIBERATION, Stage.PUBLICITY) and not _is_collected(case):
        raise InputError(_("村里还没有采集信息"), _("退回“采集信息”"))
    if to == Stage.PUBLICITY and not has_passed(case, Action.COLLECT):
        raise InputError(_("民主评议没有通过"), _("退回“民主评议”，或不予纳入"))
    said = words(reason, _("退回理由"))
    step = take_up(stepping, case, Action.SEND_BACK, Stage(to), said)
    if to in (Stage.COLLECTION, Stage.DELIBERATION, Stage.PUBLICITY):
        take_down_publicity(case, stepping.on)
    return step


def _is_collected(case: Case) -> bool:
    """Whether the village collected what is needed, after the case last came to it for that."""
    last = case.steps.filter(Q(action=Action.COLLECT) | Q(stage_from=Stage.COLLECTION, action=Action.WITHDRAW)).last()
    return last is not None and last.action == Action.COLLECT


@one_step(Action.ANNOUNCE)
def announce(case: Case, stepping: Stepping, place: str) -> CaseStep:
    """Posts the announcement up: with it the household is included."""
    where = words(place, _("张贴地点"))[:LONGEST_PLACE]
    changes = {"included_on": stepping.on}
    step: CaseStep = stepping.take(
        case, Action.ANNOUNCE, stage=Stage.INCLUDED, desk=case.desk, reason=where, changes=changes
    )
    take_down_publicity(case, stepping.on)
    monitor(clues_of(case))
    until = stepping.on + timedelta(days=stepping.requirements.publicity_days)
    make_notice(case, step, Notice.Kind.ANNOUNCEMENT, where, stepping.on, until)
    return step


@one_step(Action.RECHECK)
def recheck(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """The household does not accept a refusal: its township has the village look again, also where the county refused.

    Raises:
        NotOpen: the household has another case by now.
    """
    if case.household.cases.exclude(stage__in=NOT_STANDING).exists():
        raise NotOpen(_("这一户已另有案件"), _("在那一件中办理"))
    said = words(reason, _("复查理由"))
    changes = {"refused_on": None, "refusal": ""}
    return take_up(stepping, case, Action.RECHECK, Stage.COLLECTION, said, changes)


@one_step(Action.HELP_FIRST)
def help_first(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """绿色通道: help may begin before the procedure has ended, for a sudden disaster or the like."""
    if case.help_first:
        raise NotOpen(_("已经先行帮扶"), _("不必重复"))
    return let_help_begin(case, stepping, words(reason, _("先行帮扶的理由")))


@one_step(Action.URGE)
def urge(case: Case, stepping: Stepping, reason: str) -> CaseStep:
    """A level above sets an overdue desk a last day; when that passes, the case rises again."""
    step: CaseStep = stepping.urge(case, Action.URGE, reason)
    return step
