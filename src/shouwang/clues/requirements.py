"""What the policy pack asks of the handling of clues on a day: clocks, and how a visit is done.

The casework does not read the pack; `jobs.handling.requirements` does and hands this over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shouwang.clues.models import Stage
from shouwang.kernel.working_days import Limit, WorkingDays

RISE, URGED = "rise", "urged"


@dataclass(frozen=True)
class Requirements:
    """`limits` by the names of the pack's deadlines; `visitors` and `photos` are the least that a visit must have."""

    limits: Mapping[str, Limit]
    calendar: WorkingDays
    visitors: int
    photos: int

    def due(self, clock: str, began: date) -> date | None:
        """The last day of a clock that begins on a day; None where nothing has to be done (merged, closed)."""
        if clock in (Stage.MERGED, Stage.CLOSED):
            return None
        limit = self.limits[clock]
        return self.calendar.deadline(began, limit.days, limit.unit)

    def rises_after(self, due: date) -> date:
        """The first day on which a step is overdue."""
        return due + timedelta(days=1)

    def rises_again(self, risen: date) -> date:
        """The day on which a step that was told a level higher is told one higher still; later than `risen`."""
        limit = self.limits[RISE]
        return max(self.calendar.deadline(risen, limit.days, limit.unit), self.rises_after(risen))
