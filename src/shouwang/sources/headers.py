"""Finding the header of a department file, and saying in words why it cannot be found."""

from dataclasses import dataclass

from shouwang.kernel.errors import InputError
from shouwang.sources.contract import Contract, canonical_header, contracts

SEARCHED_ROWS = 20
# Columns of our own quarantine export: they lead a mended row back to the one it mends, and are no data.
MENDS_DELIVERY, MENDS_LINE, MENDS_REASONS = "原交付", "原行号", "隔离原因"

HeadRows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Header:
    """Where the columns stand: `positions` by field from 0, `width` up to the last named column."""

    line: int
    names: tuple[str, ...]
    positions: dict[str, int]
    ignored: tuple[str, ...]
    mends_delivery: int | None = None
    mends_line: int | None = None

    @property
    def width(self) -> int:
        return len(self.names)


def find_header(rows: HeadRows, contract: Contract) -> Header | None:
    """The first of the first 20 rows that names every required column."""
    for line, cells in rows[:SEARCHED_ROWS]:
        names = [canonical_header(cell) for cell in cells]
        positions = _positions(names, contract)
        if all(column.field in positions for column in contract.required):
            return _header(line, cells, names, positions)
    return None


def refuse_without_header(rows: HeadRows, contract: Contract) -> InputError:
    """Says which required columns are missing, and which source the file looks like instead."""
    best: set[str] = set()
    for _, cells in rows[:SEARCHED_ROWS]:
        found = set(_positions([canonical_header(cell) for cell in cells], contract))
        best = max(best, found, key=len)
    missing = "、".join(column.header for column in contract.required if column.field not in best)
    others = [other.title for other in contracts().values() if other is not contract and find_header(rows, other)]
    advice = f"这份文件像是“{others[0]}”，请核对来源" if others else "核对表头名称，表头须在前20行之内"
    return InputError(f"前20行中找不到“{contract.title}”的表头，缺少必需列：{missing}", advice)


def _positions(names: list[str], contract: Contract) -> dict[str, int]:
    taken: set[int] = set()
    positions: dict[str, int] = {}
    for column in contract.columns:
        for name in column.names():
            wanted = canonical_header(name)
            found = [place for place, each in enumerate(names) if each == wanted and place not in taken]
            if found:
                positions[column.field] = found[0]
                taken.add(found[0])
                break
    return positions


def _header(line: int, cells: list[str], names: list[str], positions: dict[str, int]) -> Header:
    width = max((place for place, name in enumerate(names) if name), default=-1) + 1
    own = {name: names.index(name) for name in (MENDS_DELIVERY, MENDS_LINE, MENDS_REASONS) if name in names}
    used = set(positions.values()) | set(own.values())
    ignored = tuple(cells[place].strip() for place in range(width) if place not in used and names[place])
    shown = tuple(cells[place].strip() for place in range(width))
    return Header(line, shown, positions, ignored, own.get(MENDS_DELIVERY), own.get(MENDS_LINE))
