"""Which households have income on file: what the rules on income could not see is shown as coverage, and swept first."""

from datetime import date

from shouwang.clues.models import ScreeningRun
from shouwang.deliveries.lake import Lake
from shouwang.households.models import Household
from shouwang.jobs.lake_rows import all_rows
from shouwang.jobs.policy import in_pack
from shouwang.jobs.rows import update_rows
from shouwang.kernel.home import Home

SOURCE = "income_statement"
STATEMENT_DAYS = "income.statement_days"


def mark_income(home: Home, as_of: date, known_at: date) -> int:
    """Notes with each household whether a screening had an income for it; returns how many changed. Done again it changes
    nothing, and a screening of an earlier day than the latest one changes nothing either.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    if ScreeningRun.objects.filter(state=ScreeningRun.State.DONE, as_of__gt=as_of).exists():
        return 0
    known = households_with_income(home, as_of, known_at)
    held = Household.objects.order_by().values_list("pk", "income_known")
    changed = [(number in known, number) for number, before in held.iterator() if before is not (number in known)]
    update_rows(Household, ("income_known",), changed)
    return len(changed)


def households_with_income(home: Home, as_of: date, known_at: date) -> frozenset[str]:
    """Numbers of the households with an income statement that counts for a day (STANDARD_RULES, "Income").

    Raises:
        Failure: a file of the lake cannot be read.
    """
    days = in_pack(STATEMENT_DAYS, as_of)
    if not isinstance(days, int):
        raise TypeError(f"{STATEMENT_DAYS} is not a number of days")
    rows = all_rows(home, SOURCE)
    if not rows:
        return frozenset()
    sql = (
        f"SELECT DISTINCT household_no FROM {rows} WHERE received_on <= DATE '{known_at}' "
        f"AND period_end <= DATE '{as_of}' AND period_end > DATE '{as_of}' - INTERVAL {days} DAY"
    )
    with Lake(home, None) as lake:
        return frozenset(row[0] for row in lake.run(sql).fetchall())
