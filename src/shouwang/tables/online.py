"""Changes of tables that keep nobody waiting (docs/operations.md)."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.state import ProjectState


class AddIndexBesideWork(AddIndexConcurrently):
    """An index that is built while rows are written, in a migration with `atomic = False`; SQLite has one writer and builds it at once."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        beside = schema_editor.connection.vendor == "postgresql"
        forwards = super().database_forwards if beside else super(AddIndexConcurrently, self).database_forwards
        forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        beside = schema_editor.connection.vendor == "postgresql"
        backwards = super().database_backwards if beside else super(AddIndexConcurrently, self).database_backwards
        backwards(app_label, schema_editor, from_state, to_state)
