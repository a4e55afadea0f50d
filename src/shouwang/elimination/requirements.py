"""What the policy pack asks of an elimination on a day."""

from dataclasses import dataclass

from shouwang.cases import requirements as identification


@dataclass(frozen=True)
class Requirements(identification.Requirements):
    """Days are natural days. `least_days`: from the inclusion to the end of the risk; `watch_days`: for how long a
    household is watched afterwards."""

    least_days: int
    watch_days: int
