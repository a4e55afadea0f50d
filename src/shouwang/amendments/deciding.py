"""Proposing a value, deciding on it and taking it back: one transaction each, with its audit entry."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.amendments.flow import WAYS, Step, may
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.audit.record import record
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import Failure, InputError

LONGEST_REASON, LONGEST_NAME, LONGEST_NUMBER = 1000, 200, 100
AUDIT = {Step.ACCEPT: "parameter_decided", Step.REJECT: "parameter_declined", Step.WITHDRAW: "parameter_withdrawn"}


class NotOpen(Failure):
    """The step is not for this user, or not yet."""


class Overtaken(Failure):
    """Somebody else was first; the message says who, when and what."""


@dataclass(frozen=True)
class Wanted:
    """What somebody proposes; parameter and value were checked against the pack before."""

    pack: str
    parameter: str
    value: str
    valid_from: date
    document: str
    document_number: str
    clause: str
    reason: str


@transaction.atomic
def propose(wanted: Wanted, *, acting_user: User, key: str = "") -> Amendment:
    """Writes the proposal down for the widest office of the user; the same form again gives the same proposal.

    Raises:
        PermissionDenied: the user proposes nothing.
        InputError: document, clause or reason is missing or too long.
    """
    offices = scope_of(acting_user, localdate()).holding(Permission.PROPOSE_POLICY)
    if not offices:
        raise PermissionDenied
    if key and (made := Amendment.objects.filter(proposed_by=acting_user, key=key).first()):
        return made
    fields = vars(wanted) | {
        "document": _words(wanted.document, _("依据文件"), LONGEST_NAME),
        "document_number": _words(wanted.document_number, _("文号"), LONGEST_NUMBER, needed=False),
        "clause": _words(wanted.clause, _("条款"), LONGEST_NAME),
        "reason": _words(wanted.reason, _("理由"), LONGEST_REASON),
    }
    try:
        with transaction.atomic():
            made = Amendment.objects.create(area=offices[0].area, proposed_by=acting_user, key=key, **fields)
    except IntegrityError:  # the same form, sent twice in the same moment
        return Amendment.objects.get(proposed_by=acting_user, key=key)
    record(acting_user, "parameter_proposed", made, **_told(made, made.reason))
    return made


@transaction.atomic
def decide(
    pk: int, step: Step, *, acting_user: User, reason: str, pack_version: str = "", decided: int = 0, key: str = ""
) -> Amendment:
    """Takes one step of the table; the same form again answers with the amendment as it left it.

    Args:
        pack_version: the policy in force, and with `decided` how many decisions it includes: a what-if of any other
            policy says nothing about this decision.

    Raises:
        NotOpen: it is not the user's to decide, or nobody has seen what the value would change now.
        Overtaken: somebody else was first.
        InputError: the opinion is missing or too long.
        Amendment.DoesNotExist: there is none.
    """
    # All of them are held, not only this one: a decision on another changes the policy that the what-if spoke of.
    held = list(Amendment.objects.select_for_update().prefetch_related("area", "decided_by").order_by("pk"))
    amendment = next((each for each in held if each.pk == pk), None)
    if amendment is None:
        raise Amendment.DoesNotExist
    if key and amendment.decision_key == key and amendment.decided_by == acting_user:
        return amendment
    if not may(acting_user, scope_of(acting_user, localdate()), amendment, step):
        raise _not_yours(acting_user, amendment, step)
    if amendment.state != WAYS[step].begin:
        raise _overtaken(amendment)
    opinion = _words(reason, _("意见"), LONGEST_REASON, needed=step != Step.WITHDRAW)
    accepted = [each for each in held if each.state == Amendment.State.ACCEPTED]
    since = decided != len([each for each in accepted if each.pack == amendment.pack])
    if step != Step.WITHDRAW and (since or current_whatif(amendment, pack_version) is None):
        raise NotOpen(_("还没有按现行数值推演过这条建议会带来的变化，不能审定"), _("先推演，看过结果再审定"))
    amendment.state, amendment.opinion = WAYS[step].end, opinion
    amendment.decided_by, amendment.decided_at, amendment.decision_key = acting_user, now(), key
    amendment.number = len(accepted) + 1 if step == Step.ACCEPT else None
    amendment.save(update_fields=["state", "opinion", "decided_by", "decided_at", "decision_key", "number"])
    record(acting_user, AUDIT[step], amendment, **_told(amendment, opinion))
    return amendment


def current_whatif(amendment: Amendment, pack_version: str) -> WhatIf | None:
    """The latest finished what-if of the policy in force."""
    return amendment.whatifs.filter(state=WhatIf.State.DONE, pack_version=pack_version).first()


def _not_yours(user: User, amendment: Amendment, step: Step) -> NotOpen:
    if step != Step.WITHDRAW and amendment.proposed_by_id == user.pk:
        return NotOpen(_("不能审定自己提出的建议"), _("请另一位同志审定"))
    return NotOpen(_("这条建议不由您{step}").format(step=step.label), _("由提出人撤回，由市级乡村振兴部门审定"))


def _overtaken(amendment: Amendment) -> Overtaken:
    at: datetime = localtime(amendment.decided_at)
    return Overtaken(
        _("{decided_by}已于{at:%Y年%-m月%-d日 %H:%M}先行办理：{state}。您这次操作没有生效").format(
            decided_by=amendment.decided_by, at=at, state=amendment.get_state_display()
        ),
        _("刷新页面查看最新情况"),
    )


def _told(amendment: Amendment, reason: str) -> dict[str, str]:
    told = {
        "parameters": {amendment.parameter: amendment.value},
        "valid_from": amendment.valid_from.isoformat(),
        "document": f"{amendment.document} {amendment.document_number} {amendment.clause}",
        "reason": reason,
    }
    return {name: value for name, value in told.items() if value}  # type: ignore[misc]


def _words(text: str, what: str, longest: int, *, needed: bool = True) -> str:
    kept = mask_identity_numbers(" ".join(text.replace("\0", "").split()))
    if needed and not kept:
        raise InputError(_("请填写{what}").format(what=what), _("写清楚后再提交"))
    if len(kept) > longest:
        raise InputError(_("{what}超过{longest}字").format(what=what, longest=longest), _("写得简短一些"))
    return kept
