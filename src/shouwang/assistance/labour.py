"""Who in a household can work, by the register: present, of the skills and ages of the pack, and not at school."""

from datetime import date

from shouwang.assistance.requirements import Ages, Requirements
from shouwang.households.models import Household, Person


def age_on(person: Person, on: date) -> int | None:
    """Whole years on a day; None where the register has no date of birth."""
    born = person.birth_date
    return None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_within(person: Person, ages: Ages, on: date) -> bool:
    """Whether somebody is of these ages; of unknown age they are not."""
    age, (youngest, oldest) = age_on(person, on), ages
    return age is not None and youngest <= age <= oldest


def members_of(household: Household) -> list[Person]:
    """Those who live in the household now."""
    return list(household.persons.filter(left_kind="").order_by("line"))


def able_members(members: list[Person], requirements: Requirements, on: date) -> list[Person]:
    """The members who can work."""
    return [
        person
        for person in members
        if person.labour in requirements.labour_skills
        and not person.school_status
        and is_within(person, requirements.labour_ages, on)
    ]
