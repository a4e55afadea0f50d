"""The sheets of agreed changes as they were delivered: whose they are to take out, and what stands in them."""

import json
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.registration.models import AmendmentSheet

Rows = Mapping[str, Sequence[Mapping[str, str]]]
"""By source the rows, each by the headers of its sheet."""


def sheets_visible_to(user: User) -> QuerySet[AmendmentSheet]:
    """The sheets of the counties from which the user exports; none for a department."""
    found = Q(pk__in=[])
    for reach in scope_of(user, localdate()).holding(Permission.EXPORT):
        if not reach.department:
            found |= reach.inside("area_id")
    return AmendmentSheet.objects.filter(found).select_related("area", "made_by")


def context_of_sheet(area: str) -> str:
    """What the seal of a sheet's rows is bound to: the county whose sheet it is."""
    return f"amendment sheet:{area}"


def sealed_rows(area: str, rows: Rows) -> bytes:
    """The rows of a county's sheet as they are kept with it."""
    return settings.HOME.sealer().seal(json.dumps(rows, ensure_ascii=False), context_of_sheet(area))


def rows_of(sheet: AmendmentSheet) -> Rows:
    """The rows as they were delivered; nothing of a sheet that was made before they were kept.

    Raises:
        Failure: the seal does not open with this installation's keys.
    """
    if not sheet.sealed:
        return {}
    opened: Rows = json.loads(settings.HOME.sealer().unseal(bytes(sheet.sealed), context_of_sheet(sheet.area_id)))
    return opened
