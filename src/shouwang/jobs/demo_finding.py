"""The demonstration's sweeps find households in difficulty: reported, visited by the village, agreed to by the township."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.cases.models import Case
from shouwang.cases.opening import open_cases
from shouwang.clues import handling, verification
from shouwang.clues.models import Channel, Clue, RiskType
from shouwang.clues.reporting import take_report
from shouwang.clues.verification import Seen, flags_of
from shouwang.households.models import Household
from shouwang.jobs.demo_handling import sketch
from shouwang.jobs.handling import identification_requirements, requirements
from shouwang.jobs.identification import compare_waiting
from shouwang.kernel.home import Home

VISITORS = ("村干部甲", "驻村队员乙")
RISKS = (RiskType.UNSTABLE_EMPLOYMENT, RiskType.INDUSTRY_FAILURE, RiskType.OTHER)


class People(Protocol):
    """Who acts for each office of the demonstration's line; `area` is the village."""

    @property
    def village(self) -> User: ...
    @property
    def township(self) -> User: ...
    @property
    def county(self) -> User: ...
    @property
    def area(self) -> Area: ...


def untouched(village: Area) -> Iterator[Household]:
    """Households of the village of which there is no case, those with a clue first; each once."""
    own = Household.objects.filter(area=village, cases=None, member_count__gt=0).select_related("area").order_by("pk")
    yield from list(own.exclude(clues=None).distinct())
    yield from list(own.filter(clues=None))


def find_true(home: Home, people: People, household: Household, on: date, place: int) -> Case:
    """A sweep finds a household, the village verifies it, and its case begins, all on a day."""
    taken = set(household.clues.values_list("risk_type", flat=True))
    risks = [risk for risk in RISKS[place % len(RISKS) :] + RISKS if risk not in taken]
    clue = take_report(
        household,
        risks[0] if risks else RiskType.ACCIDENT,
        channel=Channel.SWEEP,
        reference=f"演示排查{household.pk}",
        text="集中排查时了解到家庭收入明显减少",
        acting_user=people.village,
        requirements=requirements(on),
        on=on,
    )
    _verified(people, clue, on, place)
    wanted = identification_requirements(on)
    open_cases(wanted, on)
    compare_waiting(home, wanted, on)
    return Case.objects.select_related("household", "area").get(household=household)


def _verified(people: People, clue: Clue, on: date, place: int) -> None:
    asked = {"requirements": requirements(on), "on": on}
    clue.refresh_from_db()
    if clue.stage == "county":
        handling.dispatch(clue.number, to=people.area.parent, acting_user=people.county, **asked)  # type: ignore[arg-type]
        clue.refresh_from_db()
    if clue.stage == "township":
        handling.dispatch(clue.number, to=people.area, acting_user=people.township, **asked)  # type: ignore[arg-type]
    yard = f"{people.area.name}{place % 5 + 1}组院坝"
    seen = Seen(on, list(VISITORS), yard, "务工收入减少，家庭支出较大", [sketch(place)])
    verification.record_visit(clue.number, seen, acting_user=people.village, **asked)  # type: ignore[arg-type]
    answers = dict.fromkeys(flags_of([clue]), "登记在该户名下，实为亲属使用，已看过凭证")
    verification.submit_finding(
        clue.number, "confirm", reason="情况属实", answers=answers, acting_user=people.village, **asked  # type: ignore[arg-type]
    )  # fmt: skip
    verification.agree(clue.number, opinion="同意", acting_user=people.township, **asked)  # type: ignore[arg-type]
    clue.refresh_from_db()
    if clue.stage == "county_review":
        verification.agree(clue.number, opinion="同意", acting_user=people.county, **asked)  # type: ignore[arg-type]
