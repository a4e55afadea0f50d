"""What the policy pack asks of an elimination on a day."""

from dataclasses import dataclass

from shouwang.cases import requirements as identification


@dataclass(frozen=True)
class Requirements(identification.Requirements):
    """Days are natural days. `least_days`: from the inclusion to the end of the risk; `stable_days`: for how long income has
    been above the line; `watch_days`: for how long a household is watched afterwards. `visitors`: how many people go to the
    household at least. `spending_rules`: the screening rules that find large rigid spending."""

    least_days: int
    stable_days: int
    watch_days: int
    visitors: int
    spending_rules: tuple[str, ...]
