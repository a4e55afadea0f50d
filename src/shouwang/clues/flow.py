"""The handling of a clue as a table: where it stands, what may be done there, by whom, and where it then stands.

Nothing else writes `Clue.stage`; whoever asks what somebody may do now asks `moves_open_to`. Every clue that is not closed
lies on one desk with one clock, or is handled with another clue of its household; there is no way out of the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Reach, Scope
from shouwang.areas.models import Area
from shouwang.clues.models import Action, Clue, Stage


class Who(StrEnum):
    """Which of those who hold the permission: at the desk itself, above it, either, or whoever reaches the desk's area."""

    DESK = "desk"
    ABOVE = "above"
    EITHER = "either"
    REACHING = "reaching"


# The level of the desk on which a stage lies.
LEVEL_OF: Mapping[Stage, int] = {
    Stage.CITY: Area.CITY,
    Stage.COUNTY: Area.COUNTY,
    Stage.TOWNSHIP: Area.TOWNSHIP,
    Stage.VILLAGE: Area.VILLAGE,
    Stage.TOWNSHIP_REVIEW: Area.TOWNSHIP,
    Stage.COUNTY_REVIEW: Area.COUNTY,
}
STAGE_AT: Mapping[int, Stage] = {
    Area.CITY: Stage.CITY,
    Area.COUNTY: Stage.COUNTY,
    Area.TOWNSHIP: Stage.TOWNSHIP,
    Area.VILLAGE: Stage.VILLAGE,
}
# Where a clue is on its way down or with the village; later it is being agreed upon.
ON_THE_WAY = tuple(STAGE_AT.values())
IN_HAND = tuple(LEVEL_OF)

# `to` is the stage after the step: the first fits unless the step names another; `same` stays. The clock of the new stage
# is the deadline of its name in the pack. agree: a red clue goes on to the county, every other is closed.
_TABLE = """
stage            action     permission   who       to
city             dispatch   dispatch     desk      county,township,village
county           dispatch   dispatch     desk      township,village
township         dispatch   dispatch     desk      village
county           return     dispatch     desk      city
township         return     dispatch     desk      county
village          return     submit       desk      township
county           reassign   dispatch     above     county
township         reassign   dispatch     above     township
village          reassign   dispatch     above     village
city             merge      dispatch     either    merged
county           merge      dispatch     either    merged
township         merge      dispatch     either    merged
village          merge      dispatch     either    merged
merged           separate   dispatch     either    city,county,township,village
village          visit      verify       reaching  same
village          confirm    submit       desk      township_review
village          dismiss    submit       desk      township_review
township_review  agree      consent      desk      closed,county_review
township_review  send_back  consent      desk      village
county_review    agree      confirm_red  desk      closed
county_review    send_back  confirm_red  desk      township_review
county           urge       dispatch     above     same
township         urge       dispatch     above     same
village          urge       dispatch     above     same
township_review  urge       dispatch     above     same
county_review    urge       dispatch     above     same
"""


@dataclass(frozen=True)
class Move:
    """One line of the table."""

    stage: Stage
    action: Action
    permission: Permission
    who: Who
    to: tuple[Stage, ...]

    def open_to(self, reach: Reach, desk: Area) -> bool:
        """Whether a post may make this move with a clue on that desk."""
        if not reach.may(self.permission):
            return False
        here = reach.area.pk == desk.pk
        above = reach.area.level < desk.level and reach.covers(desk.pk)
        return {
            Who.DESK: here,
            Who.ABOVE: above,
            Who.EITHER: here or above,
            Who.REACHING: reach.covers(desk.pk),
        }[self.who]


def _read(table: str) -> tuple[Move, ...]:
    _, *lines = [line.split() for line in table.strip().splitlines()]
    return tuple(
        Move(
            Stage(stage),
            Action(action),
            Permission(permission),
            Who(who),
            (Stage(stage),) if to == "same" else tuple(Stage(each) for each in to.split(",")),
        )
        for stage, action, permission, who, to in lines
    )


MOVES = _read(_TABLE)


def move_of(stage: str, action: Action) -> Move | None:
    """The line of the table for an action at a stage; None where the table has none."""
    return next((move for move in MOVES if move.stage == stage and move.action == action), None)


def may(scope: Scope, clue: Clue, action: Action) -> bool:
    """Whether the table lets somebody with these posts take an action on a clue now."""
    move = move_of(clue.stage, action)
    return move is not None and clue.desk is not None and any(move.open_to(each, clue.desk) for each in scope.reaches)


def moves_open_to(scope: Scope, clue: Clue) -> list[Action]:
    """What somebody with these posts may do with a clue now, in the order of the table."""
    return [move.action for move in MOVES if move.stage == clue.stage and may(scope, clue, move.action)]
