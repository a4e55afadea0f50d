"""The desk as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

STATEMENTS = 400
"""So many words of questions a connection remembers; the desk's pages have some two hundred, and forgetting one costs a round
trip."""


class WebConfig(AppConfig):
    name = "shouwang.web"
    label = "web"
    verbose_name = "守望工作台"

    def ready(self) -> None:
        connection_created.connect(_remember, dispatch_uid="remembered statements")


def _remember(connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql":
        connection.connection.prepared_max = STATEMENTS
