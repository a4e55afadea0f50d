"""The register as known on a day: which person belongs to which household, and who is a member at D.

STANDARD_RULES, "Members" and "Where it would be easy to differ": a person delivered in two households belongs to
the one delivered last; a vital event dated D or earlier takes a person out of the members; a death stays; a 迁出 is
undone by a register row delivered after it. A household's division and type are those of its latest delivered row.
"""

from shouwang.deliveries.lake import LAST_FIRST, Lake
from shouwang.facts.setting import Setting, literal

SOURCE = "household_register"
LEFT_FOR_GOOD = "register.left_for_good"
LEFT_UNTIL_DELIVERED_AGAIN = "register.left_until_delivered_again"
PERSON_COLUMNS = ("birth_date", "labour", "dropout_reason")
HOUSEHOLD_COLUMNS = ("household_no", "division_code", "household_type")
ORDER = ("received_on", "delivery", "line")
EVERYONE = "1 = 1"
PARAMETERS = (LEFT_FOR_GOOD, LEFT_UNTIL_DELIVERED_AGAIN)


def make_register(lake: Lake, at: Setting) -> None:
    """Makes the tables of the whole register.

    `registered_household`: household (1, 2, …), household_no, division_code, household_type.
    `registered_person`: household, person, birth_date, labour, dropout_reason, member (BOOLEAN).
    Each also has delivery, line and received_on of the register row that counts.
    """
    lake.run(f"CREATE TEMP TABLE registered_household AS {_households(lake)}")
    lake.run(f"CREATE TEMP TABLE registered AS {_persons(lake)}")
    lake.run(f"CREATE TEMP TABLE departed AS {_departed(lake, at)}")
    member = "person NOT IN (SELECT person FROM departed) AS member"
    lake.run(f"CREATE TEMP TABLE registered_person AS SELECT *, {member} FROM registered")
    lake.run("DROP TABLE registered")


def choose(lake: Lake, where: str) -> None:
    """Makes the views `household` and `person`: the part of the register that meets a condition on households.

    Called again, it chooses anew from the whole register.
    """
    if where == EVERYONE:
        lake.run("CREATE OR REPLACE TEMP VIEW household AS SELECT * FROM registered_household")
        lake.run("CREATE OR REPLACE TEMP VIEW person AS SELECT * FROM registered_person")
        return
    lake.run(f"CREATE OR REPLACE TEMP TABLE chosen_household AS SELECT * FROM registered_household WHERE {where}")
    chosen = "household IN (SELECT household FROM chosen_household)"
    lake.run(f"CREATE OR REPLACE TEMP TABLE chosen_person AS SELECT * FROM registered_person WHERE {chosen}")
    lake.run("CREATE OR REPLACE TEMP VIEW household AS SELECT * FROM chosen_household")
    lake.run("CREATE OR REPLACE TEMP VIEW person AS SELECT * FROM chosen_person")


def _latest(of: str, columns: tuple[str, ...], per: str) -> str:
    place = f"row_number() OVER (PARTITION BY {per} ORDER BY {LAST_FIRST}) AS place"
    return f"SELECT * FROM (SELECT {', '.join(columns)}, {place} FROM ({of}) AS rows_of_it) AS placed WHERE place = 1"


def _households(lake: Lake) -> str:
    columns = (*HOUSEHOLD_COLUMNS, *ORDER)
    rows = lake.versions(SOURCE, columns)
    number = "row_number() OVER (ORDER BY household_no)"
    return (
        f"SELECT {number} AS household, {', '.join(columns)} FROM ({_latest(rows, columns, 'household_no')}) AS latest"
    )


def _persons(lake: Lake) -> str:
    columns = ("person", "household_no", *PERSON_COLUMNS, *ORDER)
    latest = _latest(lake.versions(SOURCE, columns), columns, "person")
    named = ", ".join(f"p.{name}" for name in columns if name != "household_no")
    households = "registered_household AS h ON h.household_no = p.household_no"
    return f"SELECT h.household, {named} FROM ({latest}) AS p JOIN {households}"


def _departed(lake: Lake, at: Setting) -> str:
    """Persons whom a vital event took out of the members."""
    events = lake.versions("vital_event", ("person", "kind", "happened_on", "received_on", "delivery"))
    not_undone = "e.received_on > p.received_on OR (e.received_on = p.received_on AND e.delivery > p.delivery)"
    return (
        f"SELECT DISTINCT e.person FROM ({events}) AS e JOIN registered AS p ON p.person = e.person "
        f"WHERE e.happened_on <= {literal(at.as_of)} AND (e.kind IN ({_listed(at, LEFT_FOR_GOOD)}) "
        f"OR (e.kind IN ({_listed(at, LEFT_UNTIL_DELIVERED_AGAIN)}) AND ({not_undone})))"
    )


def _listed(at: Setting, parameter: str) -> str:
    return ", ".join(literal(name) for name in at.names(parameter))
