"""The clocks of a policy on a day: the casework does not read the pack; `jobs.handling` does and hands this over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shouwang.kernel.working_days import Limit, WorkingDays

RISE, URGED, SOON = "rise", "urged", "soon"


@dataclass(frozen=True)
class Clocks:
    """`limits` by the names of the pack's deadlines."""

    limits: Mapping[str, Limit]
    calendar: WorkingDays

    def due(self, clock: str, began: date) -> date:
        """The last day of a clock that begins on a day."""
        limit = self.limits[clock]
        return self.calendar.deadline(began, limit.days, limit.unit)

    def rises_after(self, due: date) -> date:
        """The first day on which a step is overdue."""
        return due + timedelta(days=1)

    def rises_again(self, risen: date) -> date:
        """The day on which a step that was told a level higher is told one higher still; later than `risen`."""
        limit = self.limits[RISE]
        return max(self.calendar.deadline(risen, limit.days, limit.unit), self.rises_after(risen))
