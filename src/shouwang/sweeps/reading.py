"""The doors through which pages reach sweeps: campaigns that go to one's own area, and the households there."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.kernel.divisions import digits_below, whole_code
from shouwang.proceedings.desks import standing
from shouwang.sweeps.models import Campaign, Stage, SweepTask

COUNTS = {
    "total": Count("pk"),
    "done": Count("pk", ~Q(outcome="")),
    "trouble": Count("pk", Q(outcome=SweepTask.Outcome.TROUBLE)),
}


def campaigns_visible_to(user: User) -> QuerySet[Campaign]:
    """Those that an office in the user's area organises, and those that go to households there. A department sees none."""
    scope = scope_of(user, localdate())
    inside = scope.filter(SweepTask.objects.filter(campaign=OuterRef("pk")))
    own = scope.filter(Campaign.objects.all()).values("pk")
    return Campaign.objects.filter(Q(pk__in=own) | Exists(inside)).select_related("area")


def campaign_visible_to(user: User, number: str) -> Campaign:
    """Raises Campaign.DoesNotExist outside the user's scope, as if there were none."""
    return campaigns_visible_to(user).get(number=number)


def tasks_visible_to(user: User) -> QuerySet[SweepTask]:
    """The households of campaigns within the user's area."""
    found = SweepTask.objects.select_related("campaign", "household", "area")
    return scope_of(user, localdate()).filter(found)


def task_visible_to(user: User, pk: int) -> SweepTask:
    """Raises SweepTask.DoesNotExist outside the user's scope, as if there were none."""
    return tasks_visible_to(user).get(pk=pk)


@dataclass(frozen=True)
class Progress:
    """How far one place is: households in all, done, and with trouble."""

    area: Area | None
    total: int
    done: int
    trouble: int

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


def progress_by_campaign(tasks: QuerySet[SweepTask], campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """How far each of some campaigns is among the tasks, in one query."""
    rows = tasks.filter(campaign__in=list(campaigns)).order_by().values_list("campaign").annotate(**COUNTS)
    return {campaign: Progress(None, *numbers) for campaign, *numbers in rows}


def progress_of(tasks: QuerySet[SweepTask], below: Area | None) -> tuple[Progress, list[Progress]]:
    """All of the tasks in sum, and by the areas directly below one; one query however many there are."""
    digits, today = digits_below(below.level if below else Area.CITY), localdate()
    counted: dict[Area, list[int]] = {}
    for code, *numbers in tasks.order_by().values_list(Substr("area_id", 1, digits)).annotate(**COUNTS).order_by():
        area = standing(whole_code(code), today)
        counted[area] = [sum(pair) for pair in zip(counted.get(area, [0] * len(COUNTS)), numbers, strict=True)]
    found = [Progress(area, *numbers) for area, numbers in counted.items()]
    whole = Progress(below, *(sum(getattr(each, name) for each in found) for name in COUNTS))
    return whole, sorted(found, key=lambda each: (each.percent, -each.left))


def running_for(user: User) -> list[tuple[Campaign, int]]:
    """Running campaigns with households of the user's area that nobody has been to, and how many; soonest first."""
    waiting = tasks_visible_to(user).filter(campaign__stage=Stage.RUNNING, outcome="").order_by()
    counted = dict(waiting.values_list("campaign").annotate(number=Count("pk")))
    return [(each, counted[each.pk]) for each in Campaign.objects.filter(pk__in=counted).order_by("ends_on", "pk")]
