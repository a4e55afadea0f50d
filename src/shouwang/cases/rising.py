"""Overdue cases are told a level higher by themselves."""

from datetime import date

from shouwang.cases.models import Action, Case
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Stepping
from shouwang.proceedings.rising import raise_overdue


def raise_overdue_cases(requirements: Requirements, on: date) -> int:
    """Returns how many steps were taken; on the same day a second time none."""
    return raise_overdue(Case.objects.all(), Action.RISE, Stepping(None, requirements, on), on)
