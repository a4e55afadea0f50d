"""What the overview counts of an area: its clues, how far they have come, and its households.

A city's hundred thousands of clues take seconds to count, and everybody at a desk would wait meanwhile. So the background
process counts them for whoever looks at a city, county after county with pauses, and the overview shows what was counted last;
a clue and a household lie in one county, so what is counted of counties adds up. Everything else is counted when it is asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, reduce
from operator import or_
from time import monotonic
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache, caches
from django.db.models import Count, F, Model, QuerySet
from django.db.models.functions import Left, TruncMonth
from django.utils.timezone import localdate, now

from shouwang import __version__
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import inside, within
from shouwang.areas.tree import tree
from shouwang.clues.models import Clue, ScreeningRun
from shouwang.clues.progress import Progress, nothing_since, progress_by_part
from shouwang.clues.reading import clues_within, screening_runs
from shouwang.households.models import Household
from shouwang.households.reading import households_visible_to
from shouwang.kernel.divisions import CODE_DIGITS, digits_below, whole_code

M = TypeVar("M", bound=Model)
MONTHS = 12
LONG_SECONDS = 0.5
"""What takes no longer than that is counted when it is asked for."""
SHOWN_SECONDS, HOUSEHOLDS_SECONDS = 3600, 600
SHARED = "shared"
"""The cache that all processes of a site look into."""
# How many leading digits of a village's code name the smallest places that the page tells apart.
FINE = {Area.CITY: 9, Area.COUNTY: CODE_DIGITS, Area.TOWNSHIP: CODE_DIGITS, Area.VILLAGE: CODE_DIGITS}
Month = tuple[date, str]
ByPart = defaultdict[str, Counter[tuple[str, str]]]


@dataclass(frozen=True)
class Counted:
    """What is counted of one part of an area, or of several together.

    Args:
        levels: the clues that wait, by place and level; a place is the full code of a township in a city, else of a village.
        risks: the same by risk type and level.
        at_risk: the same by place and risk type.
        flagged: how many households these are about.
        months: all clues by the first day of the month in which they were first found, and by level.
        progress: how far the clues have come.
        held: households by place.
        without_income: households for which the latest screening had no income.
        at: when the oldest of this was counted.
    """

    levels: Mapping[tuple[str, str], int]
    risks: Mapping[tuple[str, str], int]
    at_risk: Mapping[tuple[str, str], int]
    flagged: int
    months: Mapping[Month, int]
    progress: Progress
    held: Mapping[str, int]
    without_income: int
    at: datetime

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            {**self.levels, **other.levels},
            Counter(self.risks) + Counter(other.risks),
            {**self.at_risk, **other.at_risk},
            self.flagged + other.flagged,
            Counter(self.months) + Counter(other.months),
            self.progress + other.progress,
            {**self.held, **other.held},
            self.without_income + other.without_income,
            min(self.at, other.at),
        )


@dataclass(frozen=True)
class Question:
    """What is to be counted: within an area, what somebody may see; the clues of the months up to that of `last`, as of today.
    `name` tells it from others."""

    area: Area
    clues: QuerySet[Clue]
    households: QuerySet[Household]
    run: ScreeningRun | None
    today: date
    name: str

    @property
    def last(self) -> date:
        """The day of the latest screening; today where there was none."""
        return self.run.as_of if self.run else self.today

    @property
    def since(self) -> date:
        first = self.last.year * 12 + self.last.month - MONTHS
        return date(first // 12, first % 12 + 1, 1)

    @cached_property
    def parts(self) -> list[str]:
        """The leading digits of all places that there are or were in each; the first digit is shared by all."""
        if self.area.level != Area.CITY:
            return [self.area.pk[:1]]
        return sorted({code[: digits_below(Area.CITY)] for code in tree().by_code})

    @property
    def digits(self) -> int:
        return len(self.parts[0])


def question_of(user: User, area: Area) -> Question:
    """What an area within the user's scope is asked for, today. Who has the same posts asks the same."""
    today, run = localdate(), screening_runs().first()
    posts = ",".join(f"{reach.duty}{reach.area.pk}{reach.department}" for reach in scope_of(user, today).reaches)
    return Question(
        area,
        clues_within(user, area),
        households_visible_to(user).filter(inside(area)),
        run,
        today,
        f"{__version__}-{settings.HOME.path.name}-{posts}-{area.pk}-{run.pk if run else 0}-{today}",
    )


def counted(question: Question) -> Counted:
    """Everything together, in a number of queries that does not depend on how much there is.

    Of a city what the background process counted last; where it counted nothing lately, and it took long, what is counted now.
    """
    shared = caches[SHARED]
    kept: Counted | None = shared.get(question.name) if len(question.parts) > 1 else None
    if kept is None:
        began = monotonic()
        kept = reduce(Counted.__add__, _count(question, question.parts).values())
        if len(question.parts) > 1 and monotonic() - began > LONG_SECONDS:
            shared.set(question.name, kept, SHOWN_SECONDS)
    return kept


def count_ahead(wait: Callable[[float], object]) -> int:
    """For everybody who looks at a city, county after county; after each it waits four times as long as counting took.

    Returns how many different questions took long, and can be answered for an hour.
    """
    long = 0
    for question in _of_cities():
        spent, parts = 0.0, []
        for part in question.parts:
            began = monotonic()
            parts += _count(question, [part]).values()
            spent += monotonic() - began
            wait(4 * (monotonic() - began))
        if spent > LONG_SECONDS:
            caches[SHARED].set(question.name, reduce(Counted.__add__, parts), SHOWN_SECONDS)
            long += 1
    return long


def _of_cities() -> Iterator[Question]:
    """What those ask who see households of a city; what several ask alike, once."""
    asked = {}
    for user in User.objects.filter(is_active=True, posts__area__level=Area.CITY).distinct().order_by("pk"):
        area = scope_of(user, localdate()).top_area
        if area is not None and area.level == Area.CITY:
            question = question_of(user, area)
            asked.setdefault(question.name, question)
    yield from asked.values()


def _count(question: Question, parts: list[str]) -> dict[str, Counted]:
    """Some parts, in a number of queries that does not depend on how many."""
    at, digits = now(), question.digits
    clues = _in_parts(question.clues, parts, question)
    held, without = _households(question, parts)
    waiting = clues.filter(state=Clue.State.OPEN)
    levels, risks, at_risk = _waiting(waiting, question.area, digits)
    flagged = dict(_parted(waiting, digits).values_list("part").annotate(number=Count("household_id", distinct=True)))
    months = defaultdict[str, dict[Month, int]](dict)
    grouped = _parted(clues.filter(opened_on__gte=question.since), digits).annotate(month=TruncMonth("opened_on"))
    for part, month, level, number in grouped.values_list("part", "month", "level").annotate(number=Count("pk")):
        months[part][month, level] = number
    progress = progress_by_part(clues, question.since, question.today, digits)
    nothing = nothing_since(question.since)
    return {
        part: Counted(
            levels[part], risks[part], at_risk[part], flagged.get(part, 0), months[part],
            progress.get(part, nothing), held[part], without.get(part, 0), at,
        )
        for part in parts
    }  # fmt: skip


def _households(question: Question, parts: list[str]) -> tuple[Mapping[str, Mapping[str, int]], Mapping[str, int]]:
    """By part how many there are by place, and without an income; below a city kept for some minutes, for they change little."""
    name = f"households-{question.name}" if len(question.parts) == 1 else ""
    kept = cache.get(name) if name else None
    if kept is None:
        rows, digits = _in_parts(question.households, parts, question), question.digits
        number = Count("pk", distinct=rows.query.distinct)
        held, fine = defaultdict[str, Counter[str]](Counter), FINE[question.area.level]
        # By villages, in the order of their index: by leading digits takes four times as long.
        for village, count in rows.order_by().values_list("area_id").annotate(number=number):
            held[village[:digits]][whole_code(village[:fine])] += count
        poor = _parted(rows.filter(income_known=False), digits).values_list("part")
        kept = held, dict(poor.annotate(number=number))
        if name:
            cache.set(name, kept, HOUSEHOLDS_SECONDS)
    return kept


def _in_parts(rows: QuerySet[M], parts: list[str], question: Question) -> QuerySet[M]:
    if len(parts) == len(question.parts):
        return rows
    return rows.filter(reduce(or_, (within(part, "area_id") for part in parts)))


def _parted(rows: QuerySet[M], digits: int) -> QuerySet[M]:
    """The rows with the leading digits of their place as `part`; the whole code as it lies in the index."""
    return rows.order_by().annotate(part=F("area_id") if digits == CODE_DIGITS else Left("area_id", digits))


def _waiting(clues: QuerySet[Clue], area: Area, digits: int) -> tuple[ByPart, ByPart, ByPart]:
    """The clues by place, risk type and level, in one query: by part what `Counted` has of them."""
    levels, risks, at_risk = ByPart(Counter), ByPart(Counter), ByPart(Counter)
    rows = _parted(clues, FINE[area.level]).values_list("part", "risk_type", "level").annotate(number=Count("pk"))
    for digits_of_place, risk, level, number in rows:
        part, place = digits_of_place[:digits], whole_code(digits_of_place)
        levels[part][place, level] += number
        risks[part][risk, level] += number
        at_risk[part][place, risk] += number
    return levels, risks, at_risk
