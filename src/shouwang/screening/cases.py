"""Example cases of rules: little worlds with the answer that is expected, run through the real engine.

A rule's cases stand beside it in `<rule>.cases.yaml`. A case gives `says`, `as_of`, `fires`, and `rows` by source; a
person is named by `who`, a household by `in` (the case's own one where it is silent), `received_on` is the as-of day
where it is silent (for `members`, the rows of the register, long before). `type` is the household's type.
"""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shouwang.kernel.errors import InputError
from shouwang.policy.pack import CASES, Pack, read_yaml
from shouwang.screening.example_world import ExampleRow, ExampleWorld
from shouwang.screening.run import screen
from shouwang.sources.contract import contracts

REGISTER = "household_register"
OWN = "甲"
NEIGHBOUR = "乙"
COUNTY_BASE = 100_000
REGISTER_DEFAULTS: dict[str, Any] = {"birth_date": date(1980, 1, 1), "relation": "户主", "labour": "普通劳动力"}
DEFAULTS: dict[str, dict[str, Any]] = {
    "income_statement": {"period_start": date(2020, 1, 1)},
    "employment_record": {"started_on": date(2019, 1, 1)},
}
OF_EVERY_ROW = {"who", "in", "received_on", "delivered", "link"}
FIELDS = {"says", "as_of", "known_at", "fires", "type", "members", "rows"}


@dataclass(frozen=True)
class Case:
    """One example: the rule must fire, or must not, for the household of this world."""

    rule: str
    number: int
    says: str
    as_of: date
    known_at: date
    fires: bool
    household_type: str
    members: tuple[Mapping[str, Any], ...]
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]

    @property
    def id(self) -> str:
        return f"{self.rule}#{self.number}"


@dataclass(frozen=True)
class CaseFault:
    """A case whose answer was not the expected one."""

    case: Case
    fired: bool

    def words(self) -> str:
        got, wanted = ("预警" if flag else "不预警" for flag in (self.fired, self.case.fires))
        return f"规则 {self.case.rule} 的第{self.case.number}个例子“{self.case.says}”：应{wanted}，实际{got}"


def load_cases(pack: Pack) -> list[Case]:
    """Every case of every rule.

    Raises:
        InputError: a case is incomplete or names a source or column that does not exist.
    """
    found = []
    for rule in pack.rules:
        area, name = rule.split(".")
        path = pack.path / "rules" / area / f"{name}{CASES}"
        if path.is_file():
            listed = read_yaml(path).get("cases") or []
            found += [_case(rule, number, data) for number, data in enumerate(listed, start=1)]
    return found


@dataclass(frozen=True)
class CasesOfDay:
    """The cases of one as-of day and known-at day, each with its place, which makes its households' numbers."""

    as_of: date
    known_at: date
    cases: tuple[tuple[int, Case], ...]

    def world(self) -> ExampleWorld:
        """All of them in one lake."""
        return ExampleWorld([row for place, case in self.cases for row in _rows(place, case)])


def by_day(cases: Iterable[Case]) -> list[CasesOfDay]:
    """Cases that can share a lake and one screening."""
    together: dict[tuple[date, date], list[tuple[int, Case]]] = {}
    for place, case in enumerate(cases):
        together.setdefault((case.as_of, case.known_at), []).append((place, case))
    return [CasesOfDay(*days, tuple(listed)) for days, listed in together.items()]


def run_cases(pack: Pack, cases: Iterable[Case]) -> list[CaseFault]:
    """The cases that come out otherwise than expected."""
    faults = []
    for day in by_day(cases):
        with tempfile.TemporaryDirectory(prefix="shouwang-cases-") as folder:
            batch = screen(day.world().build(Path(folder)), pack, day.as_of, day.known_at)
        fired = {(clue.household_no, rule) for clue in batch.clues for rule in clue.rules}
        for place, case in day.cases:
            outcome = (_household(place, OWN), case.rule) in fired
            if outcome != case.fires:
                faults.append(CaseFault(case, outcome))
    return sorted(faults, key=lambda fault: fault.case.id)


def _case(rule: str, number: int, data: dict[str, Any]) -> Case:
    what = f"规则 {rule} 的第{number}个例子"
    if not {"says", "as_of", "fires"} <= set(data) or set(data) - FIELDS:
        raise InputError(f"{what}须有 says、as_of、fires，另可有 known_at、type、members、rows", "按相邻例子的样子改正")
    rows = {source: tuple(listed) for source, listed in (data.get("rows") or {}).items()}
    unknown = set(rows) - set(contracts())
    if unknown:
        raise InputError(f"{what}用到没有的来源 {'、'.join(sorted(unknown))}", "核对来源名称")
    members = tuple(data.get("members", [{}]))
    for source, listed in {**rows, REGISTER: (*rows.get(REGISTER, ()), *members)}.items():
        known = {column.field for column in contracts()[source].columns} | OF_EVERY_ROW
        wrong = sorted({name for row in listed for name in row} - known)
        if wrong:
            raise InputError(f"{what}用到 {source} 没有的列 {'、'.join(wrong)}", "核对合约中的列名")
    as_of = data["as_of"]
    return Case(
        rule,
        number,
        data["says"],
        as_of,
        data.get("known_at", as_of),
        bool(data["fires"]),
        data.get("type", "一般农户"),
        members,
        rows,
    )


def _household(place: int, name: str) -> str:
    return f"{place:06d}{name}"


def _division(place: int, name: str) -> str:
    """A county of its own for each case; the neighbour lives in another village of it, others in counties beside."""
    village = {OWN: "001001", NEIGHBOUR: "001002"}.get(name, name)
    return f"{COUNTY_BASE + place:06d}{village}"


def _rows(place: int, case: Case) -> Iterable[ExampleRow]:
    for member in case.members:
        given = {"household_type": case.household_type, **member}
        yield _row(place, case, REGISTER, given, date(2020, 1, 5))
    for source, listed in case.rows.items():
        for row in listed:
            yield _row(place, case, source, row, case.as_of)


def _row(place: int, case: Case, source: str, given: Mapping[str, Any], received_on: date) -> ExampleRow:
    values = {**(REGISTER_DEFAULTS if source == REGISTER else DEFAULTS.get(source, {})), **given}
    who = values.pop("who", None if source in ("water_fault", "income_statement") else "户主")
    received_on = values.pop("received_on", received_on)
    delivered = values.pop("delivered", 0)
    lives_in = values.pop("in", OWN)
    link = values.pop("link", "linked")
    expected = contracts()[source]
    if expected.has("household_no"):
        values["household_no"] = _household(place, lives_in)
    if expected.has("division_code"):
        values["division_code"] = _division(place, values.get("division_code", lives_in))
    if source == "medical_settlement":
        values.setdefault("settlement_no", f"{place}-{sorted(given.items(), key=str)}")
    if source == "hotline_complaint":
        values.setdefault("complaint_no", f"{place}-{sorted(given.items(), key=str)}")
    name = None if who is None else f"{place}-{who}"
    return ExampleRow(source, received_on, values, name, link, delivered)
