"""How far clues have come: how many stand at each stage and for how long, how many went on, how many came back.

Every number is counted in two queries however many clues there are; `clues` is whatever the reader may see.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import add
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from shouwang.clues.flow import IN_HAND
from shouwang.clues.models import Action, Clue, Level, Stage

# Days at a stage from which each span begins: today and yesterday, two and three days ago, and so on.
SPANS = (0, 2, 4, 8, 16)
CAME_BACK = (Action.RETURN, Action.SEND_BACK)
_LINE = (Stage.NEW, *IN_HAND, Stage.CLOSED)


@dataclass(frozen=True)
class Station:
    """One stage on the way of a clue.

    `reached` came as far as here or farther; `standing` are here now, `spans` says since how many days (see SPANS), and
    `overdue` how many of them are past the clock of the stage; `sent_back` counts how often a clue was given back from here.
    """

    stage: Stage
    reached: int
    standing: int
    overdue: int
    spans: tuple[int, ...]
    sent_back: int

    def __add__(self, other: "Station") -> "Station":
        return Station(
            self.stage,
            self.reached + other.reached,
            self.standing + other.standing,
            self.overdue + other.overdue,
            tuple(map(add, self.spans, other.spans)),
            self.sent_back + other.sent_back,
        )


@dataclass(frozen=True)
class Progress:
    """Where clues stand that were found since a day, and all that are still open. What is merged goes on with another."""

    since: date
    found: int
    new: int
    stations: tuple[Station, ...]
    merged: int
    confirmed: int
    dismissed: int
    monitored: int

    def __add__(self, other: "Progress") -> "Progress":
        """That of other clues with it, counted of the same day."""
        return Progress(
            since=self.since,
            found=self.found + other.found,
            new=self.new + other.new,
            stations=tuple(map(add, self.stations, other.stations)),
            merged=self.merged + other.merged,
            confirmed=self.confirmed + other.confirmed,
            dismissed=self.dismissed + other.dismissed,
            monitored=self.monitored + other.monitored,
        )

    @property
    def closed(self) -> int:
        return self.confirmed + self.dismissed + self.monitored

    @property
    def in_hand(self) -> int:
        return sum(station.standing for station in self.stations)

    @property
    def overdue(self) -> int:
        return sum(station.overdue for station in self.stations)


def nothing_since(since: date) -> Progress:
    return _progress(since, [], Counter())


def progress_by_part(clues: QuerySet[Clue], since: date, today: date, digits: int) -> dict[str, Progress]:
    """How far the clues have come that were first found on `since` or later, and those that are still open: by so many leading
    digits of the village's code. Parts without a clue are left out."""
    asked = clues.order_by().filter(Q(opened_on__gte=since) | Q(state=Clue.State.OPEN))
    asked = asked.annotate(part=Left("area_id", digits))
    rows = defaultdict(list)
    grouped = asked.values_list("part", "stage", "state", "level")
    for part, *row in grouped.annotate(number=Count("pk"), **_ageing(today)):
        rows[part].append(row)
    back = _sent_back(asked)
    return {part: _progress(since, found, back[part]) for part, found in rows.items()}


def _progress(since: date, rows: Iterable[list[Any]], back: Counter[str]) -> Progress:
    stages, states, reached = Counter[str](), Counter[str](), Counter[Stage]()
    ages: dict[str, list[int]] = {stage: [0] * (1 + len(SPANS)) for stage in _LINE}
    for stage, state, level, number, *counts in rows:
        stages[stage] += number
        if stage != Stage.MERGED:
            states[state] += number
            for each in _passed(Stage(stage), level):
                reached[each] += number
            ages[stage] = list(map(add, ages[stage], counts))
    return Progress(
        since=since,
        found=sum(stages.values()),
        new=stages[Stage.NEW],
        stations=tuple(
            Station(stage, reached[stage], stages[stage], ages[stage][0], tuple(ages[stage][1:]), back[stage])
            for stage in IN_HAND
        ),
        merged=stages[Stage.MERGED],
        confirmed=states[Clue.State.CONFIRMED],
        dismissed=states[Clue.State.DISMISSED],
        monitored=states[Clue.State.MONITORED],
    )


def _ageing(today: date) -> dict[str, Count]:
    """How many are overdue, and how many came to their stage within each span of days."""
    firsts = [today - timedelta(days=days) for days in SPANS]
    within = [
        Q(arrived_on__lte=last) & (Q(arrived_on__gt=after) if after else Q())
        for last, after in zip(firsts, [*firsts[1:], None], strict=True)
    ]
    within[0] = Q(arrived_on__gt=firsts[1])
    asked = {"overdue": Q(due_on__lt=today)} | {f"span_{place}": condition for place, condition in enumerate(within)}
    return {name: Count("pk", filter=condition) for name, condition in asked.items()}


def _passed(stage: Stage, level: str) -> list[Stage]:
    """The stages on the line up to where a clue stands; only red ones pass the county's review."""
    line = _LINE[: _LINE.index(stage) + 1]
    return [each for each in line if each != Stage.COUNTY_REVIEW or level == Level.RED]


def _sent_back(clues: QuerySet[Any]) -> defaultdict[str, Counter[str]]:
    """How often clues were given back, by part and by the stage from which."""
    steps = clues.filter(steps__action__in=CAME_BACK).values_list("part", "steps__stage_from")
    back = defaultdict[str, Counter[str]](Counter)
    for part, stage, number in steps.annotate(number=Count("pk")):
        back[part][stage] = number
    return back
