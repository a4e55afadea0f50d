"""What a screening found as it was found before: of that only the day moves on, and its words stay those of the day on which
it was found so. A full run and a daily one leave the very same behind.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db.models import F, OuterRef, Subquery

from shouwang.clues.models import Channel, Clue, MonitoringNote
from shouwang.households.models import Household
from shouwang.screening.batch import BatchClue, ClueKey

T = TypeVar("T")
CHUNK = 500
Key = tuple[str, str]
ByHand = tuple[set[int], Mapping[Key, int], set[str]]
FOUND_TRUE = (Clue.State.CONFIRMED, Clue.State.MONITORED)


@dataclass(frozen=True)
class KnownClue:
    """The latest clue of a household and risk type."""

    id: int
    state: str
    last_seen_on: date
    dismissed_on: date | None

    def older_than(self, as_of: date, only_reported: set[int]) -> bool:
        """Whether a screening of a day says something newer than the clue knows; one that was only reported knows nothing."""
        return as_of >= self.last_seen_on or self.id in only_reported


@dataclass
class LeftStanding:
    """Carried clues: the open ones, the notes and the dismissed ones that stand as the last screening left them.

    `unexplained` are those of which more must be known, because somebody acted since or the time of a dismissal is up.
    """

    open: list[tuple[ClueKey, int]] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    suppressed: int = 0
    unexplained: set[Key] = field(default_factory=set)

    def renew(self, as_of: date) -> None:
        """They were found on this day too."""
        _found_again(as_of, [pk for _, pk in self.open])
        _noted_again(as_of, self.notes)


def leave_standing(
    keys: Iterable[ClueKey], since: date, known: Mapping[Key, KnownClue], by_hand: ByHand, reopened: date
) -> LeftStanding:
    """What becomes of clues that nobody had to look at since the last screening, which was that of `since`.

    Args:
        by_hand: the clues that were only reported, the risks that are watched with the clue of their case, the households
            whose risk was eliminated.
        reopened: dismissals of that day and earlier ones are over.
    """
    only_reported, watched, eliminated = by_hand
    left, notes = LeftStanding(), _notes_of(since)
    for key in keys:
        before = known.get(key.identity)
        note = notes.get((before.id, "") if before else (watched.get(key.identity, 0), key.risk_type))
        noted_before = before is None or (before.state in FOUND_TRUE and key.household_no not in eliminated)
        if noted_before and note is not None:
            left.notes.append(note)
        elif before and before.state == Clue.State.OPEN and _knows_it(before, since, only_reported):
            left.open.append((key, before.id))
        elif before and before.state == Clue.State.DISMISSED and _stays_dismissed(before, since, reopened):
            left.suppressed += 1
        else:
            left.unexplained.add(key.identity)
    return left


def _knows_it(before: KnownClue, since: date, only_reported: set[int]) -> bool:
    return before.last_seen_on == since and before.id not in only_reported


def _stays_dismissed(before: KnownClue, since: date, reopened: date) -> bool:
    """Whether it was dismissed when the last screening found what stands now, and its time is not up."""
    return before.dismissed_on is None or reopened < before.dismissed_on < since


def _notes_of(day: date) -> dict[tuple[int, str], int]:
    """The notes that the screening of a day left or found again, by clue and reference."""
    found = MonitoringNote.objects.filter(channel=Channel.SCREENING, last_seen_on=day).order_by("as_of")
    return {(clue, reference): pk for clue, reference, pk in found.values_list("clue_id", "reference", "pk")}


def still_found(as_of: date, updated: list[tuple[BatchClue, int]]) -> list[tuple[BatchClue, int]]:
    """Of open clues those about which something else was found; of the others the day moves on."""
    changed, same = [], []
    for some in _chunks(updated):
        rows = Clue.objects.filter(pk__in=[pk for _, pk in some])
        fields = ("pk", "level", "evidence", "flags")
        held = {pk: rest for pk, *rest in rows.values_list(*fields)}
        for clue, pk in some:
            if held[pk] == [clue.level, *_like(held[pk][1], clue), clue.flags]:
                same.append(pk)
            else:
                changed.append((clue, pk))
    _found_again(as_of, same)
    return changed


def not_noted_yet(as_of: date, noted: list[tuple[BatchClue, int, str]]) -> list[tuple[BatchClue, int, str]]:
    """Of what was found about verified or monitored households that which the last note does not say; of the others the day
    moves on."""
    fresh, same = [], []
    for some in _chunks(noted):
        of_these = MonitoringNote.objects.filter(clue__in=[pk for _, pk, _ in some], channel=Channel.SCREENING)
        rows = of_these.filter(as_of__lte=as_of).order_by("as_of")
        last = {(row[0], row[1]): row for row in rows.values_list("clue_id", "reference", "pk", "level", "evidence")}
        for clue, pk, reference in some:
            row = last.get((pk, reference))
            if row and [row[3], row[4]] == [clue.level, *_like(row[4], clue)]:
                same.append(row[2])
            else:
                fresh.append((clue, pk, reference))
    _noted_again(as_of, same)
    return fresh


def _like(then: Mapping[str, Any], clue: BatchClue) -> Iterator[dict[str, Any]]:
    """The evidence of a clue with the sentences of then: these name the days of the windows, which pass."""
    yield {
        rule: found | {"reason": then[rule]["reason"]} if rule in then else found
        for rule, found in clue.evidence.items()
    }


def _found_again(as_of: date, pks: list[int]) -> None:
    home = Household.objects.filter(pk=OuterRef("household_id")).values("area_id")
    for some in _chunks(pks):
        clues = Clue.objects.filter(pk__in=some)
        clues.update(last_seen_on=as_of)
        clues.exclude(area_id=F("household__area_id")).update(area_id=Subquery(home))


def _noted_again(as_of: date, pks: list[int]) -> None:
    for some in _chunks(pks):
        MonitoringNote.objects.filter(pk__in=some, last_seen_on__lt=as_of).update(last_seen_on=as_of)
        MonitoringNote.objects.filter(pk__in=some, last_seen_on=None).update(last_seen_on=as_of)


def _chunks(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
