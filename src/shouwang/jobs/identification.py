"""What an identification takes from the pipeline: the household's income as departments delivered it."""

from decimal import Decimal

from shouwang.cases.income import LINES, Line
from shouwang.households.models import Household
from shouwang.jobs.history import COST, EARNINGS, income_statements
from shouwang.kernel.home import Home

NOTHING = Decimal(0)


def delivered_income(home: Home, household: Household) -> dict[str, Line]:
    """Each line of the statement from the latest delivered one; without one, lines that the village fills from nothing.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    statements = income_statements(home, household)
    if not statements:
        return dict.fromkeys(LINES, Line(NOTHING))
    latest = statements[0]
    amounts = {name: entry.amount for name, entry in zip((*EARNINGS, COST), latest.lines, strict=True)}
    amounts |= {"claims_income": latest.claims, "compliant_out_of_pocket": latest.out_of_pocket}
    return {
        name: Line(amounts[name] or NOTHING, amounts[name] or NOTHING, latest.delivery, latest.line) for name in LINES
    }
