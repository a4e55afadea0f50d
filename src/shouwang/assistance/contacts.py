"""Who looks after a household: named for one or many at once, followed by another, the telephone sealed."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.assistance.models import Contact, ContactKind
from shouwang.audit.record import in_the_language_of_record, record, record_many
from shouwang.cases.models import Case, Stage
from shouwang.kernel.errors import InputError
from shouwang.notifications import sms
from shouwang.proceedings.steps import NotOpen, words

AT_ONCE = 500
PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}")
LONGEST_NAME, LONGEST_UNIT = 50, 100
NAMING = (Permission.SUBMIT, Permission.CONSENT)


@dataclass(frozen=True)
class Named:
    """Somebody who is to look after households."""

    kind: str
    name: str
    unit: str
    phone: str


@transaction.atomic
def name_contact(cases: Sequence[int], named: Named, *, acting_user: User, on: date, key: str) -> list[Contact]:
    """Makes somebody a contact of these cases (by primary key) from a day on; whoever was it before is so no more.

    The same form, known by its `key`, is carried out once. They are told by a text message.

    Raises:
        InputError: nobody or nothing is named, or the telephone is none.
        NotOpen: a case is not that of a monitored household within the user's area.
    """
    if not key or not 1 <= len(set(cases)) <= AT_ONCE:
        raise InputError(_("没有选择农户，或一次超过{most}户").format(most=AT_ONCE), _("勾选后再保存"))
    done = list(Contact.objects.filter(key__startswith=f"{key}:").order_by("pk"))
    if done:
        return done
    phone = "".join(named.phone.split())
    if named.kind not in ContactKind.values:
        raise InputError(_("没有选择联系人的类别"), _("选择帮扶联系人或监测联系人"))
    name, unit = words(named.name, _("联系人姓名"))[:LONGEST_NAME], words(named.unit, _("单位和职务"))[:LONGEST_UNIT]
    if not PHONE.fullmatch(phone):
        raise InputError(_("联系电话不对"), _("填写 11 位手机号，或区号加座机号"))
    own = _locked(cases, acting_user, on)
    Contact.objects.filter(case__in=own, kind=named.kind, to=None).update(to=on)
    sealer = settings.HOME.sealer()
    made = [
        Contact(
            case=case,
            kind=named.kind,
            name=name,
            unit=unit,
            phone_masked=f"{phone[:3]}****{phone[-4:]}",
            sealed=sealer.seal(phone, context_of(f"{key}:{case.pk}")),
            area_id=case.area_id,
            since=on,
            key=f"{key}:{case.pk}",
        )
        for case in own
    ]
    Contact.objects.bulk_create(made)
    kind = str(ContactKind(named.kind).label)
    record_many(acting_user, "contact_named", [(case, {"kind": kind, "person": name}) for case in own])
    _tell(named.kind, phone, own)
    return list(Contact.objects.filter(key__startswith=f"{key}:").order_by("pk"))


@transaction.atomic
def confirm_contacts(cases: Sequence[int], *, acting_user: User, on: date) -> int:
    """The village to which households have moved keeps whoever has looked after them; returns how many contacts.

    Raises:
        InputError: nothing is chosen, or none of them has a contact from elsewhere.
        NotOpen: a case is not that of a monitored household within the user's area.
    """
    if not 1 <= len(set(cases)) <= AT_ONCE:
        raise InputError(_("没有选择农户，或一次超过{most}户").format(most=AT_ONCE), _("勾选后再保存"))
    own = {case.pk: case for case in _locked(cases, acting_user, on)}
    found = list(from_elsewhere().filter(case__in=list(own)).select_for_update(of=("self",)).order_by("pk"))
    if not found:
        raise InputError(_("勾选的农户没有要确认的联系人"), _("只有迁入的农户要确认"))
    for contact in found:
        contact.area_id = own[contact.case_id].area_id
    Contact.objects.bulk_update(found, ["area"])
    told = [(own[each.case_id], {"kind": kind_of_record(each), "person": each.name}) for each in found]
    record_many(acting_user, "contact_confirmed", told)
    return len(found)


def from_elsewhere() -> QuerySet[Contact]:
    """Standing contacts that were named where the household no longer lives; not those of a village that was merged."""
    lives_in = "case__household__area"
    elsewhere = ~Q(area=F(lives_in)) & ~Q(area__successor=F(lives_in))
    return Contact.objects.filter(elsewhere, area__isnull=False, to=None, **{f"{lives_in}__isnull": False})


@in_the_language_of_record
def kind_of_record(contact: Contact) -> str:
    return str(ContactKind(contact.kind).label)


def _locked(cases: Sequence[int], user: User, on: date) -> list[Case]:
    """The cases for the rest of the transaction. Raises NotOpen where one is not the user's to name contacts for."""
    held = Case.objects.select_for_update().prefetch_related("area").filter(pk__in=set(cases)).order_by("pk")
    own = [case for case in held if _may_name(user, case, on)]
    if len(own) != len(set(cases)):
        raise NotOpen(_("有农户不在您的范围内，或没有纳入监测"), _("刷新页面后重新勾选"))
    return own


@in_the_language_of_record
def _tell(kind: str, phone: str, cases: Sequence[Case]) -> None:
    """One text message to whoever was named, however many households it is for; it names none of them.

    A landline gets none, and neither does a telephone that has had its messages of the day: the village says it then.
    """
    village = cases[0].area
    text = _("您已被确定为{village} {count} 户监测对象的{kind}。请与村委会联系，了解情况后入户走访。").format(
        village=village.name, count=len(cases), kind=ContactKind(kind).label
    )
    with suppress(InputError):
        sms.send(phone, text, area=village)


def _may_name(user: User, case: Case, on: date) -> bool:
    scope = scope_of(user, on)
    return case.stage == Stage.INCLUDED and any(scope.may(each, case.area_id) for each in NAMING)


def context_of(key: str) -> str:
    """What the seal of a contact's telephone is bound to."""
    return f"contact:{key}"


def telephone_of(contact: Contact, reason: str, *, acting_user: User) -> str:
    """The number in clear, for a stated reason that the audit keeps; the entry stands before anybody reads it.

    Raises:
        InputError: no reason is given.
        Failure: the seal does not open with this installation's keys.
    """
    said = words(reason, _("查看电话的理由"))
    with transaction.atomic():
        record(acting_user, "value_unmasked", contact.case, field=_("联系电话"), person=contact.name, reason=said)
    return settings.HOME.sealer().unseal(bytes(contact.sealed), context_of(contact.key))


def contacts_of(case: Case) -> list[Contact]:
    """Those who look after the household now."""
    return list(case.contacts.filter(to=None).order_by("kind"))


def standing_contacts(cases: Iterable[Case]) -> dict[int, dict[str, Contact]]:
    """By case (primary key) and kind those who look after these households now, in one query."""
    found: dict[int, dict[str, Contact]] = {}
    for contact in Contact.objects.filter(case__in=[case.pk for case in cases], to=None):
        found.setdefault(contact.case_id, {})[contact.kind] = contact
    return found
