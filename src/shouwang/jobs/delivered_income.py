"""The income statement of an identification as departments delivered it: twelve whole months, each amount with its rows.

DOMAIN B3. A statement of the household that covers exactly the window counts as it is; where there is none, what other
departments delivered within the window counts line by line; what is left is taken from an older statement, and says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.income import LINES, Line, Part
from shouwang.deliveries.ledger import label
from shouwang.deliveries.rows_about import RowsAbout, Whom
from shouwang.households.models import Household
from shouwang.jobs.history import COST, EARNINGS, Statement, income_statements
from shouwang.jobs.policy import names_in_pack
from shouwang.kernel.home import Home

NOTHING = Decimal(0)
JOBS, SETTLEMENTS, ROLLS, RELIEF = "employment_record", "medical_settlement", "school_roll", "social_assistance"
SOURCES = (JOBS, SETTLEMENTS, ROLLS, RELIEF)


def delivered_income(home: Home, household: Household, period: tuple[date, date]) -> dict[str, Line]:
    """Each line of the statement for a period; a line of which nothing was delivered is empty, for the village to fill.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    with RowsAbout(home) as delivered:
        statements = income_statements(delivered, household)
        within = _parts(delivered, household, period)
    exact = next((each for each in statements if (each.period_start, each.period_end) == period), None)
    return {name: _line(name, within[name], exact, statements) for name in LINES}


def _line(name: str, parts: list[Part], exact: Statement | None, statements: list[Statement]) -> Line:
    if exact is not None:
        return replace(_stated(exact, name), parts=tuple(parts))
    if parts:
        total = sum((each.amount for each in parts), NOTHING)
        return Line(total, total, parts=tuple(parts))
    if statements:
        older = statements[0]
        return replace(_stated(older, name), period=(older.period_start, older.period_end))
    return Line(NOTHING)


def _stated(statement: Statement, name: str) -> Line:
    amounts = {key: entry.amount for key, entry in zip((*EARNINGS, COST), statement.lines, strict=True)}
    amounts |= {"claims_income": statement.claims, "compliant_out_of_pocket": statement.out_of_pocket}
    amount = amounts[name] or NOTHING
    return Line(amount, amount, statement.delivery, statement.line)


@in_the_language_of_record
def _parts(delivered: RowsAbout, household: Household, period: tuple[date, date]) -> dict[str, list[Part]]:
    """What other departments delivered within a period, by line of the statement, oldest first."""
    keys = dict(household.persons.filter(left_on=None).values_list("key", "name"))
    found: dict[str, list[Part]] = {name: [] for name in LINES}
    if not keys:
        return found
    temporary = names_in_pack("assistance.temporary_categories")
    beyond = names_in_pack("education.stages_beyond_compulsory")
    jobs, settled, schooled, relieved = (delivered.latest(source, Whom(keys)) for source in SOURCES)
    for row in jobs:
        months = _whole_months(row, period)
        if row["monthly_wage"] and months:
            amount, words = row["monthly_wage"] * months, f"月工资 {row['monthly_wage']:,.2f} × {months} 个整月"
            found["wage_income"].append(_part(JOBS, row, keys, amount, f"{row['employer'] or '务工'} {words}"))
    for row in settled:
        if period[0] <= row["settled_on"] <= period[1] and row["out_of_pocket"]:
            words = f"{row['settled_on']:%Y-%m-%d} 医疗个人自付"
            found["compliant_out_of_pocket"].append(_part(SETTLEMENTS, row, keys, row["out_of_pocket"], words))
    for row in schooled:
        if row["self_paid"] and row["stage"] in beyond and period[0] <= row["status_on"] <= period[1]:
            words = f"{row['stage']}本学年自付费用"
            found["compliant_out_of_pocket"].append(_part(ROLLS, row, keys, row["self_paid"], words))
    for row in relieved:
        if row["amount"] and row["category"] in temporary and period[0] <= row["starts_on"] <= period[1]:
            words = f"{row['starts_on']:%Y-%m-%d} {row['category']}"
            found["transfer_income"].append(_part(RELIEF, row, keys, row["amount"], words))
    return found


def _part(source: str, row: Mapping[str, Any], keys: Mapping[int, str], amount: Decimal, words: str) -> Part:
    return Part(amount, f"{keys[row['person']]}：{words}", source, label(row["delivery"]), row["line"])


def _whole_months(row: Mapping[str, Any], period: tuple[date, date]) -> int:
    """How many whole months of a period a job was held and paid."""
    first = max(row["started_on"], period[0])
    last = min(row["left_on"] or period[1], period[1])
    if first.day > 1:
        first = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    return max(0, months - (row["unpaid_months"] or 0))
