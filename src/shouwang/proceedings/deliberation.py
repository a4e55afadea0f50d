"""民主评议: what a village's review decided, whatever the matter is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from shouwang.kernel.errors import InputError
from shouwang.proceedings.models import LONGEST_NAME
from shouwang.proceedings.steps import words


@dataclass(frozen=True)
class Minutes:
    """What a village's democratic review decided."""

    held_on: date
    chair: str
    present: int
    votes_for: int
    votes_against: int
    text: str

    def checked(self, not_before: date, not_after: date, share: Decimal) -> dict[str, Any]:
        """The fields of a record; `share` of those present is what the policy asks on that day.

        Raises:
            InputError: the votes do not add up, the day is wrong, or the minutes are missing.
        """
        if not not_before <= self.held_on <= not_after:
            raise InputError(gettext("评议日期须在采集之后、不晚于今天"), gettext("填写实际评议的日期"))
        if self.present < 1 or min(self.votes_for, self.votes_against) < 0:
            raise InputError(gettext("到会人数和票数不对"), gettext("按评议记录填写"))
        if self.votes_for + self.votes_against > self.present:
            raise InputError(gettext("同意票与不同意票之和超过到会人数"), gettext("核对票数"))
        return {
            "held_on": self.held_on,
            "chair": words(self.chair, gettext("主持人"))[:LONGEST_NAME],
            "present": self.present,
            "votes_for": self.votes_for,
            "votes_against": self.votes_against,
            "minutes": words(self.text, gettext("评议记录")),
            "share": share,
        }


def has_passed(matter: Any, laid_before_it: str) -> bool:
    """Whether the review of what this action last laid before it was held and passed."""
    laid = matter.steps.filter(action=laid_before_it).order_by("-number").first()
    held = matter.deliberations.select_related("step").order_by("-pk").first()
    return laid is not None and held is not None and held.passed and held.step.number > laid.number
