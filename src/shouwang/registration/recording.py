"""Facts that people record of a household: each entry once, with who, when and from where; the last one counts."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.audit.record import record
from shouwang.households.models import Household
from shouwang.proceedings.steps import NotOpen, words
from shouwang.registration.fields import BY_NAME
from shouwang.registration.models import RecordedFact
from shouwang.registration.proposing import may_propose


def context_of_fact(household_no: str) -> str:
    """What the seal of a sensitive fact is bound to."""
    return f"fact:{household_no}"


@transaction.atomic
def record_facts(
    household_no: str, told: Mapping[str, str], source: str, *, acting_user: User, on: date, key: str = ""
) -> list[RecordedFact]:
    """Writes down what differs from what was recorded last; the same form again writes nothing more.

    Raises:
        NotOpen: the household is not in the user's village.
        InputError: a value is none of its field's, or the source is missing.
        Household.DoesNotExist: there is none.
    """
    household = Household.objects.select_for_update().prefetch_related("area").get(pk=household_no)
    made = list(household.facts.filter(key=key, recorded_by=acting_user)) if key else []
    if made:
        return made
    if not may_propose(acting_user, household, on):
        raise NotOpen(_("不由您登记这一户的情况"), _("由户所在的村登记"))
    known = {fact.field: fact for fact in latest(household.facts.all())}
    said = words(source, _("依据"))
    for name, text in told.items():
        field = BY_NAME[name]
        value, before = field.read(text), known.get(name)
        if field.sensitive:
            if not value:
                continue
            sealed, value = settings.HOME.sealer().seal(value, context_of_fact(household.pk)), value[-4:].rjust(8, "*")
        elif value == (before.value if before else ""):
            continue
        else:
            sealed = b""
        made.append(
            RecordedFact.objects.create(
                household=household,
                field=name,
                value=value,
                sealed=sealed,
                source=said,
                on=on,
                recorded_by=acting_user,
                key=key,
            )
        )
    if made:
        record(
            acting_user, "facts_recorded", household, field="、".join(str(BY_NAME[each.field].title) for each in made)
        )
    return made


def latest(facts: Iterable[RecordedFact]) -> list[RecordedFact]:
    """The last entry of each field, in the order of the fields."""
    last = {fact.field: fact for fact in sorted(facts, key=lambda each: each.pk)}
    return [last[name] for name in BY_NAME if name in last]
