"""The doors through which pages reach declarations: the desk by its scope, whoever reported by the receipt."""

import hmac
import json
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Reach, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import inside, valid_on, within
from shouwang.areas.tree import area_of
from shouwang.audit.record import record_alone
from shouwang.declarations import allowances, receipt
from shouwang.declarations.flow import DECLARATIONS, IN_HAND
from shouwang.declarations.models import Allowance, Declaration, DeclarationPhoto, Stage
from shouwang.declarations.taking import context_of
from shouwang.households.models import Household, Person
from shouwang.households.reading import households_visible_to
from shouwang.kernel.keys import pseudonym
from shouwang.notifications.sms import masked
from shouwang.proceedings.desks import standing
from shouwang.tables.acting import acting_everywhere

WORKING = (Permission.DISPATCH, Permission.SUBMIT, Permission.CONSENT)
LAST_DIGITS = 4
MOST_FOUND = 20


def declarations_visible_to(user: User) -> QuerySet[Declaration]:
    """What came in within the area of whoever works on declarations.

    A village sees what was given to it, and what became a clue of its households: not what somebody reported above its head.
    """
    found = Q(pk__in=[])
    for reach in scope_of(user, localdate()).reaches:
        if any(reach.may(each) for each in WORKING):
            found |= _reached(reach)
    visible = Declaration.objects.filter(found).exclude(stage=Stage.UNVERIFIED)
    return visible.select_related("area", "desk", "household")


def _reached(reach: Reach) -> Q:
    inside = reach.inside("area_id") | reach.inside("desk_id")
    if reach.area.level < Area.VILLAGE:
        return inside
    own = reach.inside("household__area_id")
    return Q(desk=reach.area) | own


def declaration_visible_to(user: User, number: str) -> Declaration:
    """Raises Declaration.DoesNotExist outside the user's scope, as if there were none."""
    return declarations_visible_to(user).get(number=number)


def declaration_photo_visible_to(user: User, name: str) -> DeclarationPhoto:
    """Raises DeclarationPhoto.DoesNotExist for a photo of a declaration outside the user's scope."""
    return DeclarationPhoto.objects.get(name=name, declaration__in=declarations_visible_to(user))


def declarations_to_do(user: User, on: date) -> QuerySet[Declaration]:
    """What lies on the desks of somebody, and what is overdue below and has risen to them; soonest first."""
    found = Q(pk__in=[])
    for reach in scope_of(user, on).reaches:
        own = {move.stage for move in DECLARATIONS.moves if move.open_to(reach, reach.area)}
        here = [stage for stage in own if DECLARATIONS.level_of[stage] == reach.area.level]
        found |= Q(desk=reach.area, stage__in=here)
        if reach.may(Permission.DISPATCH):
            inside = reach.inside("desk_id")
            found |= inside & Q(stage__in=IN_HAND, raised_to__lte=reach.area.level, due_on__lt=on)
    return Declaration.objects.filter(found).select_related("area", "desk").order_by("due_on", "number")


def _sealed(found: Declaration) -> dict[str, str]:
    opened: dict[str, str] = json.loads(settings.HOME.sealer().unseal(bytes(found.sealed), context_of(found.number)))
    return opened


def masked_phone(found: Declaration) -> str:
    """The telephone as it stands on the page; empty where nobody left one."""
    phone = _sealed(found)["phone"]
    return masked(phone) if phone else ""


def phone_of(found: Declaration, *, acting_user: User, reason: str) -> str:
    """The telephone in clear, to call whoever reported; the entry stands before anybody reads it."""
    record_alone(acting_user, "value_unmasked", found, field="联系电话", reason=reason)
    return _sealed(found)["phone"]


@dataclass(frozen=True)
class Match:
    """A household that may be meant, and why it is proposed."""

    household: Household
    names: tuple[str, ...]
    by_number: bool


def matches_of(found: Declaration, user: User) -> list[Match]:
    """Households that may be meant: by the identity number that was left, then by the names in the village."""
    id_number = _sealed(found)["id_number"]
    names = [each for each in dict.fromkeys((found.about, found.reporter)) if each]
    of_name = Q(name__in=names, left_on=None) & _lives_in(found.area)
    of_number = Q(key=pseudonym(settings.HOME.keys(), id_number)) if id_number else Q(pk__in=[])
    persons = Person.objects.filter(of_name | of_number, household__in=households_visible_to(user))
    by_household: dict[str, list[Person]] = {}
    for person in persons.select_related("household__area").order_by("household_id", "line")[: MOST_FOUND * 3]:
        by_household.setdefault(person.household_id, []).append(person)
    key = pseudonym(settings.HOME.keys(), id_number) if id_number else None
    made = [
        Match(each[0].household, tuple(p.name for p in each), any(p.key == key for p in each))
        for each in by_household.values()
    ]
    return sorted(made, key=lambda each: not each.by_number)[:MOST_FOUND]


def _lives_in(village: Area) -> Q:
    return inside(village, "household__area_id")


def households_found(user: User, search: str) -> QuerySet[Household]:
    """The households of somebody's scope by number, head or member; at most a page of them."""
    search = search.replace("\0", "").strip()[:100]
    members = Person.objects.filter(name=search, left_on=None).values("household_id")
    found = Q(household_no__istartswith=search) | Q(head_name__contains=search) | Q(pk__in=members)
    visible = households_visible_to(user)
    return visible.filter(found).order_by("household_no")[:MOST_FOUND] if search else visible.none()


def village_of(code: str, on: date) -> Area:
    """The village of a poster; of one that was merged its successor, for posters stay on walls for years.

    Raises Area.DoesNotExist for whatever is no village of the day.
    """
    return Area.objects.filter(valid_on(on), level=Area.VILLAGE).get(pk=standing(code, on).pk)


def was_merged(code: str, village: Area) -> str:
    """The name of the village of a poster where it was merged into the one that is shown; else nothing."""
    return "" if code == village.pk else area_of(code).name


def villages_within(user: User, on: date) -> QuerySet[Area]:
    """The villages for which somebody may print posters."""
    reaches = [reach for reach in scope_of(user, on).reaches if any(reach.may(each) for each in WORKING)]
    conditions = [within(prefix, "code") for reach in reaches for prefix in reach.prefixes]
    villages = Area.objects.filter(valid_on(on), level=Area.VILLAGE)
    return villages.filter(reduce(or_, conditions)).order_by("code") if conditions else villages.none()


def areas_about(**one: Any) -> list[str]:
    """The villages of one declaration: of its poster, and of the household that it turned out to be about.

    Whoever holds a receipt or a ticket has no post: of all rows the database is asked where this one belongs, and only there
    the request goes on.
    """
    with acting_everywhere():
        found = Declaration.objects.filter(**one).values_list("area", "household__area").first()
    return [code for code in found or () if code]


def waiting_declaration(pk: int) -> Declaration:
    """What a browser that has just reported goes on with, by a ticket that was signed for it."""
    return Declaration.objects.select_related("area").get(pk=pk)


def declaration_of_receipt(written: str, digits: str, address: str) -> Declaration | None:
    """The declaration of a receipt, where also the last digits of the telephone fit that was left with it.

    None alike where there is none and where the digits do not fit; past ten misses of one receipt from one address in an hour
    its digits are not compared any more.
    """
    number = receipt.read(written) or ""
    found = Declaration.objects.filter(number=number).select_related("area").first()
    phone = _sealed(found)["phone"] if found else ""
    same = hmac.compare_digest(phone[-LAST_DIGITS:].encode(), digits.strip()[:20].encode())
    if found is not None and found.phone_key is None:
        same = True  # whoever left no telephone has the number alone
    who = allowances.key_of("receipt", f"{number}@{allowances.address_key(address)}")
    if found is None or not allowances.is_left(Allowance.What.LOOKED_UP, who):
        return None
    if not same:
        allowances.use(Allowance.What.LOOKED_UP, who)
        return None
    return found
