"""Triggers that make the database itself refuse to change what was recorded, on SQLite and on PostgreSQL.

Whoever owns the database can drop them; the chain and its anchors tell of what is done then. Entries can only be added at
the end, and the head only moves on by one.
"""

from collections.abc import Iterable, Mapping

ENTRY, HEAD = "audit_entry", "audit_head"
WORDS = "审计记录只能追加，不能修改或删除"

# By name: table, what sets the trigger off, and when it refuses.
_SQLITE = {
    "audit_entry_no_update": (ENTRY, "UPDATE", ""),
    "audit_entry_no_delete": (ENTRY, "DELETE", ""),
    "audit_entry_at_the_end": (
        ENTRY,
        "INSERT",
        f" WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM {ENTRY})",
    ),
    "audit_head_no_delete": (HEAD, "DELETE", ""),
    "audit_head_moves_on": (HEAD, "UPDATE", " WHEN NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence"),
}
# By name: table, what sets the trigger off, and the function that decides.
_POSTGRESQL = {
    "audit_entry_no_update": (ENTRY, "UPDATE", "audit_refuse"),
    "audit_entry_no_delete": (ENTRY, "DELETE", "audit_refuse"),
    "audit_entry_no_truncate": (ENTRY, "TRUNCATE", "audit_refuse"),
    "audit_entry_at_the_end": (ENTRY, "INSERT", "audit_at_the_end"),
    "audit_head_no_delete": (HEAD, "DELETE", "audit_refuse"),
    "audit_head_no_truncate": (HEAD, "TRUNCATE", "audit_refuse"),
    "audit_head_moves_on": (HEAD, "UPDATE", "audit_moves_on"),
}
_BY_VENDOR = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
# What keeps a test's database from being emptied between tests.
GUARDS_AGAINST_DELETION = {
    vendor: tuple(name for name, (_, event, _) in known.items() if event in ("DELETE", "TRUNCATE"))
    for vendor, known in _BY_VENDOR.items()
}

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "sqlite": (),
    "postgresql": (
        f"""
        CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{WORDS}';
        END $$
        """,
        f"""
        CREATE FUNCTION audit_at_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM {ENTRY}) THEN
                RAISE EXCEPTION '{WORDS}';
            END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE FUNCTION audit_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence THEN
                RAISE EXCEPTION '{WORDS}';
            END IF;
            RETURN NEW;
        END $$
        """,
    ),
}


def names(vendor: str) -> list[str]:
    """The triggers on a database of that vendor."""
    if vendor not in _BY_VENDOR:
        raise ValueError(f"no audit triggers for {vendor}")
    return list(_BY_VENDOR[vendor])


def statements(vendor: str) -> list[str]:
    """What sets the triggers up on a new database of that vendor."""
    return [*FUNCTIONS[vendor], *(setting_up(vendor, name) for name in names(vendor))]


def setting_up(vendor: str, name: str) -> str:
    """The statement that sets one trigger up."""
    table, event, decision = _BY_VENDOR[vendor][name]
    if vendor == "sqlite":
        return f"CREATE TRIGGER {name} BEFORE {event} ON {table}{decision} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {decision}()"


def taking_down(vendor: str, some: Iterable[str]) -> list[str]:
    """The statements that take triggers away, as the owner of the database can."""
    on = " ON {}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {name}{on.format(_BY_VENDOR[vendor][name][0])}" for name in some]
