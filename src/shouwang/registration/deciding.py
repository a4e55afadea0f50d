"""What people do about a request to change the register; each is one step of the table."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words
from shouwang.registration.flow import LEVEL_OF
from shouwang.registration.models import AmendmentSheet, RegisterRequest, RegisterRequestStep
from shouwang.registration.models import RequestAction as Action
from shouwang.registration.models import RequestStage as Stage
from shouwang.registration.steps import Order, Stepping, one_step

OF_THE_VILLAGE = (Action.PROPOSE, Action.RESUBMIT)


@one_step(Action.AGREE)
def agree(request: RegisterRequest, stepping: Stepping, opinion: str) -> RegisterRequestStep:
    """The township agrees: the change goes to the county, or first to the township into which the household moved.

    Raises:
        NotOpen: the user had a part in proposing it.
    """
    _require_another(request, stepping.actor)
    said = words(opinion, _("意见"), needed=False)
    receiving = _receiving(request, stepping.on)
    if receiving is not None:
        return stepping.take(request, Action.AGREE, stage=Stage.RECEIVING_REVIEW, desk=receiving, reason=said)  # type: ignore[no-any-return]
    return _to(stepping, request, Action.AGREE, Stage.AGREED, said)


def _receiving(request: RegisterRequest, on: date) -> Area | None:
    """The township into which a household moves, where it is another one."""
    if request.to_area is None:
        return None
    there, here = line_of(request.to_area, on)[Area.TOWNSHIP], line_of(request.area, on)[Area.TOWNSHIP]
    return there if there.pk != here.pk else None


@one_step(Action.RECEIVE)
def receive(request: RegisterRequest, stepping: Stepping, opinion: str) -> RegisterRequestStep:
    """The township to which a household moved agrees. Raises NotOpen where the user had a part in it."""
    _require_another(request, stepping.actor, Action.AGREE)
    return _to(stepping, request, Action.RECEIVE, Stage.AGREED, words(opinion, _("意见"), needed=False))


@one_step(Action.REFUSE)
def refuse(request: RegisterRequest, stepping: Stepping, reason: str) -> RegisterRequestStep:
    """Not agreed, with the reason; the register stays as it is. Raises NotOpen where the user had a part in it."""
    _require_another(request, stepping.actor)
    said = words(reason, _("不同意的理由"))
    step: RegisterRequestStep = stepping.take(
        request, Action.REFUSE, stage=Stage.REFUSED, desk=request.desk, reason=said
    )
    return step


@one_step(Action.SEND_BACK)
def send_back(request: RegisterRequest, stepping: Stepping, reason: str) -> RegisterRequestStep:
    """Back by one stage, to be put right."""
    move = stepping.lifecycle.move_of(request.stage, Action.SEND_BACK)
    stage = Stage(move.to[0]) if move else Stage.RETURNED
    return _to(stepping, request, Action.SEND_BACK, stage, words(reason, _("退回理由")))


@one_step(Action.RESUBMIT)
def resubmit(request: RegisterRequest, stepping: Stepping, reason: str) -> RegisterRequestStep:
    """The village proposes it again, with what was asked for in words. What is wrong in the change itself is withdrawn."""
    return _to(stepping, request, Action.RESUBMIT, Stage.TOWNSHIP_REVIEW, words(reason, _("补正说明")))


@one_step(Action.WITHDRAW)
def withdraw(request: RegisterRequest, stepping: Stepping, reason: str) -> RegisterRequestStep:
    """The village gives it up; it stays on record."""
    said = words(reason, _("撤回理由"))
    step: RegisterRequestStep = stepping.take(
        request, Action.WITHDRAW, stage=Stage.WITHDRAWN, desk=request.desk, reason=said
    )
    return step


@one_step(Action.URGE)
def urge(request: RegisterRequest, stepping: Stepping, reason: str) -> RegisterRequestStep:
    """A level above sets an overdue desk a last day; when that passes, the request rises again."""
    step: RegisterRequestStep = stepping.urge(request, Action.URGE, reason)
    return step


def hand_over(requests: list[RegisterRequest], sheet: AmendmentSheet, order: Order) -> None:
    """Marks requests as delivered by a sheet; within the caller's transaction, which holds them locked.

    Raises:
        NotOpen: one of them is not the user's to deliver, or not agreed.
    """
    if not requests:
        raise InputError(_("没有待编入名册的变更"), _("乡镇审核同意后再编"))
    stepping = Stepping(order.acting_user, order.requirements, order.on, order.key)
    for request in requests:
        stepping.check(request, Action.HAND_OVER)
        changes: Mapping[str, Any] = {"sheet": sheet}
        stepping.take(request, Action.HAND_OVER, stage=Stage.HANDED_OVER, desk=request.desk, changes=changes)
    stepping.finish()


def _to(
    stepping: Stepping, request: RegisterRequest, action: Action, stage: Stage, reason: str = ""
) -> RegisterRequestStep:
    """To the desk of the stage's level on the household's own line."""
    desk: Area = line_of(request.area, stepping.on)[LEVEL_OF[stage]]
    return stepping.take(request, action, stage=stage, desk=desk, reason=reason)  # type: ignore[no-any-return]


def _require_another(request: RegisterRequest, acting_user: User | None, *further: Action) -> None:
    if request.steps.filter(action__in=(*OF_THE_VILLAGE, *further), actor=acting_user).exists():
        raise NotOpen(_("提出过或审核过这件变更的人不能再审核"), _("请同单位的另一位同志办理"))
