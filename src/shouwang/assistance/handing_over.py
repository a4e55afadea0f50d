"""A household under assistance moves: what the old offices were to carry out is the new ones' to do, and the new village says who
looks after it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.assistance.contacts import from_elsewhere
from shouwang.assistance.models import Contact, Measure, MeasureState, Plan, PlanStage
from shouwang.audit.record import in_the_language_of_record
from shouwang.notifications.telling import Kind, Note, tell
from shouwang.proceedings.desks import Line, standing
from shouwang.proceedings.steps import Stepping

TO_COME = (MeasureState.PROPOSED, MeasureState.PLANNED, MeasureState.RUNNING)


@in_the_language_of_record
def hand_over(homes: Mapping[int, Line], stepping: Stepping) -> None:
    """Gives measures that are not in place to the office of the same level on the new line, where somebody is to be named for
    them; a department's go to that department there. The new village is told once, of its contacts too.

    `homes` are the lines of areas on which households live by now, by the primary key of their plan.
    """
    plans = {plan.pk: plan for plan in Plan.objects.filter(pk__in=list(homes)).exclude(stage=PlanStage.CLOSED)}
    handed: dict[int, list[Measure]] = defaultdict(list)
    measures = Measure.objects.filter(plan__in=list(plans), state__in=TO_COME, already=False)
    for measure in measures.prefetch_related("owner").order_by("pk"):
        heir = homes[measure.plan_id].get(measure.owner.level)
        if heir is not None and standing(measure.owner_id, stepping.on) != heir:
            stepping.tell("measure_handed_over", plans[measure.plan_id], measure=measure.title, to=heir.name)
            measure.owner = heir
            measure.in_charge = measure.in_charge if measure.department else ""
            handed[measure.plan_id].append(measure)
    Measure.objects.bulk_update([each for some in handed.values() for each in some], ["owner", "in_charge"])
    unconfirmed: dict[int, list[Contact]] = defaultdict(list)
    for contact in from_elsewhere().filter(case__in=[plan.case_id for plan in plans.values()]):
        unconfirmed[contact.case_id].append(contact)
    notes = [
        _note(plan, homes[pk][Area.VILLAGE], len(handed[pk]), len(unconfirmed[plan.case_id]), stepping.on)
        for pk, plan in plans.items()
        if handed[pk] or unconfirmed[plan.case_id]
    ]
    tell(notes)


def _note(plan: Plan, village: Area, measures: int, contacts: int, on: date) -> Note:
    parts = [_("{measures} 项没有落实的措施已移交给现在的责任单位，请确定责任人").format(measures=measures)] * bool(
        measures
    )
    parts += [_("{contacts} 位联系人是原来的村确定的，请确认继续联系或另行确定").format(contacts=contacts)] * bool(
        contacts
    )
    title = _("{number} 的农户已迁入{village}，请接续帮扶").format(number=plan.number, village=village.name)
    key = f"plan-{plan.pk}-moved-{village.pk}-{on}"
    return Note(
        Kind.TASK, title, "；".join(parts) + "。", f"/plans/{plan.number}/", on, key, village, Permission.SUBMIT
    )
