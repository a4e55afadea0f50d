"""What happens by itself: new clues come to the first desk and go on by standing orders; overdue ones rise a level.

Each is done again without harm, and in batches: a stop in between leaves whole clues behind.
"""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from shouwang.areas.models import Area
from shouwang.clues.flow import FIRST_LEVEL, STAGE_AT
from shouwang.clues.models import Action, Channel, Clue, ClueStep, DispatchRule, Stage
from shouwang.clues.requirements import Requirements
from shouwang.clues.steps import Stepping
from shouwang.proceedings import rising
from shouwang.proceedings.desks import Line, lines_of

BATCH = 1000


def take_in(requirements: Requirements, on: date) -> int:
    """Puts every clue that a screening has found on the desk of its city with the first step and the clock running; returns how many.

    The screening that found them is in the audit with their number, so none of them makes an entry of its own.
    """
    waiting = Clue.objects.filter(stage=Stage.NEW, state=Clue.State.OPEN).order_by("pk").values_list("pk", "area_id")
    taken = 0
    while some := list(waiting[:BATCH]):
        _take_in_some(some, requirements, on)
        taken += len(some)
    return taken


@transaction.atomic
def _take_in_some(some: list[tuple[int, str]], requirements: Requirements, on: date) -> None:
    lines = lines_of({area for _, area in some}, on)
    by_desk: dict[Area, list[int]] = {}
    for pk, area in some:
        by_desk.setdefault(first_desk(lines[area], Channel.SCREENING), []).append(pk)
    for desk, pks in by_desk.items():
        stage = STAGE_AT[desk.level]
        due = requirements.due(stage, on)
        rises = requirements.rises_after(due) if due else None
        new = Clue.objects.filter(pk__in=pks, stage=Stage.NEW)
        new.update(stage=stage, desk=desk, arrived_on=on, due_on=due, rises_on=rises, version=1)
        ClueStep.objects.bulk_create(
            [
                ClueStep(
                    clue_id=pk,
                    number=1,
                    action=Action.ARRIVE,
                    at=now(),
                    on=on,
                    stage_from=Stage.NEW,
                    stage_to=stage,
                    desk_to=desk,
                    due_on=due,
                )
                for pk in pks
            ],
            BATCH,
        )


def first_desk(line: Line, channel: Channel) -> Area:
    """The office to which a new clue comes: that of its channel's level, or the next above where there is none."""
    return line[max(level for level in line if level <= max(FIRST_LEVEL[channel], min(line)))]


def follow_rules(requirements: Requirements, on: date) -> int:
    """Sends on what standing orders of the offices cover; returns how many steps were taken."""
    rules = list(DispatchRule.objects.select_related("area").order_by("area__level", "-level", "-risk_type", "pk"))
    return sum(_follow(rule, requirements, on) for rule in rules)


def _follow(rule: DispatchRule, requirements: Requirements, on: date) -> int:
    fitting = Clue.objects.filter(stage=STAGE_AT[rule.area.level], desk=rule.area)
    if rule.level:
        fitting = fitting.filter(level=rule.level)
    if rule.risk_type:
        fitting = fitting.filter(risk_type=rule.risk_type)
    taken, after = 0, 0
    while some := list(_with_desks(fitting.filter(pk__gt=after))[:BATCH]):
        after = some[-1].pk
        taken += _send_on(some, rule, requirements, on)
    return taken


def _with_desks(clues: QuerySet[Clue]) -> QuerySet[Clue]:
    return clues.select_related("desk").defer("evidence", "flags").order_by("pk")


@transaction.atomic
def _send_on(some: list[Clue], rule: DispatchRule, requirements: Requirements, on: date) -> int:
    stepping, lines = Stepping(None, requirements, on), lines_of({clue.area_id for clue in some}, on)
    taken = 0
    for clue in some:
        line = lines[clue.area_id]
        if line.get(rule.area.level) == rule.area and rule.to_level in line:
            desk = line[rule.to_level]
            words = f"按{rule.area.name}的下发规则"
            stepping.take(clue, Action.DISPATCH, stage=STAGE_AT[desk.level], desk=desk, reason=words)
            taken += 1
    stepping.finish()
    return taken


def raise_overdue(requirements: Requirements, on: date) -> int:
    """Tells every overdue clue a level higher, once for each level that is due by a day; returns how many steps.

    The clue stays with whoever has it in hand, and comes on the list of the office above, up to the city.
    """
    clues = Clue.objects.defer("evidence", "flags")
    return rising.raise_overdue(clues, Action.RISE, Stepping(None, requirements, on), on)
