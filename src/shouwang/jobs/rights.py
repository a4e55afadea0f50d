"""What the runtime role, as which the site and the worker ask PostgreSQL, may do; everything else is the owner's (decision 0025).

The owner's role is that of `SHOUWANG_DATABASE_OWNER_URL`: it owns the tables, changes them (`shouwang init`), and is not known to
what answers requests. The runtime role is that of `SHOUWANG_DATABASE_URL`: it owns nothing, goes round no policy, empties and
changes no table, and neither changes nor deletes what is written once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from shouwang.proceedings.models import WrittenOnce

DELETED_FROM = frozenset({
    "accounts.KnownDevice", "accounts.LoginTry", "accounts.RecoveryCode", "accounts.SecondFactor",
    "clues.DispatchRule", "clues.SavedView", "clues.ScreeningRun", "declarations.Allowance", "defects.Defect",
    "django_tasks_database.DBTaskResult", "elimination.ConditionCheck", "households.RegisterChange", "sessions.Session",
    "statistics.Figure",
})  # fmt: skip
"""What stands for nothing that happened: it is made anew, or was somebody's own."""
ONLY_READ = frozenset({"contenttypes.ContentType", "auth.Permission"})
ONLY_ADDED_TO = frozenset({"audit.Entry", "households.RegisterLoad"})
MIGRATIONS = "django_migrations"


def give_rights(link: Any, role: str) -> None:
    """Gives the runtime role exactly these rights on the tables of this version, as their owner, in one transaction."""
    name = link.ops.quote_name(role)
    with transaction.atomic(using=link.alias), link.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT ON {MIGRATIONS} TO {name}")
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed:
                cursor.execute(f"GRANT {', '.join(rights(model))} ON {model._meta.db_table} TO {name}")


def rights(model: type[Model]) -> list[str]:
    """What the runtime role may do with the rows of a model's table; of what is written once a seal may be renewed."""
    label = model._meta.label
    if label in ONLY_READ:
        return ["SELECT"]
    if label in ONLY_ADDED_TO:
        return ["SELECT", "INSERT"]
    if issubclass(model, WrittenOnce):
        sealed = [field.column for field in model._meta.concrete_fields if field.column == "sealed"]
        return ["SELECT", "INSERT", *(f"UPDATE ({column})" for column in sealed)]
    return ["SELECT", "INSERT", "UPDATE", *(["DELETE"] if label in DELETED_FROM else [])]


@contextmanager
def as_owner() -> Iterator[None]:
    """Within, the process is connected as the owner of the tables, where one is named; as whoever it was, otherwise."""
    from django.conf import settings

    from shouwang.settings import database

    if not settings.OWNER_URL:
        yield
        return
    owner, runtime = database(settings.HOME, settings.OWNER_URL), dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({key: owner[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(runtime)


def role() -> str:
    """As whom this process is connected; empty on SQLite, which knows nobody."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def may_make_tables() -> bool:
    """Whether whoever is connected may change the tables; on SQLite everybody who opens the file."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
        return bool(cursor.fetchone()[0])


def too_mighty() -> str:
    """Why the role of this connection is no runtime role, in a word of PostgreSQL; empty where it is one, and on SQLite."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, EXISTS (SELECT 1 FROM pg_class AS known JOIN pg_namespace AS place"
            " ON place.oid = known.relnamespace WHERE place.nspname = 'public' AND known.relkind = 'r'"
            " AND pg_has_role(current_user, known.relowner, 'MEMBER')) FROM pg_roles WHERE rolname = current_user"
        )
        superuser, bypasses, owns = cursor.fetchone()
    return "SUPERUSER" if superuser else "BYPASSRLS" if bypasses else "OWNER" if owns else ""
