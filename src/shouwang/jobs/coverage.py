"""Which households have income on file: what the rules on income could not see is shown as coverage."""

from datetime import date
from functools import lru_cache

from shouwang.deliveries.lake import Lake
from shouwang.jobs.lake_rows import all_rows
from shouwang.jobs.policy import in_pack
from shouwang.kernel.home import Home

SOURCE = "income_statement"
STATEMENT_DAYS = "income.statement_days"


def households_with_income(home: Home, as_of: date, known_at: date) -> frozenset[str]:
    """Numbers of the households with an income statement that counts for a day (STANDARD_RULES, "Income").

    Raises:
        Failure: a file of the lake cannot be read.
    """
    days = in_pack(STATEMENT_DAYS, as_of)
    if not isinstance(days, int):
        raise TypeError(f"{STATEMENT_DAYS} is not a number of days")
    rows = all_rows(home, SOURCE)
    return _with_income(home, rows, as_of, known_at, days) if rows else frozenset()


@lru_cache(maxsize=2)
def _with_income(home: Home, rows: str, as_of: date, known_at: date, days: int) -> frozenset[str]:
    """`rows` names every delivered file, so a new delivery is a new question."""
    sql = (
        f"SELECT DISTINCT household_no FROM {rows} WHERE received_on <= DATE '{known_at}' "
        f"AND period_end <= DATE '{as_of}' AND period_end > DATE '{as_of}' - INTERVAL {days} DAY"
    )
    with Lake(home, None) as lake:
        return frozenset(row[0] for row in lake.run(sql).fetchall())
