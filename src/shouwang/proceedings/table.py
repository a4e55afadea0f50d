"""The way of a matter as a table: where it stands, what may be done there, by whom, and where it then stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Reach, Scope
from shouwang.areas.models import Area

SAME = "same"


class Who(StrEnum):
    """Which of those who hold the permission: at the desk itself, above it, either, or whoever reaches the desk's area;
    or, wherever the matter lies, at its household's village, or what that was merged into (home), or whoever reaches
    it (calling)."""

    DESK = "desk"
    ABOVE = "above"
    EITHER = "either"
    REACHING = "reaching"
    HOME = "home"
    CALLING = "calling"


@dataclass(frozen=True)
class Move:
    """One line of a table: the stage after it is the first of `to` unless the step names another."""

    stage: str
    action: str
    permission: Permission
    who: Who
    to: tuple[str, ...]

    def open_to(self, reach: Reach, desk: Area, home: str = "") -> bool:
        """Whether a post may make this move with a matter on that desk; `home` is the code of the household's village."""
        if not reach.may(self.permission):
            return False
        here = reach.area.pk == desk.pk
        above = reach.area.level < desk.level and reach.covers(desk.pk)
        return {
            Who.DESK: here,
            Who.ABOVE: above,
            Who.EITHER: here or above,
            Who.REACHING: reach.covers(desk.pk),
            Who.HOME: reach.is_of(home),
            Who.CALLING: bool(home) and reach.covers(home),
        }[self.who]


def read_table(table: str, stages: Iterable[str], actions: Iterable[str]) -> tuple[Move, ...]:
    """Lines of stage, action, permission, who, to; `same` stays.

    Raises:
        ValueError: a line has a word that is none of them.
    """
    known, named = {str(each): each for each in stages}, {str(each): each for each in actions}
    _, *lines = [line.split() for line in table.strip().splitlines()]
    moves = []
    for stage, action, permission, who, to in lines:
        after = (stage,) if to == SAME else tuple(to.split(","))
        if strange := [each for each in (stage, *after) if each not in known] + [action] * (action not in named):
            raise ValueError(f"the table has {strange[0]}, which is neither a stage nor an action")
        moves.append(
            Move(known[stage], named[action], Permission(permission), Who(who), tuple(known[each] for each in after))
        )
    return tuple(moves)


@dataclass(frozen=True)
class Lifecycle:
    """One kind of matter: what it is called, its table, the level of the desk at each stage that lies on one.

    `concerns` says whether a post is one of those that a matter is for, beside where it lies. `harmless` are the actions
    after which what somebody saw a moment ago still holds; `audit` is what the audit calls each action.
    """

    title: str
    moves: tuple[Move, ...]
    level_of: Mapping[str, int]
    harmless: tuple[str, ...]
    audit: Mapping[str, str]
    concerns: Callable[[Reach, Any], bool] = lambda reach, matter: True

    @property
    def waiting(self) -> list[str]:
        """The stages at which something is done by the desk, or by one above it, or for which a clock runs."""
        of_the_desk = (move.stage for move in self.moves if move.who not in (Who.HOME, Who.CALLING))
        return list(dict.fromkeys([*self.level_of, *of_the_desk]))

    def move_of(self, stage: str, action: str) -> Move | None:
        """The line of the table for an action at a stage; None where the table has none."""
        return next((move for move in self.moves if move.stage == stage and move.action == action), None)

    def may(self, scope: Scope, matter: Any, action: str) -> bool:
        """Whether the table lets somebody with these posts take an action on a matter now."""
        move = self.move_of(matter.stage, action)
        return (
            move is not None
            and matter.desk is not None
            and any(
                move.open_to(each, matter.desk, getattr(matter, "area_id", "")) and self.concerns(each, matter)
                for each in scope.reaches
            )
        )

    def moves_open_to(self, scope: Scope, matter: Any) -> list[Any]:
        """What somebody with these posts may do with a matter now, in the order of the table."""
        return [
            move.action for move in self.moves if move.stage == matter.stage and self.may(scope, matter, move.action)
        ]
