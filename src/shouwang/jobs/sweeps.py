"""What a sweep takes from the pipeline: its checklist, and what is known of a home already, so that nobody is asked again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shouwang.clues.models import Clue
from shouwang.households.models import Household, Person
from shouwang.jobs.handling import LIFTED_TYPES, requirements
from shouwang.jobs.history import INCOME, TouchingRow, household_history
from shouwang.jobs.policy import current_pack, in_pack, looked_up_once, names_in_pack
from shouwang.kernel.checklist import Item
from shouwang.kernel.home import Home
from shouwang.sweeps.groups import Terms
from shouwang.sweeps.steps import Requirements

MOST_ROWS = 4  # rows of departments that are shown for an item
HEALTHY = "健康"
A_YEAR = timedelta(days=365)
# What happened once says nothing of this year when it is older; a certificate, an appraisal or an enrolment stands until another.
HAPPENINGS = ("disaster_report", "accident_report", "industry_setback", "medical_settlement")
STATEMENT_DAYS, LONG_DAYS = "income.statement_days", "sweep.long_days"
ABLE_SKILLS = "labour.able_skills"


@dataclass(frozen=True)
class Known:
    """What the system knows of one item: in words, and the open clues of that risk; `before` is what was known of earlier
    years, which answers nothing of this one. `settled`: it need not be asked."""

    item: Item
    words: tuple[str, ...] = ()
    clues: tuple[Clue, ...] = field(default=())
    before: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        return bool(self.words or self.clues)


@looked_up_once()
def sweep_requirements(on: date) -> Requirements:
    """What the pack asks of a sweep on a day.

    Raises:
        InputError: the pack does not pass its check, or has no value yet on that day.
    """
    pack, of_clues = current_pack(), requirements(on)
    lately = on - timedelta(days=int(str(in_pack(LONG_DAYS, on))))
    terms = Terms(names_in_pack(ABLE_SKILLS, on), names_in_pack(LIFTED_TYPES, on), lately)
    return Requirements(of_clues.limits, of_clues.calendar, pack.checklist.items, of_clues, terms)


def known_of(home: Home, household: Household, items: Iterable[Item], on: date) -> list[Known]:
    """By item what register, departments and standing clues say of a household. Raises Failure as `household_history`."""
    present = list(household.persons.filter(left_on=None).order_by("line"))
    told: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    counts_from = on - timedelta(days=int(str(in_pack(STATEMENT_DAYS, on))))
    for event in household_history(home, household, on):
        for row in event.rows:
            if row.stands and not row.superseded:
                kept = before if _is_past(event.source, row, on, counts_from) else told
                who = f"{row.person}，" if row.person else ""
                kept.setdefault(event.source, []).append(f"{event.source_title}：{who}{row.words}")
    states = (Clue.State.OPEN, Clue.State.CONFIRMED, Clue.State.MONITORED)
    clues = list(household.clues.filter(state__in=states).defer("evidence", "flags").order_by("pk"))
    return [_known(item, present, told, before, clues) for item in items]


def _is_past(source: str, row: TouchingRow, on: date, counts_from: date) -> bool:
    """Whether a row says nothing of this year: a statement of income that counts no more, or something that happened long ago."""
    if source == INCOME:
        return bool(row.cells["period_end"] <= counts_from)
    return source in HAPPENINGS and row.on <= on - A_YEAR


def _known(
    item: Item, present: list[Person], told: Mapping[str, list[str]], past: Mapping[str, list[str]], clues: list[Clue]
) -> Known:
    rows = [words for source in item.sources for words in told.get(source, [])][:MOST_ROWS]
    before = tuple(words for source in item.sources for words in past.get(source, []))[:MOST_ROWS]
    ways = {"health": _health, "school": _school, "labour": _labour}
    register = ways[item.register](present) if item.register else []
    return Known(item, tuple(register + rows), tuple(clue for clue in clues if clue.risk_type == item.risk), before)


def _health(present: list[Person]) -> list[str]:
    return [f"{each.name}：{each.health}" for each in present if each.health and each.health != HEALTHY]


def _school(present: list[Person]) -> list[str]:
    found = [(each.name, each.school_status or each.dropout_reason) for each in present]
    return [f"{name}：{what}" for name, what in found if what]


def _labour(present: list[Person]) -> list[str]:
    return [f"{each.name}：{each.labour}" for each in present if each.labour]
