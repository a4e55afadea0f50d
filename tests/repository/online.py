"""What of a migration's SQL would keep people waiting on PostgreSQL, where the table has a row a household or more.

A lock that readers or writers meet is held until the migration ends: adding a column takes no time, reading every row does.
"""

import re
from collections.abc import Iterable, Iterator

# A table that has fewer than some hundred thousand rows in a city of twenty million is read through within a second.
LARGE = (
    *("audit_entry", "clues_clue", "clues_cluesource", "clues_cluestep", "clues_monitoringnote", "defects_defect"),
    *("households_household", "households_person", "households_registerchange", "notifications_message"),
    *("statistics_figure", "sweeps_sweeprecord", "sweeps_sweeptask"),
)
TABLE = r'"?(?P<table>\w+)"?'
KEEPS_WAITING = {
    "an index is built while nobody may write: AddIndexBesideWork": rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON {TABLE}",
    "every row is written anew for another type": rf"ALTER TABLE {TABLE} .*ALTER COLUMN \S+ TYPE",
    "every row is read for NULL: first a CHECK that is not valid yet": rf"ALTER TABLE {TABLE} .*SET NOT NULL",
    "every row is read for a constraint: AddConstraintNotValid, then ValidateConstraint": (
        rf"ALTER TABLE {TABLE} ADD CONSTRAINT (?!.*NOT VALID).*(CHECK|FOREIGN KEY|UNIQUE|EXCLUDE)"
    ),
    "every row is read for a key: db_constraint=False, db_index=False, then each by itself": (
        rf"ALTER TABLE {TABLE} ADD COLUMN .*(REFERENCES|UNIQUE|GENERATED)"
    ),
}


def keeps_waiting(statements: Iterable[str], large: Iterable[str] = LARGE) -> Iterator[str]:
    """What is wrong with which table, in the order of the statements. A table that the same migration makes is empty."""
    made = set[str]()
    for statement in statements:
        if new := re.match(rf"CREATE TABLE {TABLE}", statement):
            made.add(new["table"])
        for why, pattern in KEEPS_WAITING.items():
            found = re.match(pattern, statement, re.DOTALL)
            if found and found["table"] in set(large) - made:
                yield f"{found['table']}: {why}"
