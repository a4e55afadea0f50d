"""From the village's review to the announcement with which a risk has ended; each is one step of the table.

DOMAIN B7: the procedure mirrors the entry. The conditions are checked from data once more at the township, at the county and
at the announcement, so that nothing is decided on what has changed since.
"""

from datetime import timedelta

from django.utils.translation import gettext as _

from shouwang.cases.ending import eliminate
from shouwang.cases.models import EliminationMode
from shouwang.cases.objections import answered, waiting_one
from shouwang.cases.publicity import require_stood
from shouwang.cases.steps import Stepping as CaseStepping
from shouwang.cases.steps import locked as locked_case
from shouwang.elimination.conditions import Assessment
from shouwang.elimination.models import (
    Action,
    Deliberation,
    Elimination,
    EliminationStep,
    Objection,
    Stage,
)
from shouwang.elimination.notices import (
    ANNOUNCEMENT,
    PUBLICITY,
    online_waiting,
    post,
    publicity_of,
    standing_notice,
    take_down,
)
from shouwang.elimination.proposing import LONGEST_NAME, require_met
from shouwang.elimination.steps import Stepping, one_step, take_up
from shouwang.kernel.errors import InputError
from shouwang.proceedings.deliberation import Minutes, has_passed
from shouwang.proceedings.steps import NotOpen, words

LONGEST_PLACE = 200
OF_THE_VILLAGE = (Action.PROPOSE, Action.DELIBERATE, Action.POST_UP, Action.REPORT)


@one_step(Action.DELIBERATE)
def deliberate(found: Elimination, stepping: Stepping, minutes: Minutes) -> EliminationStep:
    """Writes down the democratic review: what passed is posted up, what did not goes to the township as it is.

    Raises:
        InputError: the votes do not add up, the day is wrong, or the minutes are missing.
    """
    proposed = found.proposals.select_related("step")[0]
    record = Deliberation(
        elimination=found, **minutes.checked(proposed.step.on, stepping.on, stepping.requirements.review_share)
    )
    stage = Stage.PUBLICITY if record.passed else Stage.TOWNSHIP_AUDIT
    record.step = take_up(stepping, found, Action.DELIBERATE, stage)
    record.save()
    return record.step


@one_step(Action.POST_UP)
def post_up(found: Elimination, stepping: Stepping, place: str) -> EliminationStep:
    """Posts the notice up in the village. Raises NotOpen where one stands already."""
    if standing_notice(found) is not None:
        raise NotOpen(_("公示已经张贴"), _("期满后报送乡镇"))
    where = words(place, _("张贴地点"))[:LONGEST_PLACE]
    step: EliminationStep = stepping.take(found, Action.POST_UP, told={"reason": where})
    post(found, stepping, step, PUBLICITY, where)
    return step


@one_step(Action.OBJECT)
def object_to(
    found: Elimination, stepping: Stepping, text: str, raised_by: str, online: int | None = None
) -> EliminationStep:
    """Takes up an objection during publicity: the notice comes down and the village looks again.

    Args:
        online: the key of an objection from the public page, whose words are taken as they are.
    """
    if standing_notice(found) is None:
        raise NotOpen(_("还没有张贴公示"), _("先张贴公示"))
    written = waiting_one(publicity_of(found), online) if online is not None else None
    said = words(written.text if written else text, _("异议"))
    by = words(raised_by, _("反映人"), needed=False)[:LONGEST_NAME]
    step = take_up(stepping, found, Action.OBJECT, Stage.INSPECTION, said)
    take_down(found, stepping.on)
    Objection.objects.create(elimination=found, step=step, raised_by=by, text=said, taken_by=stepping.actor)
    if written is not None:
        answered(written, taken_up=True)
    return step


@one_step(Action.SET_ASIDE)
def set_aside(found: Elimination, stepping: Stepping, online: int, reason: str) -> EliminationStep:
    """The township has an objection from the public page not taken up, and says why."""
    written, said = waiting_one(publicity_of(found), online), words(reason, _("不予受理的理由"))
    step: EliminationStep = stepping.take(found, Action.SET_ASIDE, reason=said, told={"objection": written.text})
    answered(written, taken_up=False, reason=said)
    return step


@one_step(Action.REPORT)
def report(found: Elimination, stepping: Stepping) -> EliminationStep:
    """Reports to the township that the notice has stood its days without an objection. Raises NotOpen as `require_stood`."""
    require_stood(standing_notice(found), online_waiting(found), stepping.requirements, stepping.on)
    return take_up(stepping, found, Action.REPORT, Stage.TOWNSHIP_AUDIT)


@one_step(Action.AGREE)
def agree(found: Elimination, stepping: Stepping, opinion: str, assessment: Assessment) -> EliminationStep:
    """The township agrees and hands it to the county.

    Raises:
        NotOpen: the user had a part in it, the village voted against, or a condition is not met any more.
    """
    stepping.require_another(found, Action.PROPOSE, OF_THE_VILLAGE)
    if standing_notice(found) is None:
        raise NotOpen(_("评议没有通过，没有公示，不能同意消除"), _("退回重新评议，或不予消除"))
    require_met(found.case, assessment, stepping.on)
    return take_up(stepping, found, Action.AGREE, Stage.COUNTY_APPROVAL, words(opinion, _("意见"), needed=False))


@one_step(Action.APPROVE)
def approve(found: Elimination, stepping: Stepping, opinion: str, assessment: Assessment) -> EliminationStep:
    """The county approves; the village announces it. Raises NotOpen as `agree`."""
    stepping.require_another(found, Action.PROPOSE, (*OF_THE_VILLAGE, Action.AGREE))
    require_met(found.case, assessment, stepping.on)
    said, changes = words(opinion, _("意见"), needed=False), {"case_version": found.case.version}
    return take_up(stepping, found, Action.APPROVE, Stage.ANNOUNCEMENT, said, changes)


@one_step(Action.REFUSE)
def refuse(found: Elimination, stepping: Stepping, reason: str) -> EliminationStep:
    """Township or county does not eliminate it; the household stays monitored. The county may still do so before the
    announcement, where something has come up."""
    if found.stage != Stage.ANNOUNCEMENT:
        took_part = OF_THE_VILLAGE if found.stage == Stage.TOWNSHIP_AUDIT else (*OF_THE_VILLAGE, Action.AGREE)
        stepping.require_another(found, Action.PROPOSE, took_part)
    said = words(reason, _("不予消除的理由"))
    changes = {"refused_on": stepping.on, "refusal": said}
    step = take_up(stepping, found, Action.REFUSE, Stage.REFUSED, said, changes)
    take_down(found, stepping.on)
    return step


@one_step(Action.WITHDRAW)
def withdraw(found: Elimination, stepping: Stepping, reason: str) -> EliminationStep:
    """The village takes back a proposal that came back to it; the household stays monitored and may be proposed anew."""
    said = words(reason, _("撤回的理由"))
    changes = {"refused_on": stepping.on, "refusal": said}
    return take_up(stepping, found, Action.WITHDRAW, Stage.REFUSED, said, changes)


@one_step(Action.SEND_BACK)
def send_back(found: Elimination, stepping: Stepping, to: str, reason: str) -> EliminationStep:
    """Back to an earlier stage that the table allows; a notice that stood comes down where the village does it again."""
    stepping.require_way_back(found, Action.SEND_BACK, to)
    if to == Stage.PUBLICITY and not has_passed(found, Action.PROPOSE):
        raise InputError(_("民主评议没有通过"), _("退回“民主评议”，或不予消除"))
    step = take_up(stepping, found, Action.SEND_BACK, Stage(to), words(reason, _("退回理由")))
    if to in (Stage.INSPECTION, Stage.DELIBERATION, Stage.PUBLICITY):
        take_down(found, stepping.on)
    return step


@one_step(Action.ANNOUNCE)
def announce(found: Elimination, stepping: Stepping, place: str, assessment: Assessment) -> EliminationStep:
    """Posts the announcement up: with it the risk has ended. An assisted end is watched, a natural one is not.

    Raises:
        NotOpen: a condition is not met any more; the county may take its approval back.
    """
    require_met(found.case, assessment, stepping.on)
    where, natural = words(place, _("张贴地点"))[:LONGEST_PLACE], found.mode == EliminationMode.NATURAL
    until = None if natural else stepping.on + timedelta(days=stepping.requirements.watch_days)
    changes = {"eliminated_on": stepping.on, "watched_until": until}
    stage = Stage.ELIMINATED if natural else Stage.WATCH
    step = take_up(stepping, found, Action.ANNOUNCE, stage, where, changes)
    take_down(found, stepping.on)
    post(found, stepping, step, ANNOUNCEMENT, where)
    _on_the_case(found, stepping)
    return step


def _on_the_case(found: Elimination, stepping: Stepping) -> None:
    ending = CaseStepping(stepping.actor, stepping.requirements, stepping.on)
    eliminate(locked_case(found.case.number), ending, EliminationMode(found.mode), found.number)
    ending.finish()


@one_step(Action.URGE)
def urge(found: Elimination, stepping: Stepping, reason: str) -> EliminationStep:
    """A level above sets an overdue desk a last day; when that passes, it rises again."""
    step: EliminationStep = stepping.urge(found, Action.URGE, reason)
    return step
