"""How long steps took: every run of a clock, read back from the steps of clues."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shouwang.clues.models import Action, ClueStep
from shouwang.proceedings.clocks import RISE, URGED

READ_AT_ONCE = 5000
HANDED_ON = (Action.TAKE_OVER, Action.REASSIGN)  # by the program, where an area was merged or a household moved


@dataclass(frozen=True)
class Passage:
    """One run of a clock: in which village, from which day, and when it was stopped by a step; None: it still runs."""

    area: str
    began: date
    ended: date | None


@dataclass(frozen=True)
class _Taken:
    clue: int
    area: str
    action: str
    by_program: bool
    stage_to: str
    on: date


def passages_since(clock: str, since: date, *, progress: Callable[[int], None] = lambda _: None) -> Iterator[Passage]:
    """The runs of a clock that began on `since` or later, whoever's clues they are; `progress` is told the percentage.

    `clock` is a stage, `urged` (from the urging on) or `rise` (from the first rise on). A visit stops no clock, nor does
    the program where it gives clues to the successor of a merged area, or to where the household moved.
    """
    asked = ClueStep.objects.filter(on__gte=since).exclude(action=Action.VISIT)
    whole = asked.count()
    rows = asked.order_by("clue_id", "number").values_list(
        "clue_id", "clue__area_id", "action", "actor_id", "stage_to", "on"
    )
    steps = (
        _Taken(clue, area, action, actor is None, stage, on)
        for clue, area, action, actor, stage, on in rows.iterator(chunk_size=READ_AT_ONCE)
    )
    return runs(_telling(steps, whole, progress), clock)


def _telling(steps: Iterable[_Taken], whole: int, progress: Callable[[int], None]) -> Iterator[_Taken]:
    for number, step in enumerate(steps):
        if number % READ_AT_ONCE == 0:
            progress(number * 100 // whole)
        yield step


def runs(steps: Iterable[_Taken], clock: str) -> Iterator[Passage]:
    """The runs of a clock among steps that are in the order of clue and number."""
    clue, area, began, risen = 0, "", None, False
    for step in steps:
        if step.clue != clue:
            if began is not None:
                yield Passage(area, began, None)
            clue, area, began, risen = step.clue, step.area, None, False
        if step.action == Action.RISE:
            if clock == RISE and not risen:
                began, risen = step.on, True
        elif step.action == Action.URGE:
            if clock == URGED and began is None:
                began = step.on
        elif not (step.action in HANDED_ON and step.by_program):
            if began is not None:
                yield Passage(area, began, step.on)
            began, risen = (step.on if step.stage_to == clock else None), False
    if began is not None:
        yield Passage(area, began, None)
