"""Triggers that make the database itself refuse to change what was recorded, on SQLite and on PostgreSQL.

Whoever owns the database can drop them; the chain and its anchors tell of what is done then. Entries can only be added at
the end, and the head only moves on by one.
"""

from collections.abc import Mapping

ENTRY, HEAD = "audit_entry", "audit_head"
WORDS = "审计记录只能追加，不能修改或删除"

_SQLITE_CONDITIONS = {
    "audit_entry_no_update": f"BEFORE UPDATE ON {ENTRY}",
    "audit_entry_no_delete": f"BEFORE DELETE ON {ENTRY}",
    "audit_entry_at_the_end": (
        f"BEFORE INSERT ON {ENTRY} WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM {ENTRY})"
    ),
    "audit_head_no_delete": f"BEFORE DELETE ON {HEAD}",
    "audit_head_moves_on": (f"BEFORE UPDATE ON {HEAD} WHEN NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence"),
}
SQLITE: Mapping[str, str] = {
    name: f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    for name, when in _SQLITE_CONDITIONS.items()
}
# What keeps a test's database from being emptied between tests.
GUARDS_AGAINST_DELETION = ("audit_entry_no_delete", "audit_head_no_delete")

POSTGRESQL = (
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
    f"CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON {ENTRY}"
    " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON {ENTRY}"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_entry_at_the_end BEFORE INSERT ON {ENTRY} FOR EACH ROW EXECUTE FUNCTION audit_at_the_end()",
    f"CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON {HEAD} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON {HEAD}"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON {HEAD} FOR EACH ROW EXECUTE FUNCTION audit_moves_on()",
)


def statements(vendor: str) -> list[str]:
    """The statements that set the triggers up on a database of that vendor."""
    if vendor == "sqlite":
        return list(SQLITE.values())
    if vendor == "postgresql":
        return list(POSTGRESQL)
    raise ValueError(f"no audit triggers for {vendor}")
