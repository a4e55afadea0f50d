"""What the addresses of the desk name, and which of it somebody may see: a link to anything else shows nothing.

The inbox asks here before it shows a message. Every page that a message may lead to stands here by the name of its address;
`tests/access/test_links_of_messages.py` fails for a message of the code whose link is not here.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from shouwang.accounts.models import User
from shouwang.amendments.reading import amendments_visible_to
from shouwang.assistance.board import needs_named_to
from shouwang.assistance.reading import needs_visible_to, plans_visible_to, tasks_visible_to
from shouwang.cases.reading import cases_visible_to
from shouwang.clues.reading import clues_visible_to
from shouwang.declarations.reading import declarations_visible_to
from shouwang.elimination.reading import eliminations_visible_to
from shouwang.exchange.reading import deliveries_visible_to, uploads_visible_to
from shouwang.households.reading import households_visible_to
from shouwang.outputs.reading import exports_visible_to
from shouwang.registration.reading import requests_visible_to
from shouwang.sweeps.reading import campaigns_visible_to
from shouwang.sweeps.reading import tasks_visible_to as visits_visible_to

Visible = Callable[[User, list[str]], Iterable[str]]


def _named(visible: Callable[[User], QuerySet[Any]], field: str = "number") -> Visible:
    """Those of what is named by a field that the user sees: one query, however many are named."""
    return lambda user, named: map(
        str, visible(user).filter(**{f"{field}__in": named}).order_by().values_list(field, flat=True)
    )


def _needs(user: User, named: list[str]) -> Iterable[str]:
    """An organisation sees what its board shows, an office what lies within its area."""
    return {*_named(needs_visible_to)(user, named), *needs_named_to(user, named)}


MATTERS: Mapping[str, Visible] = {
    "clue": _named(clues_visible_to),
    "case": _named(cases_visible_to),
    "plan": _named(plans_visible_to),
    "task": _named(tasks_visible_to),
    "need": _needs,
    "elimination": _named(eliminations_visible_to),
    "declaration": _named(declarations_visible_to),
    "sweep": _named(campaigns_visible_to),
    "sweep-task": _named(visits_visible_to, "pk"),
    "household": _named(households_visible_to, "pk"),
    "register-request": _named(requests_visible_to),
    "delivery": _named(deliveries_visible_to),
    "upload-state": _named(uploads_visible_to, "pk"),
    "output": _named(exports_visible_to, "pk"),
    "amendment": _named(amendments_visible_to, "pk"),
    "parameter": lambda user, named: named,
    "rule": lambda user, named: named,
}
