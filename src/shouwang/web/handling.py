"""What is done about one clue from its page: given on, given back, merged, urged, agreed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.cases.reading import is_helped_first
from shouwang.clues import handling, verification
from shouwang.clues.flow import moves_open_to
from shouwang.clues.models import Action, Clue, ClueStep
from shouwang.clues.reading import clue_visible_to, mergeable_with
from shouwang.jobs.handling import GREEN_CHANNEL_RISKS, requirements
from shouwang.jobs.policy import names_in_pack
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.ordering import key_in, say, seen_in

Order = Callable[..., ClueStep]
MOST_CHOICES = 500
PLAIN: Mapping[str, tuple[Order, str]] = {
    Action.RETURN: (handling.give_back, _("线索已退回")),
    Action.SEPARATE: (handling.separate, _("线索已拆分，单独办理")),
    Action.URGE: (handling.urge, _("已催办")),
}
REVIEWS: Mapping[str, str] = {Action.AGREE: _("已同意"), Action.SEND_BACK: _("已退回重新核实")}


@dataclass(frozen=True)
class InHand:
    """What the clue's page offers to one user: the actions open now, and the choices that they need."""

    actions: list[str] = field(default_factory=list)
    key: str = ""
    seen: int = 0
    below: list[Area] = field(default_factory=list)
    beside: list[Area] = field(default_factory=list)
    mergeable: list[Clue] = field(default_factory=list)
    own_line: str = ""
    days_left: int | None = None


def new_key() -> str:
    """A form's own key: the same form sent again is recognised by it."""
    return get_random_string(32)


def in_hand(clue: Clue, scope: Scope, on: date) -> InHand:
    """What somebody with these posts may do with a clue on a day."""
    left = (clue.due_on - on).days if clue.due_on else None
    actions = [str(each) for each in moves_open_to(scope, clue)]
    if left is None or left >= 0:
        actions = [each for each in actions if each != Action.URGE]
    below = handling.desks_below(clue.desk, on)[:MOST_CHOICES] if Action.DISPATCH in actions and clue.desk else []
    beside = _beside(clue, scope, on) if Action.REASSIGN in actions else []
    mergeable = mergeable_with(clue, scope) if Action.MERGE in actions else []
    own_line = next((area.pk for area in below if clue.area_id.startswith(area.scope)), "")
    if clue.risk_type not in names_in_pack(GREEN_CHANNEL_RISKS, on) or is_helped_first(clue):
        actions = [each for each in actions if each != Action.HELP_FIRST]
    if not mergeable:
        actions = [each for each in actions if each != Action.MERGE]
    if not beside:
        actions = [each for each in actions if each != Action.REASSIGN]
    return InHand(actions, new_key(), clue.version, below, beside, mergeable, own_line, left)


def _beside(clue: Clue, scope: Scope, on: date) -> list[Area]:
    """Other desks of the same level in the user's area: a household may have moved to another township.

    Where they are too many for one choice, those under the same parent.
    """
    if clue.desk is None or clue.desk.parent is None:
        return []
    found = handling.desks_beside(clue.desk, scope, on)
    if len(found) > MOST_CHOICES:
        found = [area for area in found if area.parent_id == clue.desk.parent_id]
    return found[:MOST_CHOICES]


def visible(request: HttpRequest, number: str) -> Clue:
    try:
        return clue_visible_to(request.user, number)
    except Clue.DoesNotExist:
        raise Http404 from None


def order_of(request: HttpRequest, user: User, on: date) -> dict[str, Any]:
    """What every order takes from its form: who, on which day, and what was on the screen."""
    return {
        "acting_user": user,
        "requirements": requirements(on),
        "on": on,
        "seen": seen_in(request),
        "key": key_in(request),
    }


@door(post=(Permission.DISPATCH, Permission.SUBMIT))
def move(request: HttpRequest, number: str) -> HttpResponse:
    """Dispatch, return, reassign, merge, separate, urge."""
    clue, action = visible(request, number), request.POST.get("action", "")
    order = order_of(request, request.user, localdate())
    reason = request.POST.get("reason", "")
    if action in PLAIN:
        do, said = PLAIN[action]
        return carried_out(request, clue, lambda: do(number, reason=reason, **order), said)
    if action == Action.MERGE:
        into = visible(request, request.POST.get("into", ""))
        return carried_out(
            request,
            clue,
            lambda: handling.merge(number, into=into.number, reason=reason, **order),
            gettext("线索已合并"),
        )
    if action in (Action.DISPATCH, Action.REASSIGN):
        to = Area.objects.filter(pk=request.POST.get("to", "")).first()
        if to is None:
            return told(request, clue, gettext("请选择单位。"), wrong=True)
        if action == Action.DISPATCH:
            return carried_out(
                request,
                clue,
                lambda: handling.dispatch(number, to=to, **order),
                gettext("已下发到{name}").format(name=to.name),
            )
        return carried_out(
            request,
            clue,
            lambda: handling.reassign(number, to=to, reason=reason, **order),
            gettext("已改派到{name}").format(name=to.name),
        )
    return told(request, clue, gettext("没有选择要办的事项。"), wrong=True)


@door(post=(Permission.CONSENT, Permission.CONFIRM_RED))
def review(request: HttpRequest, number: str) -> HttpResponse:
    """The level above agrees with what the village submitted, or sends it back."""
    clue, action = visible(request, number), request.POST.get("action", "")
    order = order_of(request, request.user, localdate())
    reason = request.POST.get("reason", "")
    if action == Action.AGREE:
        return carried_out(request, clue, lambda: verification.agree(number, opinion=reason, **order), REVIEWS[action])
    if action == Action.SEND_BACK:
        return carried_out(
            request, clue, lambda: verification.send_back(number, reason=reason, **order), REVIEWS[action]
        )
    return told(request, clue, gettext("请选择同意或退回。"), wrong=True)


def carried_out(request: HttpRequest, clue: Clue, order: Callable[[], ClueStep], said: str) -> HttpResponse:
    """Carries an order out and says so on the clue's page; a refusal is said there too."""
    try:
        step = order()
    except ShouwangError as refused:
        return told(request, clue, in_words(refused), wrong=True)
    due = gettext("，办理期限 {due_on:%Y-%m-%d}").format(due_on=step.due_on) if step.due_on else ""
    return told(
        request,
        clue,
        gettext("{said}。{stage_to}{due}。").format(said=said, stage_to=step.get_stage_to_display(), due=due),
    )


def told(request: HttpRequest, clue: Clue, words: str, *, wrong: bool = False) -> HttpResponse:
    say(request, words, wrong=wrong)
    onward = clue_visible_to_still(request.user, clue)
    return HttpResponseRedirect(reverse("clue", args=[clue.number]) if onward else reverse("worklist"))


def clue_visible_to_still(user: User, clue: Clue) -> bool:
    """A clue that was given to another place may be out of sight now."""
    try:
        return bool(clue_visible_to(user, clue.number))
    except Clue.DoesNotExist:
        return False


def in_words(problem: ShouwangError) -> str:
    return (
        gettext("{message}。{advice}。").format(message=problem.message, advice=problem.advice)
        if problem.advice
        else problem.message
    )
