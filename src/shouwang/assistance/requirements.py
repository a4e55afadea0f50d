"""What the policy pack asks of assistance on a day."""

from dataclasses import dataclass
from decimal import Decimal

from shouwang.kernel.measure_map import MeasureMap
from shouwang.proceedings.clocks import Clocks

FIRST_HELP, FIRST_MEASURE = "first_help", "first_measure"
Ages = tuple[int, int]  # from, to, both included


@dataclass(frozen=True)
class Requirements(Clocks):
    """Amounts in yuan; ages and months as the pack has them; `key_types` are the monitor types whose
    households are visited every `visit_months_key` months; `amounts` has the usual yuan by the name of its parameter."""

    measures: MeasureMap
    labour_skills: tuple[str, ...]
    labour_ages: Ages
    post_ages: Ages
    posts_a_person: int
    loan_ages: Ages
    loan_limit: Decimal
    loan_months: int
    visit_months: int
    visit_months_key: int
    key_types: tuple[str, ...]
    amounts: dict[str, Decimal]
