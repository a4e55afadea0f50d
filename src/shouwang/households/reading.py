"""The doors through which pages reach households: always by the user's scope."""

from django.db.models import F, Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import Seen, names_department, scope_of
from shouwang.households.models import Household, Person, RegisterChange
from shouwang.questions import Blank, Question
from shouwang.tables.acting import acting_everywhere


def _own_matters(department: str) -> Q:
    """A department sees a household only through a clue that rests on its own rows."""
    return names_department("clues__owners", department)


def households_visible_to(user: User) -> QuerySet[Household]:
    scope = scope_of(user, localdate())
    visible = scope.filter(Household.objects.select_related("area"), own_matters=_own_matters)
    return visible.distinct() if any(reach.department for reach in scope.reaches) else visible


def household_visible_to(user: User, number: str) -> Household:
    """Raises Household.DoesNotExist outside the user's scope, as if there were none."""
    return _seen.get(user, number=number)


_seen = Seen(lambda user: households_visible_to(user).filter(household_no=Blank("number")))


def persons_of(household: Household) -> list[Person]:
    """Everybody registered in the household: the present first, then those who left."""
    return _persons.ask(household=household.household_no)


_persons = Question(
    lambda: Person.objects.filter(household=Blank("household")).order_by(
        F("left_on").asc(nulls_first=True), "received_on", "line", "key"
    )
)


def ever_in(household: Household) -> dict[int, str]:
    """The names of everybody who is or was registered in the household, by key in the lake; some live elsewhere by now."""
    with acting_everywhere():
        return dict(_ever.ask(household=household.household_no))


def _ever_registered() -> QuerySet[Person, tuple[int, str]]:
    once = RegisterChange.objects.filter(household_no=Blank("household")).order_by().values("person_key")
    present = Person.objects.filter(household=Blank("household")).order_by().values("key")
    return Person.objects.filter(key__in=once.union(present)).values_list("key", "name")


_ever = Question(_ever_registered)


def names_in(household: str) -> dict[int, str]:
    """The names of everybody registered in a household that the caller has found to be open to the user, by key."""
    return dict(_names.ask(household=household))


_names = Question(lambda: Person.objects.filter(household=Blank("household")).values_list("key", "name"))


def history_of(household: Household) -> list[RegisterChange]:
    """What the register said about the household over time, the latest first."""
    return _history.ask(household=household.household_no)


_history = Question(
    lambda: RegisterChange.objects.filter(household_no=Blank("household")).order_by(
        "-received_on", "-delivery", "-line", "-person_key", "pk"
    )
)
