"""Taking one step with one matter: checked under its lock, once for each form, with its row and its audit entry.

`Stepping` holds what all steps of one order share. Two people who decide at once meet here: the first wins, the second is
told who was first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from django.utils.timezone import localtime, now
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.audit.record import post_of, record_many
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import Failure, InputError
from shouwang.proceedings.clocks import URGED, Clocks
from shouwang.proceedings.desks import Line
from shouwang.proceedings.models import Matter
from shouwang.proceedings.table import Lifecycle

LONGEST_REASON = 1000


class NotOpen(Failure):
    """The action is not for this user, or not for this matter where it stands."""


class Overtaken(Failure):
    """Somebody else was first; the message says who, when and what."""


@dataclass
class Stepping:
    """Who takes steps, on which day, by which requirements; `key` is that of the form, empty outside pages.

    `actor` is None for the program itself, which needs no permission. Each kind of matter has its own subclass, which names
    it (`matter`), so that the clocks find it (`lifecycles`), and the way from it to its household (`household`; empty where it is
    about none), so that it follows when that one moves. `told_apart` are the actions of which whoever receives the
    matter hears otherwise, or that its own desk takes; `for_others` the stages at which it waits for somebody beside the offices.
    """

    actor: User | None
    requirements: Clocks
    on: date
    key: str = ""
    lifecycle: ClassVar[Lifecycle]
    matter: ClassVar[type[Matter]]
    household: ClassVar[str]
    told_apart: ClassVar[tuple[str, ...]] = ()
    for_others: ClassVar[Mapping[str, Permission]] = {}
    _scope: Scope | None = None
    _post: str | None = None
    _told: list[tuple[str, Any, dict[str, Any]]] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = scope_of(self.actor, self.on) if self.actor else Scope(())
        return self._scope

    @property
    def user(self) -> User:
        """Who takes the steps, where the program itself takes none of them. Raises ValueError where it does."""
        if self.actor is None:
            raise ValueError("this step is taken by somebody")
        return self.actor

    def already(self, matter: Any) -> Any:
        """The step that this very form has taken before, or None."""
        return matter.steps.filter(key=self.key).first() if self.key else None

    def check(self, matter: Any, action: Any, seen: int | None = None) -> None:
        """Raises Overtaken where somebody has moved the matter since it was seen, NotOpen where the table says no."""
        since = matter.steps.exclude(action__in=self.lifecycle.harmless).select_related("actor")
        if seen is not None:
            first = since.filter(number__gt=seen).order_by("number").first()
            if first is not None:
                raise overtaken(first)
        if self.lifecycle.move_of(matter.stage, action) is None:
            last = since.order_by("-number").first()
            if last is not None and last.actor_id != getattr(self.actor, "pk", None):
                raise overtaken(last)
            raise NotOpen(
                gettext("{title} {number} {now}，不能{action}").format(
                    title=self.lifecycle.title, number=matter.number, now=_now(matter), action=action.label
                ),
                gettext("刷新页面查看最新情况"),
            )
        if self.actor is not None and not self.lifecycle.may(self.scope, matter, action):
            raise NotOpen(
                gettext("{title} {number} {now}，不由您{action}").format(
                    title=self.lifecycle.title, number=matter.number, now=_now(matter), action=action.label
                ),
                gettext("由办理单位或其上级操作"),
            )

    def require_another(self, matter: Any, began_with: str, took_part: Collection[str]) -> None:
        """Raises NotOpen where the actor did one of these actions since the matter last began with an action."""
        begun = matter.steps.filter(action=began_with).order_by("-number").values_list("number", flat=True).first() or 0
        if matter.steps.filter(number__gte=begun, action__in=took_part, actor=self.actor).exists():
            raise NotOpen(gettext("办理过前面环节的人不能再审核、审定"), gettext("请同单位的另一位同志办理"))

    def take(
        self,
        matter: Any,
        action: Any,
        *,
        stage: Any = None,
        desk: Area | None = None,
        clock: str | None = None,
        reason: str = "",
        changes: Mapping[str, Any] | None = None,
        told: Mapping[str, Any] | None = None,
        noted: Mapping[str, Any] | None = None,
    ) -> Any:
        """Writes the step and moves the matter; without `stage` and `desk` both stay, and with them the clock.

        `clock` starts another clock than that of the stage; `changes` are further fields of the matter; `told` is what
        the audit is told beside; `noted` are further fields of the step.
        """
        before = (matter.stage, matter.desk)
        values: dict[str, Any] = {"version": matter.version + 1, **(changes or {})}
        if stage is not None:
            values |= {"stage": stage, "desk": desk or matter.desk, "arrived_on": self.on, "raised_to": None}
            name = (clock or self.clock_of(stage)) if stage in self.lifecycle.level_of else None
            values |= self._clock(name, self.latest_day_of(matter))
        elif clock is not None:
            values |= self._clock(clock)
        if not type(matter)._base_manager.filter(pk=matter.pk, version=matter.version).update(**values):
            last = matter.steps.select_related("actor").order_by("-number").first()
            raise (
                overtaken(last)
                if last
                else Failure(
                    gettext("{title} {number} 已有变化").format(title=self.lifecycle.title, number=matter.number),
                    gettext("刷新页面后再试"),
                )
            )
        for name, value in values.items():
            setattr(matter, name, value)
        if matter.desk != before[1]:
            self.moved(matter)
        step = matter.steps.create(
            number=matter.version,
            action=action,
            actor=self.actor,
            post=self._posts(),
            at=now(),
            on=self.on,
            stage_from=before[0],
            stage_to=matter.stage,
            desk_from=before[1],
            desk_to=matter.desk,
            due_on=matter.due_on,
            reason=reason,
            key=self.key,
            **(noted or {}),
        )
        self._tell(action, matter, reason, told or {})
        return step

    def urge(self, matter: Any, action: Any, reason: str) -> Any:
        """Sets an overdue desk a last day; when that passes, the matter rises again. Raises NotOpen where nothing is overdue."""
        if matter.due_on is None or matter.due_on >= self.on:
            raise NotOpen(
                gettext("{title} {number} 还没有逾期").format(title=self.lifecycle.title, number=matter.number),
                gettext("到期后再催办"),
            )
        return self.take(matter, action, clock=URGED, reason=words(reason, gettext("催办意见")))

    def require_way_back(self, matter: Any, action: Any, to: str) -> None:
        """Raises InputError where the table does not send a matter back from where it stands to that stage."""
        move = self.lifecycle.move_of(matter.stage, action)
        if move is None or to not in move.to:
            raise InputError(gettext("不能退回到这一环节"), gettext("重新选择"))

    def clock_of(self, stage: Any) -> str:
        """The name of a stage's clock in the pack."""
        return str(stage)

    def latest_day_of(self, matter: Any) -> date | None:
        """The day beyond which no clock of a stage runs; None where there is none."""
        return None

    def moved(self, matter: Any) -> None:
        """What else has to move where a matter has come to another desk."""

    def brought(self, homes: Mapping[int, Line]) -> None:
        """What hangs on matters (by primary key) whose households live on another line of areas by now."""

    def along(self, matter: Any, line: Line) -> dict[str, Any]:
        """Further fields that name areas, as they are on the line of areas to which a matter is handed over."""
        return {}

    def _clock(self, name: str | None, latest: date | None = None) -> dict[str, Any]:
        due = self.requirements.due(name, self.on) if name else None
        if due and latest:
            due = min(due, max(latest, self.on))
        return {"due_on": due, "rises_on": self.requirements.rises_after(due) if due else None}

    def _posts(self) -> str:
        if self._post is None:
            self._post = post_of(self.actor)
        return self._post

    def _tell(self, action: Any, matter: Any, reason: str, told: Mapping[str, Any]) -> None:
        stage = matter._meta.get_field("stage").flatchoices
        detail = {
            "to": matter.desk.name if matter.desk else "",
            "state": str(dict(stage)[matter.stage]),
            "reason": reason,
            **told,
        }
        self._told.append(
            (
                self.lifecycle.audit[action],
                matter,
                {name: value for name, value in detail.items() if value not in ("", None)},
            )
        )

    def tell(self, action: str, matter: Any, **detail: Any) -> None:
        """Something more for the audit beside the step."""
        self._told.append((action, matter, detail))

    def finish(self) -> None:
        """Writes the audit's entries, last of all: its writers queue up for the head of the chain."""
        for action in dict.fromkeys(action for action, _, _ in self._told):
            record_many(
                self.actor, action, [(matter, detail) for named, matter, detail in self._told if named == action]
            )
        self._told.clear()


def _now(matter: Any) -> str:
    return gettext("现在{desk}“{stage}”").format(
        desk=matter.desk.name if matter.desk else "", stage=matter.get_stage_display()
    )


def overtaken(step: Any) -> Overtaken:
    who = str(step.actor) if step.actor else gettext("系统")
    at: datetime = localtime(step.at)
    return Overtaken(
        gettext("{who}已于{at:%Y年%-m月%-d日 %H:%M}先行办理：{action}，现为“{stage_to}”。您这次操作没有生效").format(
            who=who, at=at, action=step.get_action_display(), stage_to=step.get_stage_to_display()
        ),
        gettext("刷新页面查看最新情况"),
    )


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
