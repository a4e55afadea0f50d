"""风险消除确认书: what the household signs when the village proposes the end of its risk, as it signed the consent on the way in.

What data say of each condition stands on it, so that the household can say that it is otherwise (DOMAIN B7).
"""

from datetime import date
from typing import Any

from shouwang.assistance.models import Measure
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.models import Case
from shouwang.cases.papers import about
from shouwang.clues.models import RiskType
from shouwang.elimination.conditions import CONDITIONS, Assessment
from shouwang.elimination.requirements import Requirements


@in_the_language_of_record
def confirmation_of(case: Case, assessment: Assessment, requirements: Requirements, on: date) -> dict[str, Any]:
    """The paper of one household as data stand on a day; what only a visit can tell is left open to be ticked."""
    measures = Measure.objects.filter(plan__case=case, started_on__isnull=False).order_by("started_on", "pk")
    return about(case) | {
        "monitor_type": str(case.get_monitor_type_display()),
        "included_on": case.included_on,
        "risks": "、".join(str(RiskType(each).label) for each in case.risks),
        "mode": str(assessment.mode.label),
        "ground": str(assessment.ground.label) if assessment.ground else "",
        "conditions": [
            [str(each.title), assessment.found[each.name].words] for each in CONDITIONS if each.name in assessment.found
        ],
        "measures": [[each.title, each.started_on, str(each.get_state_display())] for each in measures],
        "watch_days": requirements.watch_days,
        "visitors": requirements.visitors,
        "printed_on": on,
    }
