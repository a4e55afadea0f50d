"""A household's life on one line of time: what the register, the departments, the screenings and the visitors say of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.cases.models import Case
from shouwang.clues.models import Channel, Clue, Stage, Visit
from shouwang.households.models import RegisterChange
from shouwang.jobs.history import TouchingDelivery
from shouwang.jobs.person_history import in_order

KINDS: Mapping[str, Any] = {
    "member": _("成员变化"),
    "income": _("收入"),
    "help": _("救助帮扶"),
    "record": _("部门记录"),
    "clue": _("线索"),
    "case": _("监测对象识别"),
    "plan": _("帮扶计划"),
    "elimination": _("风险消除"),
    "visit": _("入户走访"),
}
KIND_OF_SOURCE = {
    "household_register": "member",
    "vital_event": "member",
    "income_statement": "income",
    "social_assistance": "help",
}
# What the clock and the office do with a matter is no part of the household's life; a visit is told as what was found.
UNTOLD = ("urge", "rise", "take_over", "follow_up")
STEPS_OF_CASES = (
    "steps",
    "plans__steps__measure",
    "plans__follow_ups",
    "eliminations__steps",
    "eliminations__follow_ups",
)
AT_ONCE = 100
HEALTH = "健康状况"


@dataclass(frozen=True)
class Moment:
    """One thing that happened: `about` is whom it concerns, `words` what is told, and where it was told."""

    on: date
    kind: str
    title: str
    about: str = ""
    words: str = ""
    note: str = ""
    superseded: bool = False
    source_title: str = ""
    delivery: int = 0
    line: int = 0
    received_on: date | None = None
    clue: str = ""
    url: str = ""

    @property
    def kind_title(self) -> str:
        return str(KINDS[self.kind])


@dataclass(frozen=True)
class Line:
    """The line of time as it is shown: the moments by year, the newest first, and what the filters offer."""

    years: list[tuple[int, list[Moment]]]
    kinds: list[tuple[str, str, int]]
    all_years: list[int]
    kind: str
    year: int | None
    total: int
    shown: int


def line_of(moments: Iterable[Moment], kind: str, year: str) -> Line:
    """The moments of a kind and a year; a filter that means nothing is left out. At most `AT_ONCE`, the newest."""
    every = sorted(moments, key=lambda each: (each.on, each.delivery, each.line), reverse=True)
    all_years = sorted({each.on.year for each in every}, reverse=True)
    chosen_year = int(year) if year.isascii() and year.isdigit() and int(year) in all_years else None
    of_year = [each for each in every if chosen_year in (None, each.on.year)]
    counts = Counter(each.kind for each in of_year)
    chosen = kind if kind in KINDS else ""
    found = [each for each in of_year if chosen in ("", each.kind)]
    by_year: dict[int, list[Moment]] = {}
    for each in found[:AT_ONCE]:
        by_year.setdefault(each.on.year, []).append(each)
    kinds = [(name, str(title), counts[name]) for name, title in KINDS.items() if counts[name]]
    return Line(list(by_year.items()), kinds, all_years, chosen, chosen_year, len(found), min(len(found), AT_ONCE))


def of_deliveries(events: Iterable[TouchingDelivery]) -> Iterator[Moment]:
    """A moment a row, on the day of what it tells. What the register says is told by its changes."""
    for event in events:
        if event.source == "household_register":
            continue
        for row in event.rows:
            yield Moment(
                row.on,
                KIND_OF_SOURCE.get(event.source, "record"),
                event.source_title,
                about=row.person,
                words=row.words,
                superseded=row.superseded,
                source_title=event.source_title,
                delivery=event.delivery,
                line=row.line,
                received_on=event.received_on,
            )


def of_register(changes: Iterable[RegisterChange], names: Mapping[int, str], fully: bool = True) -> Iterator[Moment]:
    """A moment a change; `fully`: how healthy somebody is may be told."""
    for change in changes:
        told = [(header, pair) for header, pair in in_order(change.changes) if fully or header != HEALTH]
        if change.changes and not told:
            continue
        yield Moment(
            change.received_on,
            "member",
            str(change.get_kind_display()),
            about=names.get(change.person_key, gettext("（已转出的人）")),
            words="，".join(_changed(header, *pair) for header, pair in told if any(pair)),
            source_title=gettext("农户名册"),
            delivery=change.delivery,
            line=change.line,
            received_on=change.received_on,
        )


def _changed(header: str, before: str, after: str) -> str:
    if not before:
        return f"{header} {after}"
    return gettext("{header}由“{before}”变为“{after}”").format(
        header=header, before=before, after=after or gettext("空")
    )


def of_clues(clues: Iterable[Clue], fully: bool, until: date = date.max) -> Iterator[Moment]:
    """When a clue was found, and what became of it by a day."""
    for clue in clues:
        found = gettext("发现线索：{risk}").format(risk=clue.get_risk_type_display())
        yield Moment(clue.opened_on, "clue", found, words=clue.reasons, note=clue.level, clue=clue.number)
        for source in clue.sources.all() if fully else ():
            if source.channel != Channel.SCREENING and clue.opened_on < source.received_on <= until:
                told = f"{source.get_channel_display()}：{clue.get_risk_type_display()}"
                yield Moment(source.received_on, "clue", told, words=source.text, clue=clue.number)
        for step in clue.steps.all():
            if step.stage_to == Stage.CLOSED and step.on <= until:
                yield Moment(
                    step.on,
                    "clue",
                    str(clue.get_state_display()),
                    words=step.reason if fully else "",
                    clue=clue.number,
                )


def of_visits(visits: Iterable[Visit]) -> Iterator[Moment]:
    for visit in visits:
        who = gettext("、").join(visit.visitors)
        yield Moment(
            visit.visited_on,
            "visit",
            gettext("入户走访"),
            about=who,
            words=visit.findings,
            note=visit.place,
            clue=visit.clue_id,
        )


def of_monitoring(cases: Iterable[Case], until: date) -> Iterator[Moment]:
    """What was done about each case, its plans with their measures and its eliminations by a day; read with `STEPS_OF_CASES`."""
    for case in cases:
        yield from _of_steps("case", case, until)
        for plan in case.plans.all():
            yield from _of_steps("plan", plan, until)
            yield from _of_follow_ups("plan", plan, until)
        for elimination in case.eliminations.all():
            yield from _of_steps("elimination", elimination, until)
            yield from _of_follow_ups("elimination", elimination, until)


def _of_steps(page: str, matter: Any, until: date) -> Iterator[Moment]:
    url = reverse(page, args=[matter.number])
    for step in matter.steps.all():
        if step.action in UNTOLD or step.on > until:
            continue
        title, measure = str(step.get_action_display()), getattr(step, "measure", None)
        if measure is not None:
            title = gettext("{what}：{title}").format(what=title, title=measure.title)
        yield Moment(step.on, page, title, words=step.reason, url=url)


def _of_follow_ups(page: str, matter: Any, until: date) -> Iterator[Moment]:
    url = reverse(page, args=[matter.number])
    for visit in matter.follow_ups.all():
        if visit.visited_on <= until:
            who = gettext("、").join(visit.visitors)
            yield Moment(
                visit.visited_on,
                "visit",
                gettext("跟踪走访") if page == "elimination" else gettext("帮扶走访"),
                about=who,
                words=visit.findings,
                url=url,
            )
