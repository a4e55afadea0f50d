"""A clue that was found to be true becomes a case, or joins the case that its household has already.

It happens by itself: nobody types a household again. Done again it does nothing.
"""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from shouwang.areas.models import Area
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.flow import NOT_STANDING
from shouwang.cases.models import MOST_RISKS, Action, Case, CaseClue, CaseStep, Stage
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Stepping
from shouwang.clues.models import Action as Consent
from shouwang.clues.models import Clue, ClueStep
from shouwang.clues.monitoring import agreed_by, monitor
from shouwang.households.models import Household
from shouwang.proceedings.desks import line_of

BATCH = 500


def open_cases(requirements: Requirements, on: date) -> int:
    """Opens or extends a case for every clue that was confirmed by a day and has none; returns how many clues were taken up."""
    waiting = Clue.objects.filter(~Exists(_agreed_after(on)), state=Clue.State.CONFIRMED, case_clue=None)
    waiting = waiting.order_by("household_id", "pk")
    taken = 0
    while households := list(dict.fromkeys(waiting.values_list("household_id", flat=True)[:BATCH])):
        for household in households:
            taken += _open(household, requirements, on)
    return taken


def _agreed_after(on: date) -> QuerySet[ClueStep]:
    return ClueStep.objects.filter(clue=OuterRef("pk"), action=Consent.AGREE, on__gt=on)


@transaction.atomic
def _open(household_no: str, requirements: Requirements, on: date) -> int:
    household = Household.objects.select_for_update().prefetch_related("area").get(pk=household_no)
    found = household.clues.filter(~Exists(_agreed_after(on)), state=Clue.State.CONFIRMED, case_clue=None)
    clues = list(found.order_by("pk"))
    case = household.cases.exclude(stage__in=NOT_STANDING).select_related("desk").first()
    stepping = Stepping(None, requirements, on)
    for clue in clues:
        if case is None:
            case = begun(household, on)
            desk = line_of(case.area, on)[Area.VILLAGE]
            step = stepping.take(case, Action.OPEN, stage=Stage.COLLECTION, desk=desk, told={"clue": clue.number})
        else:
            step = _attach(stepping, case, clue)
        CaseClue.objects.create(case=case, clue=clue, step=step)
    stepping.finish()
    return len(clues)


def _attach(stepping: Stepping, case: Case, clue: Clue) -> CaseStep:
    """A further clue of a case; of a monitored household another risk is added, with who found it to be true."""
    told, changes, reason = {"clue": clue.number}, {}, ""
    if case.stage == Stage.INCLUDED:
        monitor([clue])
        if clue.risk_type not in case.risks:
            reason = _added(case, clue)
            if len(case.risks) < MOST_RISKS:
                changes = {"risks": [*case.risks, clue.risk_type]}
    step: CaseStep = stepping.take(case, Action.ATTACH, reason=reason, changes=changes, told=told)
    return step


@in_the_language_of_record
def _added(case: Case, clue: Clue) -> str:
    """Who found it to be true, in the words of the record."""
    consent = agreed_by(clue)
    who = f"，{consent.actor}（{consent.post}）于{consent.on}同意" if consent and consent.actor else ""
    if len(case.risks) >= MOST_RISKS:
        return f"线索{clue.number}核实属实{who}：{clue.get_risk_type_display()}；风险已满{MOST_RISKS}项，没有再增加"
    return f"新增风险：{clue.get_risk_type_display()}；线索{clue.number}核实属实{who}"


def begun(household: Household, on: date) -> Case:
    """Cases of a household are numbered without gaps: the household is locked, and no case is ever deleted."""
    number = household.cases.count() + 1
    return Case.objects.create(
        number=f"{household.pk}-J{number:02}",
        household=household,
        area=household.area,
        stage=Stage.COLLECTION,
        opened_on=on,
    )
