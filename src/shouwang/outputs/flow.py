"""The way of an export as one table: where it stands, what may be done, by whom, and where it then stands.

Nobody decides on what they asked for; who decides sits at the level of the asker's area or above it, over that area.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope
from shouwang.outputs.models import Export, State


class Step(models.TextChoices):
    """What may be done about an export."""

    APPROVE = "approve", _("同意导出")
    DECLINE = "decline", _("不同意导出")
    WITHDRAW = "withdraw", _("撤回申请")
    TAKE = "take", _("下载")


@dataclass(frozen=True)
class Way:
    """One line of the table. `own`: only whoever asked; otherwise only somebody else."""

    begin: State
    permission: Permission
    own: bool
    end: State


WAYS = {
    Step.APPROVE: Way(State.REQUESTED, Permission.APPROVE_EXPORT, False, State.APPROVED),
    Step.DECLINE: Way(State.REQUESTED, Permission.APPROVE_EXPORT, False, State.DECLINED),
    Step.WITHDRAW: Way(State.REQUESTED, Permission.PRINT_REGISTERS, True, State.WITHDRAWN),
    Step.TAKE: Way(State.READY, Permission.PRINT_REGISTERS, True, State.TAKEN),
}


def may(user: User, scope: Scope, export: Export, step: Step) -> bool:
    """Whether a step is this user's to take, whatever state the export is in."""
    way = WAYS[step]
    return (export.requested_by_id == user.pk) == way.own and scope.may(way.permission, export.area_id)


def open_to(user: User, scope: Scope, export: Export) -> list[Step]:
    """The steps that this user may take now."""
    return [step for step, way in WAYS.items() if export.state == way.begin and may(user, scope, export, step)]
