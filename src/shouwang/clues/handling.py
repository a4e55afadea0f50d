"""Dispatch, return, reassign, merge, separate, urge: who has a clue in hand. What the village found is `verification`.

Each function is one transaction with its steps and audit entries. `seen` is the number of the last step that the acting
user had on the screen; `key` that of the form, so that the same form sent again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.areas.reading import children, valid_on, within
from shouwang.clues.flow import LEVEL_OF, ON_THE_WAY, STAGE_AT, may, move_of
from shouwang.clues.models import Action, Clue, ClueStep, Stage
from shouwang.clues.requirements import Requirements
from shouwang.clues.steps import NotOpen, Stepping, locked, words
from shouwang.kernel.errors import Failure, InputError
from shouwang.proceedings.desks import Line, line_of, lines_of

AT_ONCE = 5000  # clues of one order: so many are one transaction of a few seconds


@dataclass
class Dispatched:
    """What became of an order for many clues: numbers that went on, and why the others stayed."""

    done: list[str] = field(default_factory=list)
    stayed: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def dispatch(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    to: Area,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Gives a clue to a desk below, whichever of the acting office's own that is.

    Raises:
        NotOpen, Overtaken: see `steps`.
        InputError: the place does not lie below the desk.
    """
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.DISPATCH, seen)
    step = _pass_on(stepping, clue, to)
    stepping.finish()
    return step


@transaction.atomic
def dispatch_many(
    numbers: Sequence[str],
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    to_level: int,
    key: str = "",
) -> Dispatched:
    """Gives clues down the line of their own village; what is no longer on the user's desk stays and is told.

    Raises:
        InputError: more than one order can take.
    """
    if len(numbers) > AT_ONCE:
        raise InputError(_("一次最多下发 {at_once} 条").format(at_once=AT_ONCE), _("分几次下发，或先筛选"))
    stepping, result = Stepping(acting_user, requirements, on, key), Dispatched()
    clues = [clue for start in range(0, len(numbers), 500) for clue in _locked(numbers[start : start + 500])]
    lines = lines_of({clue.area_id for clue in clues}, on)
    for clue in clues:
        if stepping.already(clue) is not None:
            result.done.append(clue.number)
            continue
        try:
            stepping.check(clue, Action.DISPATCH)
            _pass_on(stepping, clue, _below(clue, lines[clue.area_id], to_level))
            result.done.append(clue.number)
        except (Failure, InputError) as refused:
            result.stayed[clue.number] = refused.message
    stepping.finish()
    return result


def _locked(numbers: Sequence[str]) -> list[Clue]:
    found = Clue.objects.select_for_update().filter(number__in=numbers)
    return list(found.prefetch_related("area", "desk").defer("evidence", "flags").order_by("number"))


def _below(clue: Clue, line: Line, level: int) -> Area:
    """The desk of a level on the clue's own line. Raises InputError where the line does not pass the desk in hand."""
    desk = line.get(level)
    if desk is None or clue.desk is None or line.get(clue.desk.level) != clue.desk:
        raise InputError(
            _("线索 {number} 所在村不属于现办理单位").format(number=clue.number), _("打开这条线索，逐条指定下发到哪里")
        )
    return desk


def _pass_on(stepping: Stepping, clue: Clue, to: Area) -> ClueStep:
    move, stage = move_of(clue.stage, Action.DISPATCH), STAGE_AT.get(to.level)
    here = clue.desk
    if move is None or here is None or stage not in move.to or line_of(to, stepping.on).get(here.level) != here:
        raise InputError(_("{name}不在现办理单位之下，不能下发到那里").format(name=to.name), _("在下级单位中选择"))
    return stepping.take(clue, Action.DISPATCH, stage=stage, desk=to)


@transaction.atomic
def give_back(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    reason: str,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Returns a clue to the desk above, with a reason."""
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.RETURN, seen)
    said = words(reason, _("退回理由"))
    stage = moved_to(clue, Action.RETURN)
    step = stepping.take(clue, Action.RETURN, stage=stage, desk=above(clue, stage, on), reason=said)
    stepping.finish()
    return step


@transaction.atomic
def reassign(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    to: Area,
    reason: str,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Takes a clue from a desk below and gives it to another desk of the same level within the acting user's area."""
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.REASSIGN, seen)
    said = words(reason, _("改派理由"))
    move = move_of(clue.stage, Action.REASSIGN)
    if clue.desk is None or move is None or to.level != clue.desk.level or to == clue.desk:
        raise InputError(_("请改派到同一级的另一个单位"), _("重新选择"))
    if not any(move.open_to(reach, clue.desk) and move.open_to(reach, to) for reach in stepping.scope.reaches):
        raise InputError(_("{name}不在您的辖区内").format(name=to.name), _("重新选择，或退回上级改派"))
    step = stepping.take(clue, Action.REASSIGN, stage=Stage(clue.stage), desk=to, reason=said)
    stepping.finish()
    return step


@transaction.atomic
def merge(
    number: str,
    *,
    into: str,
    acting_user: User,
    requirements: Requirements,
    on: date,
    reason: str,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Has a clue handled with another of the same household: one visit, one finding, one end for both.

    It stays open, takes new evidence, and counts as what it is; it can be separated again.
    """
    both = {each: locked(each) for each in sorted({number, into})}  # in one order, whichever goes into which
    clue, main = both[number], both[into]
    stepping = Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.MERGE, seen)
    if main == clue or main.household_id != clue.household_id:
        raise InputError(_("只能并入同一户的另一条线索"), _("重新选择"))
    if main.stage not in ON_THE_WAY or not may(stepping.scope, main, Action.MERGE):
        raise NotOpen(
            _("线索 {number} 现在是“{stage}”，不能再并入").format(number=main.number, stage=main.get_stage_display()),
            _("等它退回后再试，或分别办理"),
        )
    if clue.merged.exists():
        raise InputError(
            _("线索 {number} 之下已有并入的线索").format(number=clue.number), _("先把它们拆分，或反过来合并")
        )
    said = words(reason, _("合并理由"))
    step = stepping.take(
        clue,
        Action.MERGE,
        stage=Stage.MERGED,
        desk=main.desk,
        reason=said,
        changes={"merged_into": main},
        told={"into": main.number},
    )
    stepping.finish()
    return step


@transaction.atomic
def separate(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    reason: str,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Takes a merged clue out again; it goes on from where the other one stands."""
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    main = locked(clue.merged_into.number) if clue.merged_into else None
    if main is not None:
        clue.desk = main.desk
    stepping.check(clue, Action.SEPARATE, seen)
    if main is None or main.stage not in ON_THE_WAY:
        raise NotOpen(_("并入的线索正在审核，不能拆分"), _("等审核有了结果，或请审核单位退回"))
    step = stepping.take(
        clue,
        Action.SEPARATE,
        stage=Stage(main.stage),
        desk=main.desk,
        reason=words(reason, _("拆分理由")),
        changes={"merged_into": None},
    )
    stepping.finish()
    return step


@transaction.atomic
def urge(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    reason: str,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """A level above sets an overdue desk a last day; when that passes, the clue rises again."""
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.URGE, seen)
    step: ClueStep = stepping.urge(clue, Action.URGE, reason)
    stepping.finish()
    return step


def moved_to(clue: Clue, action: Action) -> Stage:
    """The stage that the table gives an action first. Raises NotOpen where it has none."""
    move = move_of(clue.stage, action)
    if move is None:
        raise NotOpen(
            _("线索 {number} 现在不能{action}").format(number=clue.number, action=action.label),
            _("刷新页面查看最新情况"),
        )
    return move.to[0]


def above(clue: Clue, stage: Stage, on: date) -> Area:
    """The desk of a stage on the line above the desk in hand."""
    desk = clue.desk or clue.area
    return line_of(desk, on)[LEVEL_OF[stage]]


def desks_beside(desk: Area, scope: Scope, on: date) -> list[Area]:
    """The other desks of a desk's level to which somebody with these posts may reassign, those under its parent first."""
    above = [reach for reach in scope.holding(Permission.DISPATCH) if reach.area.level < desk.level]
    within_reach = [within(prefix, "code") for reach in above if reach.covers(desk.pk) for prefix in reach.prefixes]
    if not within_reach:
        return []
    same_level = Area.objects.filter(reduce(or_, within_reach), valid_on(on), level=desk.level).exclude(pk=desk.pk)
    found = same_level.select_related("parent").order_by("parent_id", "code")
    return sorted(found, key=lambda area: area.parent_id != desk.parent_id)


def desks_below(desk: Area, on: date) -> list[Area]:
    """The desks directly below an office, where a clue may be given by hand."""
    return list(children(desk, on))
