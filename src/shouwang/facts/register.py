"""The register as known on a day: which person belongs to which household, and who is a member at D.

STANDARD_RULES, "Members" and "Where it would be easy to differ": a person delivered in two households belongs to
the one delivered last; a vital event dated D or earlier takes a person out of the members; a death stays; a 迁出 is
undone by a register row delivered after it. A household's division and type are those of its latest delivered row.
"""

from collections.abc import Callable, Iterable

from shouwang.deliveries.lake import LAST_FIRST, Lake
from shouwang.facts.conditions import UpToDay
from shouwang.facts.setting import Setting, literal
from shouwang.sources.contract import contract

SOURCE = "household_register"
VITAL_EVENTS = "vital_event"
HAPPENED = UpToDay("happened_on")
LEFT_FOR_GOOD = "register.left_for_good"
LEFT_UNTIL_DELIVERED_AGAIN = "register.left_until_delivered_again"
PERSON_COLUMNS = ("birth_date", "labour", "dropout_reason")
HOUSEHOLD_COLUMNS = ("household_no", "division_code", "household_type")
ORDER = ("received_on", "delivery", "line")
HOUSEHOLD_ROW = (*HOUSEHOLD_COLUMNS, *ORDER)
PERSON_ROW = ("person", "household_no", *PERSON_COLUMNS, *ORDER)
LINES_OF_A_DELIVERY = 2**32
EVERYONE = "1 = 1"
RowsOf = Callable[[tuple[str, ...]], str]
"""A SELECT of these columns of the rows that count."""
PARAMETERS = (LEFT_FOR_GOOD, LEFT_UNTIL_DELIVERED_AGAIN)


def make_register(lake: Lake, at: Setting, person_columns: tuple[str, ...] = PERSON_COLUMNS) -> None:
    """Makes the tables of the whole register.

    `registered_household`: household (1, 2, …), household_no, division_code, household_type.
    `registered_person`: household, person, `person_columns` (birth_date, labour, dropout_reason), member (BOOLEAN).
    Each also has delivery, line and received_on of the register row that counts.
    """
    rows_of: RowsOf = lambda names: _coded(lake, names)  # noqa: E731
    _make_households(lake, "registered_household", rows_of)
    _make_persons(lake, "registered_person", "registered_household", person_columns, at, rows_of)


def _coded(lake: Lake, names: tuple[str, ...]) -> str:
    known = {column.field for column in contract(SOURCE).columns}
    columns = ", ".join(lake.coded(SOURCE, name) if name in known else name for name in names)
    return f"SELECT {columns} FROM ({lake.versions(SOURCE, names)}) AS v"


def renew_register(lake: Lake, at: Setting) -> bool:
    """Makes the register from that of an earlier day; whether it is another.

    `kept_household` and `kept_person` are the earlier one, `came_register` the register rows since then, `named_household` the
    earlier rows of the households in these; `named_person` (person) all of whom these, or anything else since, may say something
    else, and `were_named` their earlier rows.
    Makes `renewed_household` and `renewed_person`, what was made anew, and the views `registered_household` and `registered_person`
    of everybody. A household keeps the number that it had.
    The last row of a person or a household is the last one of those that counted before and those that came: the others need
    not be read again.
    """
    anybody = "SELECT 1 FROM named_person UNION ALL SELECT 1 FROM came_register LIMIT 1"
    is_another = bool(lake.run(anybody).fetchall())
    if is_another:
        _renew(lake, at)
    else:
        for table in ("household", "person"):
            lake.store(f"renewed_{table}", f"SELECT * FROM kept_{table} WHERE 1 = 0")
    for table, key in (("household", "household"), ("person", "person")):
        others = f"SELECT k.* FROM kept_{table} AS k ANTI JOIN renewed_{table} AS n ON n.{key} = k.{key}"
        lake.view(f"registered_{table}", f"{others} UNION ALL SELECT * FROM renewed_{table}")
    return is_another


def _renew(lake: Lake, at: Setting) -> None:
    columns = _names(HOUSEHOLD_ROW)
    rows = f"SELECT {columns} FROM named_household UNION ALL SELECT {columns} FROM came_register"
    _make_households(lake, "last_household", lambda names: f"SELECT {_names(names)} FROM ({rows}) AS h")
    numbered = (
        f"SELECT coalesce(n.household, l.household) AS household, {_names(f'l.{name}' for name in HOUSEHOLD_ROW)}"
    )
    known = "FROM last_household AS l LEFT JOIN named_household AS n ON n.household_no = l.household_no"
    lake.store("renewed_household", f"{numbered} {known}")
    others = _names(PERSON_ROW[2:])
    lives = "JOIN renewed_household AS h ON h.household_no = c.household_no"
    came = f"SELECT c.person, h.household, {_names(f'c.{name}' for name in PERSON_ROW[2:])} FROM came_register AS c {lives}"
    lake.store("counting_person", f"SELECT person, household, {others} FROM were_named UNION ALL {came}")
    rows_of: RowsOf = lambda names: f"SELECT {_names(names)} FROM counting_person"  # noqa: E731
    _make_persons(lake, "renewed_person", None, PERSON_COLUMNS, at, rows_of)


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def choose(lake: Lake, where: str) -> None:
    """Makes the views `household` and `person`: the part of the register that meets a condition on households."""
    show(lake, "registered")
    if where != EVERYONE:
        narrow(lake, where)


def narrow(lake: Lake, where: str) -> None:
    """Of the views `household` and `person` only what meets a condition on households."""
    lake.store("chosen_household", f"SELECT * FROM household WHERE {where}")
    chosen = "SEMI JOIN chosen_household AS c ON c.household = p.household"
    lake.store("chosen_person", f"SELECT p.* FROM person AS p {chosen}")
    show(lake, "chosen")


def show(lake: Lake, which: str) -> None:
    """Makes the views `household` and `person` those of the tables of this name."""
    for table in ("household", "person"):
        lake.view(table, f"SELECT * FROM {which}_{table}")


def _make_households(lake: Lake, table: str, rows_of: RowsOf) -> None:
    """A household's number is the place of its latest row: unique, and the same in every run."""
    place = f"CAST(r.delivery AS BIGINT) * {LINES_OF_A_DELIVERY} + r.line"
    names: tuple[str, ...] = ("household_no", "delivery", "line")
    if lake.is_numbered_as_received:
        latest = f"max({place})"
    else:
        last = "max(struct_pack(received_on := r.received_on, delivery := r.delivery, place := " + place + "))"
        latest, names = f"{last}.place", ("household_no", *ORDER)
    by_household = f"SELECT r.household_no, {latest} AS household FROM ({rows_of(names)}) AS r GROUP BY r.household_no"
    lake.store("latest_row", by_household)
    named = ", ".join(f"r.{name}" for name in HOUSEHOLD_ROW)
    rows = f"({rows_of(HOUSEHOLD_ROW)}) AS r"
    lake.store(table, f"SELECT l.household, {named} FROM {rows} JOIN latest_row AS l ON l.household = {place}")
    lake.drop("latest_row")


def _make_persons(
    lake: Lake, table: str, households: str | None, person_columns: tuple[str, ...], at: Setting, rows_of: RowsOf
) -> None:
    """Each person once, in the household delivered last. Only persons with several rows need the last looked for.

    A row names its household by `household_no`, as in `households`; without these by `household`.
    """
    columns = ("person", "household_no" if households else "household", *person_columns, *ORDER)
    named = ", ".join(columns)
    rows = rows_of(columns)
    if repeated := lake.repeated("person", rows_of(("person",))):
        several = f"{repeated} AS s ON s.person = x.person"
        place = f"row_number() OVER (PARTITION BY person ORDER BY {LAST_FIRST}) AS place"
        again = f"SELECT x.*, {place} FROM ({rows}) AS x SEMI JOIN {several}"
        rows = (
            f"SELECT {named} FROM ({rows}) AS x ANTI JOIN {several} "
            f"UNION ALL SELECT {named} FROM ({again}) AS y WHERE place = 1"
        )
    lake.store("left_at", _left(lake, at))
    lives = f"JOIN {households} AS h ON h.household_no = p.household_no" if households else ""
    of_person = _names(f"p.{name}" for name in ("person", *columns[2:]))
    lake.store(
        table,
        f"SELECT {'h' if households else 'p'}.household, {of_person}, NOT coalesce({_STILL_GONE}, 1 = 0) AS member "
        f"FROM ({rows}) AS p {lives} LEFT JOIN left_at AS l ON l.person = p.person",
    )
    lake.drop("left_at")


_STILL_GONE = (
    "(l.for_good = 1 OR l.until.received_on > p.received_on "
    "OR (l.until.received_on = p.received_on AND l.until.delivery > p.delivery))"
)


def _left(lake: Lake, at: Setting) -> str:
    """Persons whom a vital event took out of the members: whether for good, and when for the last time otherwise."""
    rows = lake.versions(VITAL_EVENTS, ("person", "kind", "happened_on", "received_on", "delivery"))
    for_good = f"max(CASE WHEN r.kind IN ({_listed(at, LEFT_FOR_GOOD)}) THEN 1 ELSE 0 END)"
    until = f"CASE WHEN r.kind IN ({_listed(at, LEFT_UNTIL_DELIVERED_AGAIN)}) THEN "
    until = f"max({until} struct_pack(received_on := r.received_on, delivery := r.delivery) END)"
    return (
        f"SELECT r.person, {for_good} AS for_good, {until} AS until FROM ({rows}) AS r "
        f"WHERE r.person IS NOT NULL AND {HAPPENED.sql(at)} GROUP BY r.person"
    )


def _listed(at: Setting, parameter: str) -> str:
    return ", ".join(literal(name) for name in at.names(parameter))
