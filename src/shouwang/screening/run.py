"""One screening: what was known on a day, under a policy pack, for an as-of day, becomes a batch of clues."""

from collections.abc import Callable, Mapping
from datetime import date

from shouwang.deliveries.engines import DUCKDB, open_lake
from shouwang.deliveries.lake import Lake
from shouwang.facts.register import EVERYONE
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import table_names
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack
from shouwang.screening.batch import ClueBatch, ClueKey, Looked
from shouwang.screening.engine import Done, Hits, facts_of, find_hits, prepare, rows_of, without_collecting
from shouwang.screening.telling import Clues, Telling

WHOLE = "不接着此前的结果"
Progress = Callable[[int], None]


def screen(
    home: Home,
    pack: Pack,
    as_of: date,
    known_at: date | None = None,
    overrides: Mapping[str, str] | None = None,
    area: str | None = None,
    progress: Progress | None = None,
    engine: str = DUCKDB,
) -> ClueBatch:
    """Screens every household of the register, or of one area.

    Args:
        known_at: only deliveries received by this day count; by default the as-of day.
        overrides: parameter values to use instead of the pack's, as people write them.
        area: code of a division; only households within it are screened.
        progress: told how much is done, in percent.
        engine: what computes it, one of `deliveries.engines.ENGINES`; the batch is the same.

    Raises:
        InputError: an unknown area, parameter or engine, an unreadable value, or a day before the pack's parameters.
        Failure: memory or disk did not suffice, or a file of the lake is missing.
    """
    known_at = known_at or as_of
    at = Setting(as_of, pack.at(as_of, overrides))
    where = within_area(pack, area)
    facts = facts_of(pack)
    with open_lake(engine, home, known_at) as lake:
        told = Told(progress, steps=len(table_names(facts)) + 4)
        prepare(lake, at, facts, where, told.step)
        hits = find_hits(lake, pack, at, facts)
        told.step()
        clues = clues_of(lake, pack, at, hits, told.step)
    looked = Looked(everybody=hits.screened, why_everybody=WHOLE)
    screened, by_rule, unknown = hits.screened, hits.by_rule, hits.income_unknown
    return ClueBatch(as_of, known_at, pack.version, screened, by_rule, clues, unknown, looked=looked)


def clue_keys(
    home: Home,
    pack: Pack,
    as_of: date,
    known_at: date,
    overrides: Mapping[str, str] | None = None,
    area: str | None = None,
) -> list[ClueKey]:
    """The clues that `screen` would find, without evidence. Raises as `screen`."""
    at = Setting(as_of, pack.at(as_of, overrides))
    where = within_area(pack, area)
    facts = facts_of(pack)
    with Lake(home, known_at) as lake:
        prepare(lake, at, facts, where)
        hits = find_hits(lake, pack, at, facts)
        keys = []
        for row in rows_of(lake, hits):
            for risk_type in sorted({pack.rules[rule].risk_type for rule in hits.fired(row[-1])}):
                keys.append(ClueKey(row[1], row[2], risk_type, row[3]))
    return keys


def within_area(pack: Pack, area: str | None) -> str:
    """The condition on a household's division that an area makes.

    Raises:
        InputError: the pack knows no such division.
    """
    if area is None:
        return EVERYONE
    division = load_divisions(pack.path / "divisions").get(area)
    if division is None:
        raise InputError(f"没有行政区划 {area}", "使用12位统计用区划代码，例如万州区 500101000000")
    scope = division.scope
    return f"substr(division_code, 1, {len(scope)}) = {literal(scope)}"


def clues_of(lake: Lake, pack: Pack, at: Setting, hits: Hits, done: Done = lambda: None) -> Clues:
    """The clues of what was hit, each explained to the last row."""
    with without_collecting():
        telling = Telling(lake, pack, at, hits)
        done()
        clues = Clues(telling, rows_of(lake, hits))
    done()
    return clues


class Told:
    """Whoever waits, told after each of so many steps."""

    def __init__(self, progress: Progress | None, steps: int) -> None:
        self._progress, self._steps, self._done = progress, steps, 0

    def step(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(min(100, self._done * 100 // self._steps))
