"""What the desk does about a report: matched to a household it becomes a clue; otherwise it is closed with a reason and by two
people. Each is one step of the table.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.cases import identification
from shouwang.cases.models import Action as CaseAction
from shouwang.cases.models import Case
from shouwang.cases.models import Stage as CaseStage
from shouwang.cases.reading import has_ended
from shouwang.clues.models import Action as ClueAction
from shouwang.clues.models import Channel, Clue, ClueStep, RiskType
from shouwang.clues.reporting import take_report
from shouwang.declarations.models import Action, Declaration, DeclarationStep, Stage
from shouwang.declarations.steps import Order, Stepping, one_step
from shouwang.declarations.telling import AGAIN, clues_of
from shouwang.households.models import Household
from shouwang.households.reading import household_visible_to
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words


@one_step(Action.LINK)
def link(
    found: Declaration, stepping: Stepping, household_no: str, risks: Sequence[str], insider: bool
) -> DeclarationStep:
    """Says whose household it is: the report becomes a clue for each risk, or joins those that stand.

    Args:
        insider: whoever reported belongs to the household, and may be told what comes of it.

    Raises:
        InputError: the household is none that the acting user sees, or there is no risk.
    """
    try:
        household = household_visible_to(stepping.user, household_no.strip())
    except Household.DoesNotExist:
        raise InputError(_("没有找到这一户"), _("在您辖区的农户中选择，或退回由上级改派")) from None
    chosen = list(dict.fromkeys(risks))
    if not chosen or any(each not in RiskType.values for each in chosen):
        raise InputError(_("请选择风险类型"), _("按申报的内容选择"))
    step: DeclarationStep = stepping.take(
        found,
        Action.LINK,
        stage=Stage.LINKED,
        desk=found.desk,
        changes={"household": household, "insider": insider and not found.anonymous, "risks": chosen},
        told={"household": household.pk},
    )
    for each in chosen:
        _into_the_register(found, household, each, stepping, words_of(found), found.number)
    return step


def words_of(found: Declaration) -> str:
    """What the clue says of a report: for whom, what, and somebody's own words."""
    risks = "、".join(str(RiskType(each).label) for each in found.risks)
    return "；".join(each for each in (f"{found.about}：{risks}", found.said, found.place) if each)


def _into_the_register(
    found: Declaration, household: Household, risk: str, stepping: Stepping, text: str, reference: str
) -> Clue:
    return take_report(
        household,
        risk,
        channel=Channel.SELF_REPORT,
        reference=reference,
        text=text,
        requirements=stepping.requirements.clues,
        on=stepping.on,
        acting_user=stepping.actor,
        afresh=has_ended(household, risk),
    )


@one_step(Action.PASS_DOWN)
def pass_down(found: Declaration, stepping: Stepping, to: Area, reason: str) -> DeclarationStep:
    """Has a village of the township find out whose household it is. Raises InputError for any other place."""
    if to.level != Area.VILLAGE or line_of(to, stepping.on).get(Area.TOWNSHIP) != found.desk:
        raise InputError(_("请选择本乡镇的村"), _("重新选择"))
    said = words(reason, _("要核对什么"), needed=False)
    step: DeclarationStep = stepping.take(found, Action.PASS_DOWN, stage=Stage.VILLAGE, desk=to, reason=said)
    return step


@one_step(Action.GIVE_BACK)
def give_back(found: Declaration, stepping: Stepping, reason: str) -> DeclarationStep:
    """The village could not find out, or it is none of its households."""
    desk = line_of(found.desk or found.area, stepping.on)[Area.TOWNSHIP]
    said = words(reason, _("退回理由"))
    step: DeclarationStep = stepping.take(found, Action.GIVE_BACK, stage=Stage.TOWNSHIP, desk=desk, reason=said)
    return step


@one_step(Action.REASSIGN)
def reassign(found: Declaration, stepping: Stepping, to: Area, reason: str) -> DeclarationStep:
    """A level above gives it to another township of its own area. Raises InputError for any other place."""
    said, move = words(reason, _("改派理由")), stepping.lifecycle.move_of(found.stage, Action.REASSIGN)
    within = any(move is not None and move.open_to(reach, to) for reach in stepping.scope.reaches)
    if to.level != Area.TOWNSHIP or to == found.desk or not within:
        raise InputError(_("请选择本辖区的另一个乡镇（街道）"), _("重新选择"))
    step: DeclarationStep = stepping.take(found, Action.REASSIGN, stage=Stage.TOWNSHIP, desk=to, reason=said)
    return step


@one_step(Action.PROPOSE)
def propose(found: Declaration, stepping: Stepping, reason: str) -> DeclarationStep:
    """Proposes to close a report that is no household's; whoever reported reads the reason, somebody else has to agree."""
    said = words(reason, _("不予受理的理由"))
    step: DeclarationStep = stepping.take(
        found, Action.PROPOSE, stage=Stage.CLOSING, desk=found.desk, reason=said, changes={"closed_reason": said}
    )
    return step


@one_step(Action.AGREE)
def agree(found: Declaration, stepping: Stepping) -> DeclarationStep:
    """A second person agrees to close it. Raises NotOpen for whoever proposed it."""
    _require_another(found, stepping.actor)
    step: DeclarationStep = stepping.take(
        found, Action.AGREE, stage=Stage.CLOSED, desk=found.desk, reason=found.closed_reason
    )
    return step


@one_step(Action.KEEP)
def keep(found: Declaration, stepping: Stepping, reason: str) -> DeclarationStep:
    """It is not closed, and lies with the township again."""
    said = words(reason, _("不同意的理由"))
    step: DeclarationStep = stepping.take(
        found, Action.KEEP, stage=Stage.TOWNSHIP, desk=found.desk, reason=said, changes={"closed_reason": ""}
    )
    return step


@one_step(Action.REOPEN)
def reopen(found: Declaration, stepping: Stepping, reason: str) -> DeclarationStep:
    """The appeal is right: what was dismissed is asked anew, what was refused is checked again, what was closed is in hand.

    Raises:
        NotOpen: the acting user gave the answer that is appealed against, or may not have the case checked again.
    """
    _require_another(found, stepping.actor)
    said = words(reason, _("理由"))
    if found.household is None:
        step: DeclarationStep = stepping.take(
            found, Action.REOPEN, stage=Stage.TOWNSHIP, desk=found.desk, reason=said, changes={"closed_reason": ""}
        )
        return step
    step = stepping.take(found, Action.REOPEN, stage=Stage.LINKED, desk=found.desk, reason=said)
    clues = list(clues_of(found))
    for case in Case.objects.filter(clues__clue__in=clues, stage=CaseStage.REFUSED).distinct():
        again = Order(stepping.actor, stepping.requirements.cases, stepping.on, key=stepping.key)
        identification.recheck(case.number, again, said)
    told = _("申诉：{text}").format(text=found.appeal.text)
    for clue in clues:
        if clue.state == Clue.State.DISMISSED:
            _into_the_register(found, found.household, clue.risk_type, stepping, told, found.number + AGAIN)
    return step


@one_step(Action.UPHOLD)
def uphold(found: Declaration, stepping: Stepping, reason: str) -> DeclarationStep:
    """The answer stays as it was, with a reason that whoever reported reads. Raises NotOpen for whoever gave that answer."""
    _require_another(found, stepping.actor)
    said = words(reason, _("理由"))
    stage = Stage.CLOSED if found.household is None else Stage.LINKED
    step: DeclarationStep = stepping.take(found, Action.UPHOLD, stage=stage, desk=found.desk, reason=said)
    return step


@one_step(Action.URGE)
def urge(found: Declaration, stepping: Stepping, reason: str) -> DeclarationStep:
    """A level above sets an overdue desk a last day."""
    step: DeclarationStep = stepping.urge(found, Action.URGE, reason)
    return step


def _require_another(found: Declaration, acting_user: User | None) -> None:
    """Whoever proposed or gave an answer does not decide about it."""
    own = found.steps.filter(action__in=[Action.PROPOSE, Action.AGREE], actor=acting_user).exists()
    if found.stage == Stage.APPEALED and not own:
        clues = list(clues_of(found))
        own = ClueStep.objects.filter(
            clue__in=clues, action__in=[ClueAction.DISMISS, ClueAction.AGREE], actor=acting_user
        ).exists()
        own = (
            own
            or Case.objects.filter(
                clues__clue__in=clues, steps__action=CaseAction.REFUSE, steps__actor=acting_user
            ).exists()
        )
    if own:
        raise NotOpen(_("提出或作出原来答复的人不能自己同意"), _("请同单位的另一位同志办理"))
