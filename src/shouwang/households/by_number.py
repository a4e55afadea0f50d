"""A household found by somebody's identity number: by its keyed digest, for a stated scope, on record without the number."""

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.households.models import Household, Person
from shouwang.households.reading import households_visible_to
from shouwang.kernel.citizen_id import is_valid
from shouwang.kernel.errors import InputError
from shouwang.kernel.keys import pseudonym


def household_by_number(user: User, number: str) -> Household | None:
    """The household of the person with this number, where the user may see it; None alike where nobody has it and where
    somebody elsewhere has.

    The number is looked up by its pseudonym, the blind index. The entry says that was searched and what was found.

    Raises:
        InputError: it is not a valid number of 18 characters.
    """
    written = "".join(number.split()).upper()
    if not (len(written) == 18 and written.isascii() and is_valid(written)):
        raise InputError(_("证件号码不是有效的 18 位号码"), _("对照证件重新输入"))
    key = pseudonym(settings.HOME.keys(), written)
    person = (
        Person.objects.filter(key=key, household__in=households_visible_to(user)).select_related("household").first()
    )
    found = person.household if person else None
    if found is not None and not scope_of(user, localdate()).may(Permission.UNMASK, found.area_id):
        found = None
    with transaction.atomic():
        record(user, "number_searched", found, rows=int(found is not None))
    return found
