"""What would change under other parameters: the clues that come and go, by county and by level."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shouwang.kernel.divisions import COUNTY, code_at, load_divisions
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack
from shouwang.policy.parameters import plain
from shouwang.screening.batch import ClueKey
from shouwang.screening.run import clue_keys


@dataclass(frozen=True)
class Difference:
    """Clues with the pack's parameters (`before`) against those with others (`after`).

    `come` and `go` list clues that only one of the two has; `moved` those whose level changes, as (before, after).
    """

    as_of: date
    known_at: date
    pack_version: str
    area: str | None
    parameters: Mapping[str, tuple[str, str]]
    before: list[ClueKey]
    after: list[ClueKey]
    come: list[ClueKey]
    go: list[ClueKey]
    moved: list[tuple[ClueKey, ClueKey]]
    level_ids: tuple[str, ...]
    county_names: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
            "pack_version": self.pack_version,
            "area": self.area,
            "set": {name: {"before": old, "after": new} for name, (old, new) in self.parameters.items()},
            "before": self._levels(self.before),
            "after": self._levels(self.after),
            "come": self._side(self.come),
            "go": self._side(self.go),
            "level_changed": [_clue(new) | {"level_before": old.level} for old, new in self.moved],
        }

    def lines(self, pack: Pack) -> Iterator[str]:
        """The same for a reader."""
        titles = {level.id: level.title for level in pack.levels}
        for name, (old, new) in self.parameters.items():
            yield f"{pack.parameters[name].title}（{name}）：{old} → {new}"
        for words, clues in (("现行参数的线索", self.before), ("新参数的线索", self.after)):
            yield f"{words}：{len(clues)} 条（{_in_words(self._levels(clues), titles)}）"
        for words, clues in (("增加", self.come), ("消失", self.go)):
            yield f"{words}：{len(clues)} 条（{_in_words(self._levels(clues), titles)}）"
            for county in self._counties(clues):
                yield f"  {county['name']}（{county['code']}）：{_in_words(county['levels'], titles)}"
        yield f"级别变化：{len(self.moved)} 条"

    def _side(self, clues: list[ClueKey]) -> dict[str, Any]:
        return {
            "total": len(clues),
            "by_level": self._levels(clues),
            "by_county": self._counties(clues),
            "clues": [_clue(each) for each in clues],
        }

    def _levels(self, clues: Iterable[ClueKey]) -> dict[str, int]:
        counts = dict.fromkeys(self.level_ids, 0)
        for clue in clues:
            counts[clue.level] += 1
        return counts

    def _counties(self, clues: list[ClueKey]) -> list[dict[str, Any]]:
        by_county: dict[str, list[ClueKey]] = {}
        for clue in clues:
            by_county.setdefault(county_of(clue.division_code), []).append(clue)
        return [
            {"code": code, "name": self.county_names.get(code, code), "levels": self._levels(found)}
            for code, found in sorted(by_county.items())
        ]


def whatif(
    home: Home,
    pack: Pack,
    as_of: date,
    overrides: Mapping[str, str],
    *,
    known_at: date | None = None,
    area: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Difference:
    """Screens twice and compares; nothing is recorded.

    Raises:
        InputError: an unknown parameter or area, or a value that cannot be read.
        Failure: as `screen`.
    """
    known_at = known_at or as_of
    current, changed = pack.at(as_of), pack.at(as_of, overrides)
    before = clue_keys(home, pack, as_of, known_at, None, area)
    if progress:
        progress(50)
    after = clue_keys(home, pack, as_of, known_at, overrides, area)
    if progress:
        progress(100)
    old = {each.identity: each for each in before}
    new = {each.identity: each for each in after}
    moved = [(old[key], new[key]) for key in new if key in old and old[key].level != new[key].level]
    divisions = load_divisions(pack.path / "divisions")
    return Difference(
        as_of=as_of,
        known_at=known_at,
        pack_version=pack.version,
        area=area,
        parameters={name: (plain(current[name]), plain(changed[name])) for name in overrides},
        before=before,
        after=after,
        come=[new[key] for key in new if key not in old],
        go=[old[key] for key in old if key not in new],
        moved=moved,
        level_ids=tuple(level.id for level in pack.levels),
        county_names={each.code: each.name for each in divisions if each.level == COUNTY},
    )


def county_of(division_code: str) -> str:
    return code_at(division_code, COUNTY)


def _clue(clue: ClueKey) -> dict[str, str]:
    return {
        "household_no": clue.household_no,
        "division_code": clue.division_code,
        "risk_type": clue.risk_type,
        "level": clue.level,
    }


def _in_words(levels: Mapping[str, int], titles: Mapping[str, str]) -> str:
    return "，".join(f"{titles[level]} {count}" for level, count in levels.items())
