"""Administrative divisions (行政区划): statistical codes of 12 digits, with the time in which each is valid.

Codes of the statistical and of the civil-affairs system look alike and disagree; only statistical codes stand here.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from shouwang.kernel.errors import InputError

CITY, COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3, 4
SCOPE_DIGITS = {CITY: 2, COUNTY: 6, TOWNSHIP: 9, VILLAGE: 12}
"""The leading digits that all codes within an area of a level share."""
CODE_DIGITS = SCOPE_DIGITS[VILLAGE]
A_COUNTY: int = 10 ** (CODE_DIGITS - SCOPE_DIGITS[COUNTY])
"""A code as a number, by this, is the leading digits that it shares with its county."""


def whole_code(digits: str) -> str:
    """The code of the area whose codes share these leading digits: 500101 is 500101000000."""
    return digits.ljust(CODE_DIGITS, "0")


def code_at(code: str, level: int) -> str:
    """The code of the area of a level in which the area of a code lies."""
    return whole_code(code[: SCOPE_DIGITS[level]])


def digits_below(level: int) -> int:
    """How many digits tell the areas directly below an area of a level; of a village its own."""
    return SCOPE_DIGITS[min(level + 1, VILLAGE)]


@dataclass(frozen=True, slots=True)
class Division:
    """One area. `successor` names the area that took its place after `valid_to`."""

    code: str
    name: str
    level: int
    parent_code: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None

    @property
    def scope(self) -> str:
        """The digits that all codes within this area share."""
        return self.code[: SCOPE_DIGITS[self.level]]


class Divisions:
    """All areas of one pack, by code."""

    def __init__(self, areas: dict[str, Division]) -> None:
        self._areas = areas
        self._children: dict[str | None, list[Division]] = {}
        for area in areas.values():
            self._children.setdefault(area.parent_code, []).append(area)

    def __len__(self) -> int:
        return len(self._areas)

    def __iter__(self) -> Iterator[Division]:
        return iter(self._areas.values())

    def __contains__(self, code: object) -> bool:
        return code in self._areas

    def get(self, code: str) -> Division | None:
        return self._areas.get(code)

    def name(self, code: str) -> str:
        area = self._areas.get(code)
        return area.name if area else code

    def children(self, code: str | None) -> list[Division]:
        return self._children.get(code, [])

    def path(self, code: str) -> list[Division]:
        """The area and all above it, city first."""
        above: list[Division] = []
        area = self._areas.get(code)
        while area:
            above.insert(0, area)
            area = self._areas.get(area.parent_code) if area.parent_code else None
        return above

    def villages(self, prefix: str = "") -> list[Division]:
        """Villages whose code begins with `prefix`."""
        return [area for area in self._areas.values() if area.level == VILLAGE and area.code.startswith(prefix)]

    def codes(self, level: int | None = None) -> list[str]:
        return [area.code for area in self._areas.values() if level in (None, area.level)]


@lru_cache(maxsize=4)
def load_divisions(folder: Path) -> Divisions:
    """The divisions of a pack: `divisions_2023.csv` and what `changes.yaml` says has changed since.

    Raises:
        InputError: one of the two is missing.
    """
    missing = [name for name in ("divisions_2023.csv", "changes.yaml") if not (folder / name).is_file()]
    if missing:
        raise InputError(f"政策包缺少行政区划文件 {folder / missing[0]}", "补上后再试")
    with (folder / "divisions_2023.csv").open(encoding="utf-8-sig", newline="") as stream:
        areas = {
            row["code"]: Division(row["code"], row["name"], int(row["level"]), row["parent_code"] or None)
            for row in csv.DictReader(stream)
        }
    for change in yaml.safe_load((folder / "changes.yaml").read_text(encoding="utf-8"))["changes"]:
        for code in change["ended"]:
            old = areas[code]
            areas[code] = Division(
                code, old.name, old.level, old.parent_code, old.valid_from, change["date"], change["successor"]
            )
        for new in change["began"]:
            areas[new["code"]] = Division(**new, valid_from=change["date"])
    return Divisions(areas)
