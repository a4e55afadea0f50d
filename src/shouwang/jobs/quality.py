"""The register checked for defects and the desk told: again and again, by the background process, whenever something changed.

What a check finds replaces what the one before found; what was mended is gone, what stays keeps the day of its first finding.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext

from shouwang.assistance.models import Measure, MeasureCategory
from shouwang.assistance.reading import active_on, cases_without_help
from shouwang.assistance.requirements import FIRST_MEASURE
from shouwang.cases.models import Case, CaseStep, Stage
from shouwang.clues.models import Clue
from shouwang.clues.models import Stage as ClueStage
from shouwang.defects.models import Defect, QualityCheck
from shouwang.deliveries.ledger import deliveries
from shouwang.households.models import Household
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.policy import current_pack
from shouwang.jobs.policy_words import spoken
from shouwang.jobs.rows import insert_rows, update_rows
from shouwang.kernel.home import Home
from shouwang.quality.check import Found, check
from shouwang.quality.declaration import Place, QualityRule, filled
from shouwang.quality.declared import BY_ID, RULES
from shouwang.quality.tables import NUMBERS, Desk
from shouwang.registration.models import RecordedFact

__all__ = ["BY_ID", "RULES", "Place", "QualityRule", "check_quality", "refresh_quality", "words_of"]
FIELDS = ("rule", "household", "person_key", "severity", "area", "values", "delivery", "line", "found_on")
CHANGING = ("severity", "area", "values", "delivery", "line")
AT_RISK = (
    Stage.COLLECTION,
    Stage.DELIBERATION,
    Stage.PUBLICITY,
    Stage.TOWNSHIP_AUDIT,
    Stage.COUNTY_APPROVAL,
    Stage.ANNOUNCEMENT,
    Stage.INCLUDED,
)
SHOWS_IN: Mapping[str, str] = {
    MeasureCategory.INDUSTRY: "industry",
    MeasureCategory.EMPLOYMENT: "employment",
    MeasureCategory.PUBLIC_POST: "employment",
}
CHUNK = 500
Key = tuple[str, str, int]


def refresh_quality(home: Home, on: date) -> QualityCheck | None:
    """Checks again where the day, the deliveries, the policy or the cases have changed since; None where nothing has.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    state, last = _state(home, on), QualityCheck.objects.first()
    if last is not None and last.as_of == on and last.state == state:
        return None
    return check_quality(home, on)


def check_quality(home: Home, on: date) -> QualityCheck:
    """Checks the whole register as known and as of a day, and brings the desk's defects up to it.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    state = _state(home, on)
    done = check(home, current_pack(), on, Desk(_cases(on), _facts(), _help(on), _explained()))
    with transaction.atomic():
        found = _bring_up_to(done.found, on)
        by_rule = {rule.id: 0 for rule in RULES}
        for rule, _, _ in found:
            by_rule[rule] += 1
        return QualityCheck.objects.create(
            as_of=on, state=state, households=done.households, defects=len(found), by_rule=by_rule
        )


def words_of(defect: Defect) -> str:
    """What is wrong, in words, in the language of the page."""
    rule = BY_ID[defect.rule]
    values = {name: spoken(str(value)) for name, value in defect.values.items()}
    return filled(gettext(rule.says), values, gettext("未填"))


def _state(home: Home, on: date) -> str:
    ledger = home.lake / "decisions" / "links.jsonl"
    decided = ledger.stat().st_size if ledger.exists() else 0
    step = CaseStep.objects.aggregate(last=Max("pk"))["last"] or 0
    fact = RecordedFact.objects.aggregate(last=Max("pk"))["last"] or 0
    helping = Measure.objects.filter(active_on(on)).count()
    dismissed = Clue.objects.filter(state=Clue.State.DISMISSED).count()
    received = deliveries(home)
    newest = max((each.number for each in received), default=0)
    return f"{len(received)}:{newest}:{decided}:{step}:{fact}:{helping}:{dismissed}:{current_pack().version}"


def _cases(on: date) -> Any:
    """The standing cases, one a household; and since when those are included whose time for a first measure is over without one."""
    import pyarrow as pa

    clocks = clocks_of(on)
    unhelped = dict(cases_without_help(Case.objects.all(), on).order_by().values_list("household_id", "included_on"))
    told = Case.objects.exclude(stage=Stage.REFUSED).order_by().values_list("household_id", "risks", "stage")
    rows = []
    for number, risks, stage in told.iterator():
        since = unhelped.get(number)
        late = since is not None and clocks.due(FIRST_MEASURE, since) < on
        at_risk, eliminated = stage in AT_RISK, stage == Stage.ELIMINATED
        rows.append((number, f"|{'|'.join(risks)}|", at_risk, eliminated, since if late else None))
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    types = (pa.string(), pa.string(), pa.bool_(), pa.bool_(), pa.date32())
    names = ("household_no", "risks", "at_risk", "eliminated", "unhelped_since")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def _explained() -> Any:
    """When it was decided, with a reason, that a household is not to be monitored: refused as a case, or a clue that rested on its
    income dismissed."""
    import pyarrow as pa

    rows = list(
        Case.objects.filter(stage=Stage.REFUSED, refused_on__isnull=False).values_list("household_id", "refused_on")
    )
    closing = Max("steps__on", filter=Q(steps__stage_to=ClueStage.CLOSED))
    dismissed = Clue.objects.filter(state=Clue.State.DISMISSED).order_by().annotate(closed_on=closing)
    of_income = f"{current_pack().income_area}."
    for number, rules, closed_on in dismissed.values_list("household_id", "rules", "closed_on").iterator():
        if closed_on is not None and any(rule.startswith(of_income) for rule in rules):
            rows.append((number, closed_on))
    columns = list(zip(*rows, strict=True)) or [(), ()]
    return pa.table({"household_no": pa.array(columns[0], pa.string()), "on": pa.array(columns[1], pa.date32())})


def _help(on: date) -> Any:
    """Since when measures run that should show in an income; whoever has a public post earns a wage."""
    import pyarrow as pa

    running = Measure.objects.filter(active_on(on), category__in=SHOWS_IN).order_by()
    told = running.values_list("plan__case__household_id", "category", "started_on")
    rows = [(number, SHOWS_IN[category], since) for number, category, since in told.iterator()]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types, names = (pa.string(), pa.string(), pa.date32()), ("household_no", "kind", "since")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def _facts() -> Any:
    """The number that was recorded last of each field that rules speak of."""
    import pyarrow as pa

    told = RecordedFact.objects.filter(field__in=NUMBERS).order_by("pk").values_list("household_id", "field", "value")
    last = {(number, field): value for number, field, value in told.iterator()}
    rows = [(number, field, float(value)) for (number, field), value in last.items() if value]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types, names = (pa.string(), pa.string(), pa.float64()), ("household_no", "field", "number")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def _bring_up_to(found: Iterable[Found], on: date) -> set[Key]:
    """Writes what is new, corrects what changed, removes what is mended; returns what now stands."""
    wanted = {(each.rule, each.household_no, each.person): each for each in found}
    areas = _areas({each.household_no for each in wanted.values()})
    wanted = {key: each for key, each in wanted.items() if each.household_no in areas}
    gone, changed, known = [], [], set()
    held = Defect.objects.order_by().values_list(
        "pk", "rule", "household_id", "person_key", *(_column(n) for n in CHANGING)
    )
    for pk, rule, household, person, *values in held.iterator():
        key = (rule, household, person)
        if key not in wanted:
            gone.append(pk)
            continue
        known.add(key)
        now = _values(wanted[key], areas)
        if now != tuple(values):
            changed.append((*now, pk))
    for some in _chunks(gone):
        Defect.objects.filter(pk__in=some).delete()
    update_rows(Defect, CHANGING, changed)
    new = ((*key, *_values(each, areas), on) for key, each in wanted.items() if key not in known)
    insert_rows(Defect, FIELDS, new)
    return set(wanted)


def _column(name: str) -> str:
    return "area_id" if name == "area" else name


def _values(each: Found, areas: dict[str, str]) -> tuple[Any, ...]:
    return (int(BY_ID[each.rule].severity), areas[each.household_no], each.values, each.delivery, each.line)


def _areas(numbers: set[str]) -> dict[str, str]:
    """The village of each household; one that the desk does not have yet is missing and comes with the next check."""
    found: dict[str, str] = {}
    for some in _chunks(sorted(numbers)):
        found.update(Household.objects.filter(pk__in=some).values_list("pk", "area_id"))
    return found


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, CHUNK)):
        yield some
