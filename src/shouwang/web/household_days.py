"""The record of a household on a chosen day, and what came between two days, as the page asks for them in its address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.households.models import Household
from shouwang.jobs.household_record import (
    BLOCKS,
    Block,
    Difference,
    Figure,
    HouseholdRecord,
    differences,
    record_now,
    record_on,
)
from shouwang.sources.contract import contract
from shouwang.web.ordering import day_of

BLOCK_TITLES: Mapping[str, Any] = {
    "housing": _("住房"),
    "water": _("饮水"),
    "insurance": _("医保"),
    "school": _("就学"),
    "work": _("务工"),
    "disability": _("残疾"),
}
NOTHING: Mapping[str, Any] = {
    "housing": _("没有收到鉴定"),
    "water": _("没有未恢复的故障"),
    "insurance": _("没有收到参保记录"),
    "school": _("没有收到学籍"),
    "work": _("没有收到务工记录"),
    "disability": _("没有收到残疾人证"),
}
PARTS: Mapping[str, Any] = {"household": _("户"), "member": _("成员"), "income": _("收入"), **BLOCK_TITLES}
FIELDS: Mapping[str, Any] = {"area": _("所在村"), "registered": _("在册"), "net": _("家庭纯收入")}


@dataclass(frozen=True)
class Days:
    """The days that an address asks for: the record as known at the end of `on` (None: now), compared with `since`."""

    on: date | None
    since: date | None
    wrong: str = ""


def asked_days(query: QueryDict, today: date) -> Days:
    """A day that is none, or lies ahead, is said to be so and left out; a day to compare with must come earlier."""
    wrong = []
    days: dict[str, date | None] = {}
    for name in ("on", "since"):
        text = query.get(name, "").strip()
        days[name] = day_of(text)
        if text and days[name] is None:
            wrong.append(gettext("“{text}”不是日期，请写成 2021-03-01 这样").format(text=text[:20]))
    on, since = days["on"], days["since"]
    if on is not None and on > today:
        wrong.append(gettext("{on} 还没有到，这里是今天的情况").format(on=on))
    if on is not None and on >= today:
        on = None
    if since is not None and since >= (on or today):
        wrong.append(gettext("要比较的日期 {since} 须早于查看的日期").format(since=since))
        since = None
    return Days(on, since, "；".join(wrong))


def asked_record(household: Household, days: Days, today: date) -> HouseholdRecord | None:
    """None where the register did not have the household yet."""
    if days.on is None:
        return record_now(settings.HOME, household, today)
    return record_on(settings.HOME, household, days.on)


@dataclass(frozen=True)
class Shown:
    """One block of the page; `nothing` says why it is empty."""

    title: str
    figures: list[Figure]
    nothing: str


def blocks_of(record: HouseholdRecord, open_blocks: Iterable[Block] = BLOCKS) -> list[Shown]:
    found = record.figures()
    return [
        Shown(str(BLOCK_TITLES[block.name]), found.get(block.name, []), str(NOTHING[block.name]))
        for block in open_blocks
    ]


@dataclass(frozen=True)
class ShownDifference:
    """A difference with its part and field in words."""

    part: str
    field: str
    difference: Difference


def differences_since(household: Household, record: HouseholdRecord, since: date) -> list[ShownDifference]:
    """What became known from the end of `since` on, in the order of the page."""
    register = contract("household_register")
    shown = []
    for each in differences(record_on(settings.HOME, household, since), record):
        title = str(FIELDS.get(each.field, "")) or (register.column(each.field).header if each.field else "")
        shown.append(ShownDifference(str(PARTS[each.part]), title, each))
    return shown
