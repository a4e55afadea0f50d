"""What is masked on every page, shown to one person, one value at a time, for a stated reason that the audit keeps."""

import json

from django.conf import settings
from django.db import models, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.households.models import Person
from shouwang.households.reading import households_visible_to


class Masked(models.TextChoices):
    """What is sealed about a person, by its name inside the seal."""

    ID = "id", _("证件号码")
    PHONE = "phone", _("联系电话")
    ADDRESS = "address", _("住址")


def person_unmaskable_by(user: User, pk: int) -> Person:
    """Raises Person.DoesNotExist where the user's posts do not unmask in the person's village, as if there were none."""
    scope = scope_of(user, localdate())
    person = Person.objects.select_related("household__area").get(pk=pk)
    area = person.household.area_id
    visible = households_visible_to(user).filter(pk=person.household_id).exists()
    if not (visible and scope.covers_fully(area) and scope.may(Permission.UNMASK, area)):
        raise Person.DoesNotExist
    return person


def unmask(person: Person, what: Masked, reason: str, *, acting_user: User) -> str:
    """The value in clear; empty where the register has none. The entry stands before anybody reads it.

    Raises:
        Failure: the seal does not open with this installation's keys.
    """
    with transaction.atomic():
        record(acting_user, "value_unmasked", person.household, field=what.label, person=person.name, reason=reason)
    sealed = json.loads(settings.HOME.sealer().unseal(bytes(person.sealed), f"person:{person.key}"))
    return str(sealed.get(what.value) or "")
