"""What the conditions of an elimination take from both halves: facts and rules from the lake, clues, register and measures from
the desk. For one household live, and for all monitored ones in one pass."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from shouwang.assistance.models import Measure, MeasureState
from shouwang.cases.models import Case, CaseClue
from shouwang.cases.models import Stage as CaseStage
from shouwang.clues.models import Clue, Level
from shouwang.deliveries.ledger import label
from shouwang.elimination.conditions import FACTS, Assessment, assess
from shouwang.elimination.knowledge import FiredRule, Gone, Known, KnownClue, KnownFact, Row, State
from shouwang.elimination.models import ConditionCheck, NaturalGround
from shouwang.households.models import Person, RegisterChange
from shouwang.jobs.handling import elimination_requirements
from shouwang.jobs.person_history import Departures
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.screening.standing import FactStanding, Standing, standings
from shouwang.sources.contract import contract

T = TypeVar("T")
CHUNK = 500
REGISTER, VITAL_EVENT = "household_register", "vital_event"


def assessment_of(home: Home, case: Case, on: date) -> Assessment:
    """The conditions of one case, checked now, with the source rows.

    Raises:
        Failure: memory or disk did not suffice, or a file of the lake is missing.
    """
    return assessments_of(home, [case], on, rows=True)[case.pk]


def assessments_of(home: Home, cases: Sequence[Case], on: date, *, rows: bool = False) -> dict[int, Assessment]:
    """The conditions of many cases by their keys. Raises as `assessment_of`."""
    asked, numbers = elimination_requirements(on), [case.household_id for case in cases]
    found = standings(home, current_pack(), numbers, on, FACTS, rows=rows)
    clues, measures = _clues(cases), _measures(cases)
    empty = [number for number in numbers if number in found and found[number].facts["members"].value == 0]
    gone = _gone(empty)
    return {
        case.pk: assess(
            Known(
                household_no=case.household_id,
                on=on,
                requirements=asked,
                included_on=_since(case),
                risks=_risks(case, clues[case.pk]),
                clues=clues[case.pk],
                measures=measures.get(case.pk, 0),
                gone=gone.get(case.household_id, ()),
                **_from_the_lake(found.get(case.household_id)),
            )
        )
        for case in cases
    }


def check_conditions(home: Home, on: date, *, anew: bool = False) -> int:
    """Checks every monitored household that was not checked on the day (`anew`: every one), in one pass; returns how many.

    Raises:
        Failure: as `assessment_of`; what was checked before stays.
    """
    monitored = Case.objects.filter(stage=CaseStage.INCLUDED)
    waiting = monitored if anew else monitored.exclude(condition_check__as_of=on)
    cases = list(waiting.order_by("pk"))
    found = assessments_of(home, cases, on)
    with transaction.atomic():
        ConditionCheck.objects.exclude(case__stage=CaseStage.INCLUDED).delete()
        ConditionCheck.objects.bulk_create(
            [_checked(case, found[case.pk]) for case in cases],
            CHUNK,
            update_conflicts=True,
            unique_fields=["case"],
            update_fields=["as_of", "mode", "blocking", "to_settle", "unfulfilled", "met", "no_labour"],
        )
    return len(cases)


def _checked(case: Case, found: Assessment) -> ConditionCheck:
    return ConditionCheck(
        case=case,
        as_of=found.on,
        mode=found.mode,
        blocking=[each.name for each in found.blocking],
        to_settle=[each.name for each in found.to_settle],
        unfulfilled=len(found.blocking),
        met=len(found.of(State.MET)),
        no_labour=found.no_labour,
    )


def _since(case: Case) -> date:
    """The day from which the half year counts: that of the inclusion, or of the last roll-back."""
    days = [day for day in (case.included_on, case.rolled_back_on) if day is not None]
    return max(days, default=case.opened_on)


def _risks(case: Case, clues: Iterable[KnownClue]) -> list[str]:
    """Those that the case records, and those of clues that joined it later."""
    return list(dict.fromkeys([*case.risks, *(clue.risk_type for clue in clues if clue.joined_on)]))


def _from_the_lake(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {}
    facts = {name: _fact(each) for name, each in standing.facts.items()}
    fired = [FiredRule(each.title, each.risk_type, each.rule, each.reason) for each in standing.fired]
    return {"facts": facts, "fired": fired}


def _fact(found: FactStanding) -> KnownFact:
    title = contract(found.source).title
    rows = [Row(title, row["delivery"], row["line"], row["text"]) for row in found.rows]
    return KnownFact(found.value, found.words, rows, found.rows_total)


def _clues(cases: Sequence[Case]) -> Mapping[int, list[KnownClue]]:
    """By case the latest clue of each risk type of its household, and every clue that joined the case."""
    found: dict[int, dict[str, KnownClue]] = {case.pk: {} for case in cases}
    by_household = {case.household_id: case.pk for case in cases}
    joined: dict[int, tuple[int, date]] = {}
    for some in _chunks([case.pk for case in cases]):
        rows = CaseClue.objects.filter(case__in=some).order_by().values_list("clue", "case", "step__on")
        joined.update({clue: (case, on) for clue, case, on in rows})
    named = ("pk", "household", "number", "risk_type", "state", "level")
    for some in _chunks(list(by_household)):
        for pk, household, number, risk, state, level in (
            Clue.objects.filter(household__in=some).order_by("pk").values_list(*named)
        ):
            case = by_household[household]
            own, on = joined.get(pk, (None, None))
            told = KnownClue(number, risk, state, str(Level(level).label), on if own == case else None)
            found[case][number if told.joined_on else risk] = told
    return {case: list(clues.values()) for case, clues in found.items()}


def _measures(cases: Sequence[Case]) -> dict[int, int]:
    """By case how many of its measures were delivered."""
    found: dict[int, int] = {}
    for some in _chunks([case.pk for case in cases]):
        delivered = Measure.objects.filter(plan__case__in=some, delivered_on__isnull=False)
        kept = delivered.exclude(state=MeasureState.WITHDRAWN).order_by()
        found.update(dict(kept.values_list("plan__case").annotate(number=Count("pk"))))
    return found


def _gone(numbers: Sequence[str]) -> dict[str, list[Gone]]:
    """By household everybody who was ever registered in it, where nobody is now: how each left, and by which row."""
    departures, found = Departures.of_pack(), defaultdict(list)
    for some in _chunks(list(numbers)):
        changes = RegisterChange.objects.filter(household_no__in=some).order_by("pk")
        places = {(each.person_key, each.household_no): each for each in changes}
        keys = list(dict.fromkeys(key for key, _number in places))
        people: dict[int, Person] = {}
        for part in _chunks(keys):
            people.update({each.key: each for each in Person.objects.filter(key__in=part)})
        for (key, number), last in places.items():
            found[number].append(_how(people[key], last, departures))
    return dict(found)


def _how(person: Person, last: RegisterChange, departures: Departures) -> Gone:
    """`last` is what the register said of the person in this household last: of who has left, that they left."""
    if person.household_id != last.household_no:
        words = _("现登记在{number}").format(number=person.household_id)
        row = Row(contract(REGISTER).title, label(person.delivery), person.line, words)
        return Gone(person.name, NaturalGround.MERGED, words, row)
    died = person.left_kind in departures.for_good
    words = f"{person.left_on}{person.left_kind}"
    row = Row(contract(VITAL_EVENT).title, label(last.delivery), last.line, words)
    return Gone(person.name, NaturalGround.DEATH if died else NaturalGround.MOVED_AWAY, words, row)


def _chunks(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
