"""The example cases of a rule, as sentences that can be read aloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from shouwang.jobs.policy_words import Pack, say, spoken
from shouwang.policy.pack import Pack as PolicyPack
from shouwang.screening.cases import OWN, REGISTER, Case, load_cases
from shouwang.sources.contract import Column, contract


@dataclass(frozen=True)
class CaseInWords:
    """One example: its point, whether the rule fires, and what is known of the household."""

    title: str
    fires: bool
    as_of: date
    sentences: tuple[str, ...]


def cases_in_words(words: Pack, rule: str) -> list[CaseInWords]:
    """The examples of one rule, in the order of its file."""
    return [
        CaseInWords(spoken(case.says), case.fires, case.as_of, tuple(_sentences(case)))
        for case in _cases(words.policy)
        if case.rule == rule
    ]


_KEPT: dict[str, list[Case]] = {}


def _cases(pack: PolicyPack) -> list[Case]:
    """Read once for each version of the pack."""
    if pack.version not in _KEPT:
        _KEPT.clear()
        _KEPT[pack.version] = load_cases(pack)
    return _KEPT[pack.version]


def _sentences(case: Case) -> list[str]:
    """What is known of the household, one sentence a row, then what the rule says to it."""
    said = [
        _("截至{as_of}，有一户{household_type}，在册{members}人").format(
            as_of=_day(case.as_of), household_type=spoken(case.household_type), members=len(case.members)
        )
    ]
    said += [
        _("家中{member}").format(member=_member(member)) for member in case.members if len(member) > ("who" in member)
    ]
    said += [_told(case, source, row) for source, rows in case.rows.items() for row in rows]
    if case.known_at != case.as_of:
        said.append(_("只看{known_at}以前收到的数据").format(known_at=_day(case.known_at)))
    return [*said, _("按本规则应当预警") if case.fires else _("按本规则不预警")]


def _member(member: Mapping[str, Any]) -> str:
    return _("{who}：{member}").format(who=spoken(member.get("who", "户主")), member=_row(REGISTER, member))


def _told(case: Case, source: str, row: Mapping[str, Any]) -> str:
    """One row of a department file, with what is unusual about it: whose it is, when it came, whom it names."""
    about = row.get("who", "" if contract(source).subject != "person" else "户主")
    where = "" if row.get("in", OWN) == OWN else _("别户")
    late = (
        _("{received_on}才收到").format(received_on=_day(row["received_on"]))
        if row.get("received_on", case.as_of) > case.as_of
        else ""
    )
    open_link = _("是谁还待认定") if row.get("link", "linked") == "review" else ""
    unusual = _("，").join(part for part in (late, open_link) if part)
    told = _row(source, row) or _("有一条记录")
    return _("{title}记着{where}{about}：{told}").format(
        title=spoken(contract(source).title), where=where, about=spoken(about), told=told
    ) + (_("（{unusual}）").format(unusual=unusual) if unusual else "")


def _row(source: str, row: Mapping[str, Any]) -> str:
    """The filled cells of a row, by the headers of the department's own file."""
    of = contract(source)
    cells = [(of.column(field), value) for field, value in row.items() if of.has(field)]
    return _("，").join(
        _("{header}{value}").format(header=spoken(column.header), value=_cell(column, value)) for column, value in cells
    )


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return _("为空")
    if isinstance(value, date):
        return _day(value)
    if column.type == "amount":
        return f" {say(value, '元')}"
    return f" {value}" if isinstance(value, int) else _("“{value}”").format(value=spoken(value))


def _day(day: date) -> str:
    return _("{year}年{month}月{day}日").format(year=day.year, month=day.month, day=day.day)
