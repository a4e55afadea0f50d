"""Areas, people at desks and clues of a batch for the tests of the casework."""

from datetime import date
from functools import cache
from typing import Any

from shouwang.accounts.actions import add_user
from shouwang.accounts.models import User
from shouwang.areas import tree
from shouwang.areas.models import Area
from shouwang.kernel.divisions import Division, load_divisions
from shouwang.kernel.pack import divisions_folder
from shouwang.screening.batch import BatchClue, ClueBatch

CITY = "500000000000"
COUNTY, TOWNSHIP, VILLAGE, SIBLING = "500101000000", "500101001000", "500101001001", "500101001002"
OTHER_TOWNSHIP, OTHER_VILLAGE = "500101017000", "500101017001"
FOREIGN_COUNTY, FOREIGN_TOWNSHIP, FOREIGN_VILLAGE = "500102000000", "500102006000", "500102006001"
ENDED_COUNTY, ENDED_TOWNSHIP, ENDED_VILLAGE = "500105000000", "500105001000", "500105001001"
NEW_COUNTY = "500157000000"
PASSWORD = "tian-qi-hen-hao-2021"
RULE = "medical.high_out_of_pocket"


@cache
def _chosen() -> tuple[Division, ...]:
    """Of the whole country's table: looked for once."""
    divisions = load_divisions(divisions_folder())
    prefixes = ("500101001", "500101017", "500102006", "500105001")
    wanted = {area.code for prefix in prefixes for area in divisions.villages(prefix)[:3]}
    above = {area.code for code in wanted for area in divisions.path(code)} | {NEW_COUNTY}
    chosen = [area for area in divisions if area.code in above]
    return tuple(sorted(chosen, key=lambda each: (each.level, each.successor is not None, each.code)))


def make_areas() -> None:
    """A few real areas; the codes of villages are taken as the division table has them."""
    Area.objects.bulk_create(
        Area(
            code=area.code,
            name=area.name,
            level=area.level,
            parent_id=area.parent_code,
            scope=area.scope,
            valid_from=area.valid_from,
            valid_to=area.valid_to,
            successor_id=area.successor,
        )
        for area in _chosen()
    )
    tree.forget()


def make_user(username: str, area: str, duty: str, department: str = "", **dates: Any) -> User:
    dates = {"starts_on": date(2020, 1, 1)} | dates
    return add_user(
        username=username,
        password=PASSWORD,
        display_name=username,
        area_code=area,
        duty=duty,
        department=department,
        **dates,
    )


def evidence(lines: list[int], source: str = "medical_settlement", total: int | None = None) -> dict[str, Any]:
    rows = [
        {"source": source, "delivery": "D000002", "line": line, "person": 1, "text": "个人自付6000.00元"}
        for line in lines
    ]
    return {
        RULE: {
            "rule": RULE,
            "version": "1",
            "title": "个人自付医疗费用偏高",
            "parameters": {"medical.high_lifted": "5000.00"},
            "facts": {"medical_out_of_pocket": "6000.00"},
            "reason": "个人自付合计6000元",
            "rows": rows,
            "rows_total": len(lines) if total is None else total,
        }
    }


def batch_clue(
    household: str = "H1", risk: str = "illness", level: str = "yellow", lines: Any = (2,), **more: Any
) -> BatchClue:
    found = evidence(list(lines), **more)
    return BatchClue(household, VILLAGE, risk, level, tuple(found), f"个人自付，行{list(lines)}", found, [])


def batch(as_of: date, *clues: BatchClue) -> ClueBatch:
    return ClueBatch(as_of, as_of, "2021.1+test", 2, {RULE: len(clues)}, list(clues))
