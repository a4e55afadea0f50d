"""The way of an amendment as one table: from, action, who, to. Nobody decides on what they proposed themselves."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope
from shouwang.amendments.models import Amendment

PROPOSED, ACCEPTED, REJECTED, WITHDRAWN = Amendment.State


class Step(models.TextChoices):
    """What may be done about an amendment."""

    ACCEPT = "accept", _("同意")
    REJECT = "reject", _("不同意")
    WITHDRAW = "withdraw", _("撤回")


@dataclass(frozen=True)
class Way:
    """One line of the table. `own`: only the proposer; otherwise only somebody else."""

    begin: Amendment.State
    permission: Permission
    own: bool
    end: Amendment.State


WAYS = {
    Step.ACCEPT: Way(PROPOSED, Permission.DECIDE_POLICY, False, ACCEPTED),
    Step.REJECT: Way(PROPOSED, Permission.DECIDE_POLICY, False, REJECTED),
    Step.WITHDRAW: Way(PROPOSED, Permission.PROPOSE_POLICY, True, WITHDRAWN),
}


def may(user: User, scope: Scope, amendment: Amendment, step: Step) -> bool:
    """Whether the step is this user's to take, whatever state the amendment is in."""
    way = WAYS[step]
    return scope.may(way.permission, amendment.area_id) and (amendment.proposed_by_id == user.pk) == way.own


def open_to(user: User, scope: Scope, amendment: Amendment) -> list[Step]:
    """The steps that this user may take now."""
    return [step for step, way in WAYS.items() if amendment.state == way.begin and may(user, scope, amendment, step)]
