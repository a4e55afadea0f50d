"""Which households have income on file: what the rules on income could not see is shown as coverage, and swept first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction

from shouwang.areas.models import Area
from shouwang.clues.models import ScreeningRun
from shouwang.deliveries.lake import Lake
from shouwang.households.models import Household
from shouwang.jobs.policy import in_pack
from shouwang.jobs.rows import insert_values
from shouwang.kernel.home import Home

SOURCE = "income_statement"
STATEMENT_DAYS = "income.statement_days"
WITH_INCOME = "with_income"
AT_A_TIME = 20_000


def mark_income(home: Home, as_of: date, known_at: date) -> int:
    """Notes with each household whether a screening had an income for it; returns how many changed. Done again it changes
    nothing, and a screening of an earlier day than the latest one changes nothing either.

    One county after another, each in a transaction: nobody waits for the whole city.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    if ScreeningRun.objects.filter(state=ScreeningRun.State.DONE, as_of__gt=as_of).exists():
        return 0
    counties = Area.objects.filter(level=Area.COUNTY).order_by("code").values_list("code", flat=True)
    with _households_with_income(home, as_of, known_at):
        return sum(_mark(county[:6]) for county in counties)


def _mark(county: str) -> int:
    """Households whose village's code begins with six digits."""
    table = connection.ops.quote_name(Household._meta.db_table)
    of_it = f"h.area_id BETWEEN '{county}000000' AND '{county}999999'"
    known = f"SELECT 1 FROM {WITH_INCOME} AS w WHERE w.number = h.household_no"
    changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for value, found in (("TRUE", "EXISTS"), ("FALSE", "NOT EXISTS")):
            cursor.execute(
                f"UPDATE {table} AS h SET income_known = {value}"
                f" WHERE {of_it} AND h.income_known IS NOT {value} AND {found} ({known})"
            )
            changed += cursor.rowcount
    return changed


@contextmanager
def _households_with_income(home: Home, as_of: date, known_at: date) -> Iterator[None]:
    """A table beside the others, while it is asked: numbers of the households with an income statement that counts for a day
    (STANDARD_RULES, "Income")."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {WITH_INCOME} (number varchar(64) PRIMARY KEY)")
        try:
            with transaction.atomic():
                for numbers in _numbers_with_income(home, as_of, known_at):
                    insert_values(WITH_INCOME, "number", numbers)
            if connection.vendor == "postgresql":
                cursor.execute(f"ANALYZE {WITH_INCOME}")
            yield
        finally:
            cursor.execute(f"DROP TABLE {WITH_INCOME}")


def _numbers_with_income(home: Home, as_of: date, known_at: date) -> Iterator[list[str]]:
    days = in_pack(STATEMENT_DAYS, as_of)
    if not isinstance(days, int):
        raise TypeError(f"{STATEMENT_DAYS} is not a number of days")
    with Lake(home, known_at) as lake:
        rows = lake.every_version(SOURCE)
        if not rows:
            return
        cursor: Any = lake.run(
            f"SELECT DISTINCT household_no FROM {rows} WHERE period_end <= DATE '{as_of}' "
            f"AND period_end > DATE '{as_of}' - INTERVAL {days} DAY ORDER BY household_no"
        )
        while some := cursor.fetchmany(AT_A_TIME):
            yield [number for (number,) in some]
