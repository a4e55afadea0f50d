"""Taking one step with one clue: checked under its lock, once for each form, with its row and its audit entry.

`Stepping` holds what all steps of one order share. Two people who decide at once meet here: the first wins, the second is
told who was first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime, now
from django.utils.translation import gettext

from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.audit.record import post_of, record_many
from shouwang.clues.flow import may, move_of
from shouwang.clues.models import Action, Clue, ClueStep, Stage
from shouwang.clues.requirements import Requirements
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import Failure, InputError

# Steps after which what somebody saw a moment ago still holds.
HARMLESS = (Action.RISE, Action.URGE, Action.VISIT)
LONGEST_REASON = 1000
AUDIT: Mapping[Action, str] = {
    Action.DISPATCH: "clue_dispatched",
    Action.RETURN: "clue_returned",
    Action.REASSIGN: "clue_reassigned",
    Action.MERGE: "clue_merged",
    Action.SEPARATE: "clue_separated",
    Action.VISIT: "visit_recorded",
    Action.CONFIRM: "finding_submitted",
    Action.DISMISS: "dismissal_proposed",
    Action.AGREE: "finding_agreed",
    Action.SEND_BACK: "finding_sent_back",
    Action.URGE: "clue_urged",
    Action.RISE: "clue_escalated",
}


class NotOpen(Failure):
    """The action is not for this user, or not for this clue where it stands."""


class Overtaken(Failure):
    """Somebody else was first; the message says who, when and what."""


@dataclass
class Stepping:
    """Who takes steps, on which day, by which requirements; `key` is that of the form, empty outside pages.

    `actor` is None for the program itself, which needs no permission.
    """

    actor: User | None
    requirements: Requirements
    on: date
    key: str = ""
    _scope: Scope | None = None
    _post: str | None = None
    _told: list[tuple[str, Clue, dict[str, Any]]] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = scope_of(self.actor, self.on) if self.actor else Scope(())
        return self._scope

    def already(self, clue: Clue) -> ClueStep | None:
        """The step that this very form has taken before."""
        return ClueStep.objects.filter(clue=clue, key=self.key).first() if self.key else None

    def check(self, clue: Clue, action: Action, seen: int | None = None) -> None:
        """Raises Overtaken where somebody has moved the clue since it was seen, NotOpen where the table says no."""
        since = ClueStep.objects.filter(clue=clue).exclude(action__in=HARMLESS).select_related("actor")
        if seen is not None:
            first = since.filter(number__gt=seen).order_by("number").first()
            if first is not None:
                raise overtaken(first)
        if move_of(clue.stage, action) is None:
            last = since.order_by("-number").first()
            if last is not None and last.actor_id != getattr(self.actor, "pk", None):
                raise overtaken(last)
            raise NotOpen(
                gettext("线索 {number} {clue}，不能{action}").format(
                    number=clue.number, clue=_now(clue), action=Action(action).label
                ),
                gettext("刷新页面查看最新情况"),
            )
        if self.actor is not None and not may(self.scope, clue, action):
            raise NotOpen(
                gettext("线索 {number} {clue}，不由您{action}").format(
                    number=clue.number, clue=_now(clue), action=Action(action).label
                ),
                gettext("由办理单位或其上级操作"),
            )

    def take(
        self,
        clue: Clue,
        action: Action,
        *,
        stage: Stage | None = None,
        desk: Area | None = None,
        clock: str | None = None,
        reason: str = "",
        changes: Mapping[str, Any] | None = None,
        told: Mapping[str, Any] | None = None,
    ) -> ClueStep:
        """Writes the step and moves the clue; without `stage` and `desk` both stay, and with them the clock.

        `clock` starts another clock than that of the stage; `changes` are further fields of the clue; `told` is what the
        audit is told beside.
        """
        before = (clue.stage, clue.desk)
        values: dict[str, Any] = {"version": clue.version + 1, **(changes or {})}
        if stage is not None:
            due = self.requirements.due(clock or stage, self.on)
            values |= {"stage": stage, "desk": desk or clue.desk, "arrived_on": self.on, "raised_to": None}
            values |= self._clock(due)
        elif clock is not None:
            values |= self._clock(self.requirements.due(clock, self.on))
        if not Clue.objects.filter(pk=clue.pk, version=clue.version).update(**values):
            last = ClueStep.objects.filter(clue=clue).select_related("actor").order_by("-number").first()
            raise (
                overtaken(last)
                if last
                else Failure(gettext("线索 {number} 已有变化").format(number=clue.number), gettext("刷新页面后再试"))
            )
        for name, value in values.items():
            setattr(clue, name, value)
        if clue.desk != before[1]:
            Clue.objects.filter(merged_into=clue).update(desk=clue.desk)
        step = ClueStep.objects.create(
            clue=clue,
            number=clue.version,
            action=action,
            actor=self.actor,
            post=self._posts(),
            at=now(),
            on=self.on,
            stage_from=before[0],
            stage_to=clue.stage,
            desk_from=before[1],
            desk_to=clue.desk,
            due_on=clue.due_on,
            reason=reason,
            key=self.key,
        )
        self._tell(action, clue, reason, told or {})
        return step

    def _clock(self, due: date | None) -> dict[str, Any]:
        return {"due_on": due, "rises_on": self.requirements.rises_after(due) if due else None}

    def _posts(self) -> str:
        if self._post is None:
            self._post = post_of(self.actor)
        return self._post

    def _tell(self, action: Action, clue: Clue, reason: str, told: Mapping[str, Any]) -> None:
        detail = {"to": clue.desk.name if clue.desk else "", "state": Stage(clue.stage).label, "reason": reason, **told}
        self._told.append(
            (AUDIT[action], clue, {name: value for name, value in detail.items() if value not in ("", None)})
        )

    def tell(self, action: str, clue: Clue, **detail: Any) -> None:
        """Something more for the audit beside the step."""
        self._told.append((action, clue, detail))

    def finish(self) -> None:
        """Writes the audit's entries, last of all: its writers queue up for the head of the chain."""
        for action in dict.fromkeys(action for action, _, _ in self._told):
            record_many(self.actor, action, [(clue, detail) for named, clue, detail in self._told if named == action])
        self._told.clear()


def _now(clue: Clue) -> str:
    return gettext("现在{desk}“{stage}”").format(
        desk=clue.desk.name if clue.desk else "", stage=clue.get_stage_display()
    )


def overtaken(step: ClueStep) -> Overtaken:
    who = str(step.actor) if step.actor else gettext("系统")
    at: datetime = localtime(step.at)
    return Overtaken(
        gettext("{who}已于{at:%Y年%-m月%-d日 %H:%M}先行办理：{action}，现为“{stage_to}”。您这次操作没有生效").format(
            who=who, at=at, action=step.get_action_display(), stage_to=step.get_stage_to_display()
        ),
        gettext("刷新页面查看最新情况"),
    )


def locked(number: str) -> Clue:
    """The clue for the rest of the transaction. Raises Clue.DoesNotExist."""
    return Clue.objects.select_for_update(of=("self",)).select_related("area", "desk", "merged_into").get(number=number)


def group_of(main: Clue) -> list[Clue]:
    """The clue and those that are handled with it."""
    merged = Clue.objects.select_for_update(of=("self",)).select_related("area", "desk").filter(merged_into=main)
    return [main, *merged.order_by("number")]


def words(text: str, what: str, *, needed: bool = True) -> str:
    """Somebody's words as they are kept: without identity numbers, and not endless.

    Raises:
        InputError: they are missing, or too long.
    """
    kept = mask_identity_numbers(text.replace("\0", "").strip())
    if needed and not kept:
        raise InputError(gettext("请填写{what}").format(what=what), gettext("写清楚后再提交"))
    if len(kept) > LONGEST_REASON:
        raise InputError(
            gettext("{what}超过{longest_reason}字").format(what=what, longest_reason=LONGEST_REASON),
            gettext("写得简短一些"),
        )
    return kept
