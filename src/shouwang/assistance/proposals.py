"""Measures proposed for a household, from its risks, its labour and what it receives already (DOMAIN A3 5.4, B8).

A single risk gets a single measure, several risks each their own; who can work gets a measure of the development type; a
household without labour the social floor, and no work is ticked for it beforehand. What is received already is not proposed
again but shown as such.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from shouwang.assistance.requirements import FIRST_MEASURE, Requirements
from shouwang.clues.models import RiskType
from shouwang.households.models import Person
from shouwang.kernel.measure_map import MeasureEntry


@dataclass(frozen=True)
class ReceivedHelp:
    """What a department's row shows that the household receives already; `words` say what, who and since when."""

    entry: str
    category: str
    words: str
    delivery: int
    line: int


@dataclass(frozen=True)
class Proposal:
    """A measure for the village to take or leave. `chosen` is ticked beforehand; `received` says that it is there already."""

    entry: MeasureEntry
    risks: tuple[str, ...]
    reason: str
    due_on: date
    amount: Decimal | None
    chosen: bool = False
    received: tuple[ReceivedHelp, ...] = ()


def proposed(
    risks: Sequence[str],
    able: Sequence[Person],
    received: Sequence[ReceivedHelp],
    requirements: Requirements,
    on: date,
    included_on: date | None = None,
) -> list[Proposal]:
    """What the measure map has for a household, in its order, ticked where it is the first answer to something open.

    What usually takes no longer than the first measure may is to be in place by the last day for that.
    """
    latest = requirements.due(FIRST_MEASURE, included_on) if included_on else date.max
    usual = requirements.limits[FIRST_MEASURE].days
    known = requirements.measures
    covered = {each.category for each in received}
    open_risks = {risk for risk in risks if not covered & set(known.answers.get(risk, ()))}
    works = any(known.is_development(category) for category in covered)
    needs_work = bool(able) and not works
    unable = not able and not works
    needs_floor = unable and not any(known.kinds[category] == "floor" for category in covered)
    found = []
    for entry in known.entries:
        own = tuple(risk for risk in risks if risk in entry.risks)
        if not _fits(entry, own, able, unable):
            continue
        there = tuple(each for each in received if each.entry == entry.id)
        chosen = False
        if not there:
            beyond_them = unable and known.is_development(entry.category)
            answered = set() if beyond_them or entry.labour == "unable" else open_risks & set(own)
            working = needs_work and not entry.risks and known.is_development(entry.category)
            floor = needs_floor and entry.labour == "unable"
            chosen = bool(answered) or working or floor
            open_risks -= answered
            if chosen and known.is_development(entry.category):
                needs_work = False
            if chosen and known.kinds[entry.category] == "floor":
                needs_floor = False
        amount = requirements.amounts.get(entry.amount) if entry.amount else None
        due = on + timedelta(days=entry.days)
        if entry.days <= usual and on < latest < due:
            due = latest
        found.append(Proposal(entry, own, _reason(entry, own, able), due, amount, chosen, there))
    return found


def _fits(entry: MeasureEntry, own: Sequence[str], able: Sequence[Person], unable: bool) -> bool:
    if entry.labour == "able" and not able:
        return False
    if entry.labour == "unable":
        return unable
    return bool(own) or not entry.risks


def _reason(entry: MeasureEntry, own: Sequence[str], able: Sequence[Person]) -> str:
    if own:
        return _("对应风险：{risks}").format(risks="、".join(str(RiskType(risk).label) for risk in own))
    if entry.labour == "unable":
        return _("整户没有劳动能力，落实兜底保障")
    return _("{names}有劳动能力，坚持开发式帮扶").format(names="、".join(person.name for person in able))
