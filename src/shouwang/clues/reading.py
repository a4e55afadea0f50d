"""The doors through which pages reach clues: always by the user's scope."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, Seen, names_department, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import inside, prefixes
from shouwang.areas.tree import area_of
from shouwang.clues.flow import ON_THE_WAY, STAGE_AT, may
from shouwang.clues.models import (
    Action,
    Channel,
    Clue,
    ClueSource,
    ClueStep,
    MonitoringNote,
    Photo,
    ScreeningRun,
    Stage,
    Visit,
)
from shouwang.questions import Blank, Question, Words

AT_ONCE = 1000


def _own_matters(department: str) -> Q:
    return names_department("owners", department)


def clues_visible_to(user: User) -> QuerySet[Clue]:
    """Clues within the user's area, or on a desk there; a department sees those that rest on its own rows."""
    scope, clues = scope_of(user, localdate()), Clue.objects.select_related("household", "area", "desk")
    return scope.filter(clues, "area", "desk", own_matters=_own_matters)


def clues_within(user: User, area: Area) -> QuerySet[Clue]:
    """The visible clues of households within an area.

    Where a post covers everything of the area, its clues need not be looked for on the desks too, and in the area that has
    none above it lies every clue: what counts many of them then reads one index alone.
    """
    scope = scope_of(user, localdate())
    everything = all(scope.covers_fully(part) for part in prefixes(area))
    if everything and area.parent_id is None:
        return Clue.objects.all()
    clues = Clue.objects.all() if everything else clues_visible_to(user)
    return clues.filter(inside(area))


def clue_visible_to(user: User, number: str) -> Clue:
    """Raises Clue.DoesNotExist outside the user's scope, as if there were none."""
    return _seen.get(user, number=number)


_seen = Seen(lambda user: clues_visible_to(user).filter(number=Blank("number")))


def others_visible_to(user: User, clue: Clue) -> list[Clue]:
    """The household's other clues, the latest first, with what stands in their lines."""
    return _others.ask(user, household=clue.household_id, clue=clue.pk)


_others = Seen(
    lambda user: (
        clues_visible_to(user)
        .filter(household=Blank("household"))
        .exclude(pk=Blank("clue"))
        .select_related(None)
        .order_by("-last_seen_on", "number")
        .only("number", "risk_type", "state", "level", "last_seen_on")
    )
)


def steps_of(clue: Clue) -> list[ClueStep]:
    """What was done about a clue that the caller has found to be open to the user, the latest first."""
    return _steps.ask(clue=clue.pk)


def notes_of(clue: Clue) -> list[MonitoringNote]:
    """What was found again of such a clue."""
    return _notes.ask(clue=clue.pk)


def sources_of(clue: Clue) -> list[ClueSource]:
    """Who told of such a clue."""
    return _sources.ask(clue=clue.pk)


def merged_with(clue: Clue) -> list[Clue]:
    """The clues that are handled with such a clue; their number and risk type."""
    return _merged.ask(clue=clue.pk)


_steps = Question(
    lambda: ClueStep.objects.filter(clue=Blank("clue")).select_related("actor", "desk_to").order_by("-number")
)
_notes = Question(lambda: MonitoringNote.objects.filter(clue=Blank("clue")))
_sources = Question(lambda: ClueSource.objects.filter(clue=Blank("clue")))
_merged = Question(
    lambda: Clue.objects.filter(merged_into=Blank("clue")).order_by("number").only("number", "risk_type")
)


def came_by(channel: str) -> Exists:
    """The condition on clues that they came by a door."""
    return Exists(ClueSource.objects.filter(clue=OuterRef("pk"), channel=channel))


def reports_of(clues: Iterable[Clue]) -> dict[int, list[str]]:
    """Beside screening, by which doors clues came, in words, by clue; for whoever sees all about them. A query for each page."""
    keys, named = [each.pk for each in clues], dict[int, list[str]]()
    for start in range(0, len(keys), len(PLACES)):
        some = keys[start : start + len(PLACES)]
        filled = dict(zip(PLACES, some + some[:1] * (len(PLACES) - len(some)), strict=True))
        named |= _in_words(_beside_screening.ask(**filled))
    return named


PLACES = [f"clue_{number}" for number in range(30)]
"""Of the clues of a page in a question that is composed once."""
_beside_screening = Words(
    f"SELECT clue_id, channel FROM clues_cluesource WHERE clue_id IN ({', '.join(['%s'] * len(PLACES))})"
    " AND channel <> %s ORDER BY id",
    (*map(Blank, PLACES), Channel.SCREENING.value),
)


def channels_of(clues: Sequence[Clue]) -> dict[int, list[str]]:
    """By which doors clues came, in words, by clue; for whoever sees all about them. A query for each thousand."""
    named: dict[int, list[str]] = {}
    for start in range(0, len(clues), AT_ONCE):
        of_these = ClueSource.objects.filter(clue__in=[each.pk for each in clues[start : start + AT_ONCE]])
        named |= _in_words(of_these.order_by("pk").values_list("clue", "channel"))
    return named


def _in_words(channels: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    named: dict[int, list[str]] = {}
    for clue, channel in dict.fromkeys(channels):
        named.setdefault(clue, []).append(str(Channel(channel).label))
    return named


def placed(clues: Iterable[Clue]) -> list[Clue]:
    """The clues with their `area` and `desk` out of the tree in memory: the database need not join them to each."""
    found = list(clues)
    for each in found:
        each.area = area_of(each.area_id)
        each.desk = area_of(each.desk_id) if each.desk_id else None
    return found


def clues_of(user: User, household: str) -> list[Clue]:
    """The visible clues of a household, the latest first, with their ends."""
    return _of_household.ask(user, household=household)


_of_household = Seen(
    lambda user: (
        with_their_ends(clues_visible_to(user).filter(household=Blank("household")))
        .order_by("-last_seen_on", "number")
        .select_related(None)
        .defer("evidence", "flags")
    )
)


def with_their_ends(clues: QuerySet[Clue]) -> QuerySet[Clue]:
    """The clues with, of their `steps`, those that closed them, and of their `sources`, those beside screening."""
    closing = ClueStep.objects.filter(stage_to=Stage.CLOSED).only("clue", "stage_to", "on", "reason")
    told = ClueSource.objects.exclude(channel=Channel.SCREENING)
    return clues.prefetch_related(Prefetch("steps", closing), Prefetch("sources", told))


def visits_to(clues: Iterable[Clue]) -> QuerySet[Visit]:
    """The visits for clues that the caller has found to be open to the user."""
    return Visit.objects.filter(clue__in=[each.pk for each in clues])


def screening_runs() -> QuerySet[ScreeningRun]:
    """Screenings that were carried to the end, the latest as-of day first."""
    return ScreeningRun.objects.filter(state=ScreeningRun.State.DONE)


def latest_as_of() -> date | None:
    """The day for which the desk speaks: that of the latest screening; None before the first."""
    return _latest.one()


_latest = Question(lambda: screening_runs().values_list("as_of", flat=True)[:1])


def sees_all_about(scope: Scope, clue: Clue) -> bool:
    """Whether somebody sees what was found in the home: departments see what rests on their own rows alone."""
    return scope.covers_fully(clue.area_id) or (clue.desk_id is not None and scope.covers_fully(clue.desk_id))


def photo_visible_to(user: User, name: str) -> Photo:
    """Raises Photo.DoesNotExist for a photo of a clue about which the user does not see everything."""
    photo = Photo.objects.select_related("visit__clue").get(name=name)
    if not sees_all_about(scope_of(user, localdate()), photo.visit.clue):
        raise Photo.DoesNotExist
    return photo


def handled_with(clue: Clue) -> list[Clue]:
    """The clue and those of the household that are handled with it."""
    return [clue, *Clue.objects.filter(merged_into=clue).order_by("number")]


def mergeable_with(clue: Clue, scope: Scope) -> list[Clue]:
    """The other clues of the household into which somebody with these posts may merge a clue."""
    others = Clue.objects.filter(household_id=clue.household_id, stage__in=ON_THE_WAY).exclude(pk=clue.pk)
    return [each for each in others.select_related("desk").order_by("number") if may(scope, each, Action.MERGE)]


def clues_to_dispatch(user: User) -> QuerySet[Clue]:
    """What lies on the desks from which somebody dispatches."""
    reaches = scope_of(user, localdate()).holding(Permission.DISPATCH)
    desks = [Q(desk=reach.area, stage=STAGE_AT[reach.area.level]) for reach in reaches]
    found = Clue.objects.select_related("household", "area", "desk")
    return found.filter(reduce(or_, desks)) if desks else found.none()


def clues_to_export(user: User) -> QuerySet[Clue]:
    """The visible clues within the posts that may take lists out."""
    holding = Scope(scope_of(user, localdate()).holding(Permission.EXPORT))
    return holding.filter(Clue.objects.select_related("household", "area", "desk"), own_matters=_own_matters)
