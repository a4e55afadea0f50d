"""A clue batch becomes clues on desks: STANDARD_RULES, "From hits to clues" and "Again tomorrow"."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils.timezone import localdate, now

from shouwang.audit.record import record
from shouwang.cases.flow import NOT_STANDING
from shouwang.cases.models import Case, CaseClue
from shouwang.cases.models import Stage as CaseStage
from shouwang.clues.evidence import has_new_rows, source_rows
from shouwang.clues.models import Channel, Clue, ClueSource, MonitoringNote, ScreeningRun, Stage
from shouwang.clues.rising import take_in
from shouwang.households.models import Household
from shouwang.jobs.handling import requirements
from shouwang.jobs.left_standing import Key, KnownClue, LeftStanding, leave_standing, not_noted_yet, still_found
from shouwang.jobs.policy import REOPEN_AFTER_DAYS, in_pack
from shouwang.jobs.rows import insert_rows, update_rows
from shouwang.kernel.errors import Failure
from shouwang.screening.batch import BatchClue, ClueBatch, ClueKey
from shouwang.sources.contract import contracts
from shouwang.tables.planning import look_at_the_rows

T = TypeVar("T")
CHUNK = 500
IDENTITY = ("number", "household", "risk_type", "state", "dismissed_reason", "opened_on", "earlier")
FINDINGS = ("area", "level", "last_seen_on", "rules", "reasons", "evidence", "flags", "owners")


@dataclass
class Recorded:
    """What became of a batch. `new` and `updated` count clues by level; `standing` are the batch's clues that stand.

    `suppressed` counts clues that people have dismissed on the same source rows; `noted` those of households for
    which the same risk was confirmed or is monitored.
    """

    new: dict[str, int]
    updated: dict[str, int]
    standing: list[BatchClue | ClueKey]
    suppressed: int
    noted: int = 0
    run: ScreeningRun | None = None


@dataclass
class _Plan:
    """What each clue of the batch becomes."""

    new: list[tuple[BatchClue, int | None]] = field(default_factory=list)
    updated: list[tuple[BatchClue, int]] = field(default_factory=list)
    older: list[BatchClue] = field(default_factory=list)
    noted: list[tuple[BatchClue, int, str]] = field(default_factory=list)
    only_reported: set[int] = field(default_factory=set)
    suppressed: int = 0
    left: LeftStanding = field(default_factory=LeftStanding)

    @property
    def standing(self) -> list[BatchClue | ClueKey]:
        return [clue for clue, _ in [*self.new, *self.updated]] + self.older + [key for key, _ in self.left.open]


def record_clues(
    batch: ClueBatch,
    *,
    dry_run: bool = False,
    run: ScreeningRun | None = None,
    area: str | None = None,
    on: date | None = None,
) -> Recorded:
    """Records a batch in one transaction; recording the same batch again changes nothing.

    Args:
        dry_run: only say what would become of it.
        run: the run that asked for this screening, if any; otherwise one is made, or the identical one found.
        area: the part of the city that was screened; such a screening is not one of the desk's runs.
        on: the day on which the new clues come to the first desk and their clock begins; today.

    Raises:
        Failure: a household of the batch is not on the desk's register.
    """
    clues = [*batch.clues]
    if batch.carried:  # before anything is locked: the lake is asked about some households
        clues += _explained(batch, _plan(batch, clues))
    if dry_run:
        return _recorded(_plan(batch, clues))
    with transaction.atomic():
        _lock_households(clues)
        plan = _plan(batch, clues)
        while more := _explained(batch, plan):  # somebody acted meanwhile
            clues += more
            _lock_households(more)
            plan = _plan(batch, clues)
        areas = _areas_of_households(clues)
        _open_new(batch, plan.new, areas)
        changed = still_found(batch.as_of, plan.updated)
        _take_evidence(batch, changed, areas)
        _name_the_source(batch, plan)
        _take_notes(batch, not_noted_yet(batch.as_of, plan.noted))
        plan.left.renew(batch.as_of)
        recorded = _recorded(plan)
        if area is None:
            recorded.run = _record_run(batch, recorded, run)
        _tell_the_audit(batch, recorded, area)
        day = on or localdate()
        take_in(requirements(day), day)
    if recorded.new:
        look_at_the_rows(Clue)
    return recorded


def _tell_the_audit(batch: ClueBatch, recorded: Recorded, area: str | None) -> None:
    run = recorded.run
    record(
        run.asked_by if run else None,
        "screening_recorded",
        run,
        area=area,
        as_of=batch.as_of,
        known_at=batch.known_at,
        pack_version=batch.pack_version,
        households=batch.households_screened,
        new=recorded.new,
        updated=recorded.updated,
    )


def _recorded(plan: _Plan) -> Recorded:
    return Recorded(
        dict(Counter(clue.level for clue, _ in plan.new)),
        dict(Counter(clue.level for clue, _ in [*plan.updated, *plan.left.open])),
        sorted(plan.standing, key=lambda clue: (clue.household_no, clue.risk_type)),
        plan.suppressed + plan.left.suppressed,
        len(plan.noted) + len(plan.left.notes),
    )


def _explained(batch: ClueBatch, plan: _Plan) -> list[BatchClue]:
    """The carried clues of which more must be known than that they stand."""
    wanted = plan.left.unexplained
    if batch.carried is None or not wanted:
        return []
    found = batch.carried.explain({number for number, _ in wanted})
    return [clue for clue in found if _key(clue) in wanted]


def _plan(batch: ClueBatch, clues: list[BatchClue]) -> _Plan:
    """What becomes of `clues`, and what of those that the batch carries beside them."""
    plan = _Plan(only_reported=_only_reported())
    known, watched = _latest_clues(), _watched()
    dismissed = [known[_key(clue)].id for clue in clues if _is_dismissed(known.get(_key(clue)))]
    rows_then = _evidence_of(dismissed)
    reopen_after = timedelta(days=int(str(in_pack(REOPEN_AFTER_DAYS, batch.as_of))))
    eliminated = _eliminated_by(batch.as_of)
    if batch.carried:
        looked_at = {_key(clue) for clue in clues}
        keys = [key for key in batch.carried.keys if key.identity not in looked_at]
        by_hand = plan.only_reported, watched, eliminated
        plan.left = leave_standing(keys, batch.carried.since, known, by_hand, batch.as_of - reopen_after)
    for clue in clues:
        before = known.get(_key(clue))
        if before is None and _key(clue) in watched:
            plan.noted.append((clue, watched[_key(clue)], clue.risk_type))  # beside a clue of another risk
        elif before is None:
            plan.new.append((clue, None))
        elif before.state in (Clue.State.CONFIRMED, Clue.State.MONITORED) and clue.household_no in eliminated:
            plan.new.append((clue, before.id))
        elif before.state in (Clue.State.CONFIRMED, Clue.State.MONITORED):
            plan.noted.append((clue, before.id, ""))
        elif before.state == Clue.State.DISMISSED:
            if _comes_back(batch.as_of, before, clue, rows_then[before.id], reopen_after):
                plan.new.append((clue, before.id))
            else:
                plan.suppressed += 1
        elif before.older_than(batch.as_of, plan.only_reported):
            plan.updated.append((clue, before.id))
        else:
            plan.older.append(clue)
    return plan


def _key(clue: BatchClue) -> Key:
    return clue.household_no, clue.risk_type


def _is_dismissed(known: KnownClue | None) -> bool:
    return known is not None and known.state == Clue.State.DISMISSED


def _latest_clues() -> dict[Key, KnownClue]:
    """The latest clue of every household and risk type: the one of the highest id.

    What was found true and then refused as a case stands as a dismissed one does: nobody watches that household.
    """
    fields = ("household_id", "risk_type", "id", "state", "last_seen_on", "dismissed_on")
    rows = Clue.objects.order_by("id").values_list(*fields).iterator(chunk_size=5000)
    known = {(household, risk): KnownClue(*rest) for household, risk, *rest in rows}
    refused = CaseClue.objects.filter(case__stage__in=NOT_STANDING).order_by("pk")
    for pk, household, risk, on in refused.values_list(
        "clue_id", "clue__household_id", "clue__risk_type", "case__refused_on"
    ):
        if known[household, risk].id == pk:
            known[household, risk] = replace(known[household, risk], state=Clue.State.DISMISSED, dismissed_on=on)
    return known


def _watched() -> dict[Key, int]:
    """Risks for which a household is monitored though no clue told of them, each with the clue on which its case rests."""
    found: dict[Key, int] = {}
    monitored = CaseClue.objects.filter(case__stage=CaseStage.INCLUDED).order_by("-pk")
    for household, risks, pk in monitored.values_list("case__household_id", "case__risks", "clue_id"):
        found |= {(household, risk): pk for risk in risks}
    return found


def _only_reported() -> set[int]:
    """The open clues that no screening has found yet."""
    return set(
        Clue.objects.filter(state=Clue.State.OPEN)
        .exclude(sources__channel=Channel.SCREENING)
        .order_by()
        .values_list("pk", flat=True)
    )


def _lock_households(clues: list[BatchClue]) -> None:
    """A report that comes in meanwhile waits: it would take the same number."""
    for some in _chunks(sorted({clue.household_no for clue in clues})):
        list(Household.objects.select_for_update().filter(pk__in=some).order_by("pk").values_list("pk", flat=True))


def _eliminated_by(as_of: date) -> set[str]:
    """Households whose risk had ended by a day: no rule fired then, so that one which fires now asks a question anew."""
    ended = Case.objects.filter(stage=CaseStage.ELIMINATED, eliminated_on__lte=as_of)
    return set(ended.order_by().values_list("household", flat=True))


def _evidence_of(ids: list[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for some in _chunks(ids):
        found.update(Clue.objects.filter(pk__in=some).values_list("pk", "evidence"))
    return found


def _comes_back(
    as_of: date, before: KnownClue, clue: BatchClue, evidence_then: dict[str, Any], reopen_after: timedelta
) -> bool:
    """A dismissed question reopens on a source row that was not there, or when the time is up.

    A screening of a day before the dismissal says nothing that was not known to whoever dismissed it.
    """
    if before.dismissed_on is None or as_of < before.dismissed_on:
        return False
    if as_of >= before.dismissed_on + reopen_after:
        return True
    return has_new_rows(clue.evidence, evidence_then)


def _areas_of_households(clues: list[BatchClue]) -> dict[str, str]:
    """Where the households live now: the batch may speak of an earlier day, the desk does not."""
    numbers = sorted({clue.household_no for clue in clues})
    areas: dict[str, str] = {}
    for some in _chunks(numbers):
        areas |= dict(Household.objects.filter(pk__in=some).values_list("pk", "area_id"))
    missing = len(numbers) - len(areas)
    if missing:
        raise Failure(f"线索涉及的 {missing} 户不在业务名册中", "运行 shouwang doctor 检查，再重新筛查")
    return areas


def _open_new(batch: ClueBatch, new: list[tuple[BatchClue, int | None]], areas: dict[str, str]) -> None:
    """New clues, numbered within their household without gaps."""
    counted: Counter[str] = Counter()
    for some in _chunks(sorted({clue.household_no for clue, _ in new})):
        counted.update(Clue.objects.filter(household__in=some).order_by().values_list("household_id", flat=True))
    rows = []
    for clue, earlier in new:
        counted[clue.household_no] += 1
        number = f"{clue.household_no}-{counted[clue.household_no]:02d}"
        findings = _findings(batch, clue, areas)
        first = [number, clue.household_no, clue.risk_type, Clue.State.OPEN.value, "", batch.as_of, earlier]
        rows.append(first + [findings[name] for name in FINDINGS])
    insert_rows(Clue, (*IDENTITY, *FINDINGS), rows)


def _findings(batch: ClueBatch, clue: BatchClue, areas: dict[str, str]) -> dict[str, Any]:
    return {
        "area": areas[clue.household_no],
        "level": clue.level,
        "last_seen_on": batch.as_of,
        "rules": list(clue.rules),
        "reasons": clue.reasons,
        "evidence": clue.evidence,
        "flags": clue.flags,
        "owners": owners_of(clue.evidence),
    }


def owners_of(evidence: dict[str, Any]) -> str:
    """The departments on whose rows evidence rests, written |医保|民政|."""
    known = contracts()
    sources = {source for source, _, _ in source_rows(evidence)}
    owners = sorted({owner for source in sources for owner in known[source].owner.split("/")})
    return f"|{'|'.join(owners)}|" if owners else ""


def _take_evidence(batch: ClueBatch, updated: list[tuple[BatchClue, int]], areas: dict[str, str]) -> None:
    """The latest findings go onto the open clues."""
    rows = []
    for clue, pk in updated:
        findings = _findings(batch, clue, areas)
        rows.append([*(findings[name] for name in FINDINGS), pk])
    update_rows(Clue, FINDINGS, rows)


def _name_the_source(batch: ClueBatch, plan: _Plan) -> None:
    """Screening stands among the sources of every clue that it found, with what it said first."""
    new = Clue.objects.filter(stage=Stage.NEW).exclude(sources__channel=Channel.SCREENING).order_by("pk")
    found = list(new.values_list("pk", "reasons"))
    found += [(pk, clue.reasons) for clue, pk in plan.updated if pk in plan.only_reported]
    names = ("clue", "channel", "reference", "received_on", "text", "taken_at")
    rows = [[pk, Channel.SCREENING.value, "", batch.as_of, reasons, now()] for pk, reasons in found]
    insert_rows(ClueSource, names, rows)


def _take_notes(batch: ClueBatch, noted: list[tuple[BatchClue, int, str]]) -> None:
    MonitoringNote.objects.bulk_create(
        [
            MonitoringNote(
                clue_id=pk,
                channel=Channel.SCREENING,
                reference=risk,
                as_of=batch.as_of,
                last_seen_on=batch.as_of,
                level=clue.level,
                rules=list(clue.rules),
                reasons=clue.reasons,
                evidence=clue.evidence,
            )
            for clue, pk, risk in noted
        ],
        CHUNK,
        update_conflicts=True,
        unique_fields=["clue", "as_of", "channel", "reference"],
        update_fields=["last_seen_on", "level", "rules", "reasons", "evidence"],
    )


def digest_of(batch: ClueBatch) -> str:
    """A fingerprint of a screening's whole result: of what it rests on, where that was taken down."""
    if batch.ground:
        return batch.ground
    whole = [
        batch.as_of.isoformat(),
        batch.known_at.isoformat(),
        batch.pack_version,
        batch.households_screened,
        batch.hits_by_rule,
    ]
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode())
    for clue in batch.clues:
        content = [clue.household_no, clue.risk_type, clue.level, clue.evidence, clue.flags]
        digest.update(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()


def _record_run(batch: ClueBatch, recorded: Recorded, run: ScreeningRun | None) -> ScreeningRun:
    """One row for one result: what the identical screening found new at its time stays said."""
    digest = digest_of(batch)
    before = ScreeningRun.objects.filter(digest=digest, state=ScreeningRun.State.DONE).order_by("pk").first()
    if before is not None and (run is None or run.pk == before.pk):
        return before
    run = run or ScreeningRun()
    run.as_of, run.known_at, run.pack_version, run.digest = batch.as_of, batch.known_at, batch.pack_version, digest
    run.households, run.hits = batch.households_screened, batch.hits_by_rule
    run.new, run.updated = (before.new, before.updated) if before else (recorded.new, recorded.updated)
    run.standing = dict(Counter(clue.level for clue in recorded.standing))
    run.state, run.progress = ScreeningRun.State.DONE, 100
    run.save()
    if before is not None:
        before.delete()
    return run


def _chunks(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
