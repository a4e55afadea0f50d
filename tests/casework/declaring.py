"""A household's own report for tests: taken, brought to a stage, and what must hold of all of them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from offices import ON, area

from shouwang.accounts.models import User
from shouwang.clues.models import Clue, ClueSource
from shouwang.declarations import handling as doing
from shouwang.declarations import taking
from shouwang.declarations.flow import LEVEL_OF
from shouwang.declarations.models import Declaration, DeclarationStep
from shouwang.declarations.taking import Report
from shouwang.jobs.handling import declaration_requirements

VILLAGE, TOWNSHIP, OTHER_TOWNSHIP = "500101001001", "500101001000", "500101017000"
PHONE, ADDRESS = "13800000001", "203.0.113.7"


def told(**more: Any) -> Report:
    values: dict[str, Any] = {
        "behalf": "myself",
        "risks": ["illness"],
        "said": "母亲住院，自己付了三万多",
        "reporter": "冉大田",
        "phone": PHONE,
    }
    return Report(**(values | more))


def taken(
    key: str = "form-1", on: date = ON, village: str = VILLAGE, address: str = ADDRESS, **more: Any
) -> Declaration:
    return taking.take(
        area(village), told(**more), requirements=declaration_requirements(on), on=on, key=key, address=address
    )


def anonymous(key: str = "form-1", on: date = ON, **more: Any) -> Declaration:
    """On the township's desk, without a telephone."""
    values = {"behalf": "neighbour", "anonymous": True, "about": "冉大田", "phone": "", "reporter": ""}
    return taken(key, on, **(values | more))


Way = Callable[[str, doing.Order], DeclarationStep]
WAYS: Mapping[str, Way] = {
    "link": lambda number, order: doing.link(number, order, "H1", ["illness"], True),
    "pass_down": lambda number, order: doing.pass_down(number, order, area(VILLAGE), ""),
    "give_back": lambda number, order: doing.give_back(number, order, "不是本村的"),
    "reassign": lambda number, order: doing.reassign(number, order, area(OTHER_TOWNSHIP), "住在那边"),
    "propose": lambda number, order: doing.propose(number, order, "不是农户的困难"),
    "agree": lambda number, order: doing.agree(number, order),
    "keep": lambda number, order: doing.keep(number, order, "再核对"),
    "reopen": lambda number, order: doing.reopen(number, order, "有新情况"),
    "uphold": lambda number, order: doing.uphold(number, order, "核对过了"),
    "urge": lambda number, order: doing.urge(number, order, "抓紧"),
}


class Office:
    def __init__(self, people: Mapping[str, User], on: date = ON) -> None:
        self.people, self.on = people, on

    def order(self, who: str, **more: Any) -> doing.Order:
        return doing.Order(self.people[who], declaration_requirements(self.on), self.on, **more)

    def act(self, number: str, action: str, who: str) -> DeclarationStep:
        return WAYS[action](number, self.order(who))

    def appeal(self, number: str) -> None:
        taking.appeal(number, "不同意", requirements=declaration_requirements(self.on), on=self.on)


def check_declarations(numbers: set[str]) -> None:
    """None vanished: each waits for its code, lies on a desk of the right level with a clock, or has an outcome; nobody closed
    one alone; what was linked is in the register of clues."""
    found = {each.number: each for each in Declaration.objects.select_related("desk")}
    assert set(found) == numbers
    for each in found.values():
        steps = list(each.steps.order_by("number"))
        assert [step.number for step in steps] == list(range(1, each.version + 1))
        assert steps[-1].stage_to == each.stage
        if each.stage in LEVEL_OF:
            assert each.desk is not None
            assert each.desk.level == LEVEL_OF[each.stage]
            assert each.due_on is not None
        elif each.stage == "closed":
            assert each.closed_reason
            proposed = [step for step in steps if step.action == "propose"][-1]
            agreed = [step for step in steps if step.action == "agree" and step.number > proposed.number][0]
            assert agreed.actor_id != proposed.actor_id
            check_another(each.number, steps)
        elif each.stage == "linked":
            sources = ClueSource.objects.filter(channel="self_report", reference=each.number)
            assert {source.clue.risk_type for source in sources.select_related("clue")} == set(each.risks)
            assert set(sources.values_list("clue__household", flat=True)) == {each.household_id}
            check_another(each.number, steps)


def check_another(number: str, steps: list[DeclarationStep]) -> None:
    """Whoever decided the appeal did not give the answer before: neither on the declaration nor on its clue."""
    for step in steps:
        if step.action in ("reopen", "uphold"):
            before = {
                each.actor_id for each in steps if each.number < step.number and each.action in ("propose", "agree")
            }
            for clue in Clue.objects.filter(sources__reference=number):
                before |= set(clue.steps.filter(action__in=["dismiss", "agree"]).values_list("actor_id", flat=True))
            assert step.actor_id not in before
