"""The second wall: PostgreSQL itself shows a row about people only to who acts for its area (decision 0025).

A table with an area stands behind it, one with a desk behind that too; what belongs to one row of another table stands behind
that row. `WITHOUT` says of every other table why it has none: a new model is in neither and makes a test fail.
The first wall are the reading functions (`…_visible_to(user)`) with duties, departments and states; this one knows areas alone.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import ForeignKey, Model

NAME = "acting"
_SAID = "current_setting('shouwang.areas', true)"
# A question in brackets is answered once, before the first row is read.
_EVERYWHERE = f"(SELECT {_SAID} = '*')"
_PREFIXES = f"(SELECT string_to_array({_SAID}, ','))::text[]"

AREAS: Mapping[str, tuple[str, ...]] = {
    "households.Household": ("area",),
    "clues.Clue": ("area", "desk"),
    "cases.Case": ("area", "desk"),
    "elimination.Elimination": ("area", "desk"),
    "assistance.Plan": ("area", "desk"),
    "assistance.DepartmentTask": ("area", "desk"),
    "assistance.Need": ("area", "desk"),
    "defects.Defect": ("area",),
    "declarations.Declaration": ("area", "desk"),
    "outputs.Export": ("area",),
    "registration.AmendmentSheet": ("area",),
    "registration.RegisterRequest": ("area", "desk", "to_area"),
    "sweeps.SweepTask": ("area",),
}
"""By model the foreign keys to the areas for one of which somebody must act."""

BEHIND: Mapping[str, str] = {
    "households.Person": "household",
    "registration.RecordedFact": "household",
    "clues.ClueSource": "clue",
    "clues.MonitoringNote": "clue",
    "clues.ClueStep": "clue",
    "clues.Visit": "clue",
    "clues.Photo": "visit",
    "clues.Finding": "clue",
    "cases.CaseStep": "case",
    "cases.CaseClue": "case",
    "cases.Comparison": "case",
    "cases.Collection": "case",
    "cases.Deliberation": "case",
    "cases.Notice": "case",
    "cases.Proof": "notice",
    "cases.CasePhoto": "case",
    "cases.OnlineObjection": "notice",
    "cases.ObjectionAnswer": "online",
    "cases.Objection": "case",
    "cases.RefusalTold": "case",
    "elimination.EliminationStep": "elimination",
    "elimination.Proposal": "elimination",
    "elimination.Proposal_photos": "proposal",
    "elimination.Deliberation": "elimination",
    "elimination.Posting": "elimination",
    "elimination.Objection": "elimination",
    "elimination.FollowUp": "elimination",
    "elimination.Relapse": "elimination",
    "elimination.ConditionCheck": "case",
    "assistance.PlanStep": "plan",
    "assistance.Submission": "plan",
    "assistance.Measure": "plan",
    "assistance.Contact": "case",
    "assistance.FollowUp": "plan",
    "assistance.FollowUpPhoto": "follow_up",
    "assistance.NeedStep": "need",
    "assistance.TaskStep": "task",
    "declarations.DeclarationStep": "declaration",
    "declarations.DeclarationPhoto": "declaration",
    "declarations.Appeal": "declaration",
    "declarations.OneTimeCode": "declaration",
    "sweeps.SweepRecord": "task",
    "registration.RegisterRequestStep": "request",
}
"""By model the foreign key to the row to which it belongs: who sees that one sees it."""

KNOWN_ELSEWHERE = "shouwang_known_elsewhere"
FUNCTIONS: Mapping[str, str] = {
    # A clue that was reassigned lies on a desk elsewhere, and whoever moves is expected elsewhere: there the household is known.
    # As a function it costs a plan nothing for the many households of whom it is never asked.
    KNOWN_ELSEWHERE: f"""
        CREATE OR REPLACE FUNCTION {KNOWN_ELSEWHERE}(household text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE COST 1 AS $$
            SELECT EXISTS (SELECT 1 FROM public.clues_clue AS theirs
                           WHERE theirs.household_id = household AND theirs.desk_id ^@ ANY ({_PREFIXES}))
                OR EXISTS (SELECT 1 FROM public.registration_registerrequest AS theirs
                           WHERE theirs.household_id = household AND theirs.to_area_id ^@ ANY ({_PREFIXES}))
        $$
    """
}
BESIDE: Mapping[str, str] = {
    "households.Household": f"{KNOWN_ELSEWHERE}(household_no)",
    # Whoever reports may stand before the poster of another village than the household's.
    "declarations.Declaration": "EXISTS (SELECT 1 FROM households_household AS theirs"
    " WHERE theirs.household_no = declarations_declaration.household_id)",
    "households.RegisterChange": "EXISTS (SELECT 1 FROM households_household AS theirs"
    " WHERE theirs.household_no = households_registerchange.household_no)",
}
"""By model another way to a row, in the words of the database; asked only of rows that the areas do not let through."""

WITHOUT: Mapping[str, str] = {
    "areas.Area": "the divisions, which are public",
    "accounts.User": "who works here: asked before it is known for which areas",
    "accounts.Post": "who works here: asked before it is known for which areas",
    "accounts.LoginTry": "asked before anybody has signed in",
    "accounts.KnownDevice": "asked before anybody has signed in",
    "accounts.SecondFactor": "asked before it is known for which areas",
    "accounts.RecoveryCode": "asked before it is known for which areas",
    "audit.Entry": "one chain for the whole city, whose end every entry needs; numbers stand in it masked",
    "audit.Head": "the end of that chain",
    "notifications.Message": "goes to desks above and to persons; names no number, and leads to rows behind the wall",
    "notifications.ReadMark": "which of these messages somebody has opened",
    "notifications.ToldUpTo": "how far messages were made",
    "notifications.Channel": "robots of offices, sealed",
    "notifications.Sending": "sealed; waits for the worker",
    "households.RegisterLoad": "which deliveries were taken over",
    "exchange.Delivery": "about a file; its rows lie in the lake",
    "exchange.DeliveryCounty": "about a file; its rows lie in the lake",
    "exchange.Upload": "about a file; its rows lie sealed in the spool",
    "amendments.Amendment": "values of the policy, the same for all",
    "amendments.WhatIf": "counts under proposed values",
    "clues.ScreeningRun": "counts of one screening",
    "clues.DispatchRule": "an office's rule for the areas below it, which follow it",
    "clues.SavedView": "somebody's own view of a list",
    "cases.BoardContact": "hangs on the board of the village",
    "assistance.Organisation": "registered by a county, named to the villages below it",
    "defects.QualityCheck": "counts of one check",
    "declarations.Allowance": "keyed digests of telephones and addresses, to count them",
    "statistics.Figure": "counts by area and month",
    "statistics.Filling": "which figures are there",
    "sweeps.Campaign": "an office's, for the areas below it",
    "sweeps.CampaignStep": "an office's, for the areas below it",
    "auth.Permission": "Django's own, unused",
    "auth.Group": "Django's own, unused",
    "auth.Group_permissions": "Django's own, unused",
    "accounts.User_groups": "Django's own, unused",
    "accounts.User_user_permissions": "Django's own, unused",
    "contenttypes.ContentType": "Django's own",
    "sessions.Session": "asked before it is known who asks",
    "django_tasks_database.DBTaskResult": "numbers of what the worker is to do",
}
"""By model why its table has no policy."""


def walled() -> dict[type[Model], str]:
    """By model the condition under which a row of its table is there."""
    labels = dict.fromkeys([*AREAS, *BEHIND, *BESIDE])
    return {apps.get_model(label): _condition(label) for label in labels}


def has_policy(model: type[Model]) -> bool:
    return any(model._meta.label in told for told in (AREAS, BEHIND, BESIDE))


def without_word() -> list[str]:
    """The models of which nobody has said whether their rows are about people."""
    models = apps.get_models(include_auto_created=True)
    said = {*AREAS, *BEHIND, *BESIDE, *WITHOUT}
    return sorted(each._meta.label for each in models if each._meta.managed and each._meta.label not in said)


def _condition(label: str) -> str:
    model = apps.get_model(label)
    ways = [_EVERYWHERE]
    ways += [f"{_column(model, name)} ^@ ANY ({_PREFIXES})" for name in AREAS.get(label, ())]
    if label in BEHIND:
        ways.append(_behind(model, BEHIND[label]))
    if label in BESIDE:
        ways.append(BESIDE[label])
    return " OR ".join(ways)


def _behind(model: type[Model], name: str) -> str:
    key: ForeignKey[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]
    whole: type[Model] = key.related_model  # type: ignore[assignment]
    column = whole._meta.pk.column  # type: ignore[union-attr]
    own = f"{model._meta.db_table}.{key.column}"
    return f"EXISTS (SELECT 1 FROM {whole._meta.db_table} AS whole WHERE whole.{column} = {own})"


def _column(model: type[Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def out_of_date(link: Any = connection) -> list[str]:
    """The tables whose policy is missing, not in force, or another than this version's."""
    return [model._meta.db_table for model, condition in walled().items() if _mark_of(link, model) != _mark(condition)]


def raise_wall(link: Any) -> list[str]:
    """Puts the policies of this version on the tables, as their owner; returns the tables whose policy was another.

    Each in a transaction of its own, which holds its table for a moment; nothing is done where nothing has changed.
    """
    changed = []
    with link.cursor() as cursor:
        for function in FUNCTIONS.values():
            cursor.execute(function)
    for model, condition in walled().items():
        if _mark_of(link, model) != _mark(condition):
            changed.append(model._meta.db_table)
            _put(link, model._meta.db_table, condition)
    return changed


def _put(link: Any, table: str, condition: str) -> None:
    with transaction.atomic(using=link.alias), link.cursor() as cursor:
        for statement in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {NAME} ON {table}",
            f"CREATE POLICY {NAME} ON {table} USING ({condition})",
            f"COMMENT ON POLICY {NAME} ON {table} IS '{_mark(condition)}'",
        ):
            cursor.execute(statement)


def _mark(condition: str) -> str:
    return sha256(condition.encode()).hexdigest()


def _mark_of(link: Any, model: type[Model]) -> str | None:
    """What the policy of a table was made from; None where there is none, or where it is not in force."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(policy.oid, 'pg_policy') FROM pg_policy AS policy JOIN pg_class AS known"
            " ON known.oid = policy.polrelid WHERE known.oid = to_regclass(%s) AND policy.polname = %s"
            " AND known.relrowsecurity AND known.relforcerowsecurity",
            [model._meta.db_table, NAME],
        )
        found = cursor.fetchone()
    return str(found[0]) if found else None
