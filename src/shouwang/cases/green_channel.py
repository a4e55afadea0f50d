"""绿色通道: for a sudden disaster or accident help comes first, straight from the clue; the procedure follows, and has a last day.

The clue goes on being verified and the case being collected side by side. The township does not agree to the case before the
clue was found to be true (DOMAIN B2).
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.cases.flow import CASES, NOT_STANDING
from shouwang.cases.models import Action, Case, CaseClue, CaseStep, Stage
from shouwang.cases.opening import begun
from shouwang.cases.reading import clues_of
from shouwang.cases.requirements import GREEN_CHANNEL
from shouwang.cases.steps import Order, Stepping
from shouwang.clues.models import Action as ClueAction
from shouwang.clues.models import Clue, RiskType
from shouwang.clues.steps import Stepping as SteppingOfClues
from shouwang.clues.steps import locked
from shouwang.households.models import Household
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words
from shouwang.tables.acting import acting_everywhere


@transaction.atomic
def help_first_from(number: str, order: Order[Any], reason: str) -> Case:
    """The township lets a household be helped before its clue was verified: a case begins, or the one in hand is helped first.

    The household's row comes first, as whoever else opens its clues and cases takes it.

    Raises:
        Clue.DoesNotExist: there is none.
        NotOpen: it is not for the user, or the household is monitored already.
        InputError: no reason was given, or it is no sudden event by the pack.
    """
    household = Household.objects.select_for_update().prefetch_related("area").get(clues__number=number)
    clue = locked(number)
    of_clue = SteppingOfClues(order.acting_user, order.requirements, order.on, order.key)
    if of_clue.already(clue) is not None:
        return clue.case_clue.case  # type: ignore[no-any-return]
    of_clue.check(clue, ClueAction.HELP_FIRST, order.seen)
    if clue.risk_type not in order.requirements.green_channel_risks:
        raise InputError(
            _("{risk}不走先行帮扶").format(risk=clue.get_risk_type_display()),
            _("先行帮扶只用于{risks}").format(risks=_titles(order.requirements.green_channel_risks)),
        )
    said = words(reason, _("先行帮扶的理由"))
    stepping = Stepping(order.acting_user, order.requirements, order.on)
    with (
        acting_everywhere()
    ):  # a clue that was reassigned may be of a household elsewhere, on whose desks its case lies
        case = _case_of(household, clue, stepping)
        if not case.help_first:
            let_help_begin(case, stepping, said)
    of_clue.take(clue, ClueAction.HELP_FIRST, reason=said, told={"case": case.number})
    stepping.finish()
    of_clue.finish()
    return case


def _case_of(household: Household, clue: Clue, stepping: Stepping) -> Case:
    """The household's case in hand with the clue joined to it, or a new one. Raises NotOpen where it is past that."""
    standing = Case.objects.select_for_update().prefetch_related("area", "desk")
    case = standing.filter(household=household).exclude(stage__in=NOT_STANDING).first()
    if case is None:
        case = begun(household, stepping.on)
        desk = line_of(case.area, stepping.on)[Area.VILLAGE]
        step = stepping.take(case, Action.OPEN, stage=Stage.COLLECTION, desk=desk, told={"clue": clue.number})
    elif case.help_first or CASES.may(stepping.scope, case, Action.HELP_FIRST):
        if CaseClue.objects.filter(clue=clue).exists():
            return case
        step = stepping.take(case, Action.ATTACH, told={"clue": clue.number})
    else:
        raise NotOpen(
            _("这一户的案件 {number} 已经“{stage}”").format(number=case.number, stage=case.get_stage_display()),
            _("已纳入监测的，在帮扶计划里安排；已消除的，由村里提出回退"),
        )
    CaseClue.objects.create(case=case, clue=clue, step=step)
    return case


def let_help_begin(case: Case, stepping: Stepping, said: str) -> CaseStep:
    """From that day the procedure has a clock of its own: no stage runs longer than to the day by which it is completed."""
    complete_by = stepping.requirements.due(GREEN_CHANNEL, stepping.on)
    changes: dict[str, Any] = {"help_first": said, "complete_by": complete_by}
    if case.due_on is not None and case.due_on > complete_by:
        changes |= {"due_on": complete_by, "rises_on": stepping.requirements.rises_after(complete_by)}
    step: CaseStep = stepping.take(case, Action.HELP_FIRST, reason=said, changes=changes)
    return step


def require_found_true(case: Case) -> None:
    """Raises NotOpen where a clue of a case that was helped first is still being verified, or all of them were dismissed."""
    clues = clues_of(case)
    unverified = [clue.number for clue in clues if clue.state == Clue.State.OPEN]
    if unverified:
        raise NotOpen(
            _("线索 {numbers} 还没有核实完").format(numbers="、".join(unverified)), _("核实属实后再审核，或退回村里")
        )
    if clues and all(clue.state == Clue.State.DISMISSED for clue in clues):
        raise NotOpen(_("这一户的线索核实后都已排除"), _("不予纳入，并停止先行帮扶"))


def _titles(risks: tuple[str, ...]) -> str:
    return "、".join(str(RiskType(each).label) for each in risks if each in RiskType.values)
