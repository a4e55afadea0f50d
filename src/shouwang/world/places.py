"""Which real villages a world lives in: whole townships first, key counties deepest, every county once there is room."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shouwang.kernel.divisions import COUNTY, TOWNSHIP, Division, Divisions, load_divisions
from shouwang.kernel.errors import InputError
from shouwang.kernel.pack import divisions_folder
from shouwang.world.draws import stream

KEY_COUNTIES = ("500229", "500238", "500242", "500243")
"""城口、巫溪、酉阳、彭水: the four national key counties of the plan (12.4)."""
SUPPORTED_COUNTIES = (
    "500101", "500114", "500154", "500156", "500230", "500235", "500236", "500237", "500240", "500241",
)  # fmt: skip
"""The other ten counties of Chongqing that were national key counties of poverty relief."""
KEY_SHARE, SUPPORTED_SHARE, OTHER_SHARE = 30.0, 5.0, 1.0
USUAL_VILLAGE = 250
"""Persons of an average village in a demonstration of `USUAL_WORLD` persons; larger worlds have larger villages."""
USUAL_WORLD = 60_000
SMALLEST_VILLAGE = 120
"""Persons a village in small worlds: with so many or fewer, one village is the whole world."""
LARGEST_WORLD = 20_000_000
SMALLEST_WORLD = 20
MINORITY_COUNTIES = {"500114", "500156", "500240", "500241", "500242", "500243"}


@dataclass(frozen=True)
class CountyPlan:
    """The villages of one county and how many persons each holds at the start."""

    code: str
    name: str
    villages: tuple[Division, ...]
    townships: tuple[str, ...]
    persons: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.persons)


def plan_places(persons: int, seed: int, folder: Path | None = None) -> list[CountyPlan]:
    """Counties in order of their code, with villages whose populations add up to exactly `persons`.

    Raises:
        InputError: `persons` outside what villages can hold.
    """
    if not SMALLEST_WORLD <= persons <= LARGEST_WORLD:
        raise InputError(f"人数 {persons} 超出范围", f"请写 {SMALLEST_WORLD} 到 {LARGEST_WORLD} 之间的整数")
    divisions = load_divisions(folder or divisions_folder())
    counties = {area.code[:6]: area for area in divisions if area.level == COUNTY and divisions.villages(area.scope)}
    ordered = {code: _villages_in_order(divisions, code, seed) for code in sorted(counties)}
    village = max(SMALLEST_VILLAGE, USUAL_VILLAGE * (persons / USUAL_WORLD) ** 0.37)
    wanted = max(1, round(persons / village))
    quotas = _quotas({code: len(villages) for code, villages in ordered.items()}, wanted)
    chosen = [(code, ordered[code][: quotas[code]]) for code in sorted(counties) if quotas[code]]
    sizes = _sizes(sum(len(villages) for _, villages in chosen), persons, seed)
    plans, done = [], 0
    for code, villages in chosen:
        held = tuple(int(size) for size in sizes[done : done + len(villages)])
        townships = tuple(divisions.name(village.parent_code or "") for village in villages)
        plans.append(CountyPlan(code, counties[code].name, tuple(villages), townships, held))
        done += len(villages)
    return plans


def _villages_in_order(divisions: Divisions, county: str, seed: int) -> list[Division]:
    """Whole townships one after the other, villages (村) only where there are any: 居委会 are towns."""
    townships = [area for area in divisions.children(f"{county}000000") if area.level == TOWNSHIP]
    shuffled = [townships[index] for index in stream(seed, "townships", int(county)).permutation(len(townships))]
    every = [village for township in shuffled for village in divisions.children(township.code)]
    rural = [village for village in every if village.name.endswith("村民委员会")]
    return rural or every


def _quotas(available: dict[str, int], wanted: int) -> dict[str, int]:
    """How many villages each county gives, every county at least one where there are enough for that."""
    shares = {code: _share(code) for code in available}
    if wanted < 2 * len(available):
        shares = {code: share if code in KEY_COUNTIES else 0.0 for code, share in shares.items()}
    quotas = {code: int(bool(share) and wanted >= len(KEY_COUNTIES)) for code, share in shares.items()}
    while (missing := min(wanted, sum(available.values())) - sum(quotas.values())) > 0:
        open_codes = [code for code in available if shares[code] and quotas[code] < available[code]]
        if not open_codes:
            break
        total = sum(shares[code] for code in open_codes)
        for code in open_codes:
            step = max(1, int(missing * shares[code] / total))
            step = min(step, available[code] - quotas[code], max(0, wanted - sum(quotas.values())))
            quotas[code] += step
    return quotas


def _share(code: str) -> float:
    if code in KEY_COUNTIES:
        return KEY_SHARE
    return SUPPORTED_SHARE if code in SUPPORTED_COUNTIES else OTHER_SHARE


def _sizes(villages: int, persons: int, seed: int) -> list[int]:
    """Persons a village: uneven as villages are, exact in the sum."""
    weights = stream(seed, "sizes").lognormal(0.0, 0.35, villages)
    edges = np.rint(np.cumsum(weights) / weights.sum() * persons).astype(int)
    return [int(size) for size in np.diff(edges, prepend=0)]
