"""Registers on paper: monitored households and clues of an area, village by village, marked on every page.

They are set in Chinese, as offices keep them, and hold no identity number.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from shouwang.areas.models import Area
from shouwang.areas.reading import full_names
from shouwang.cases.models import MonitorType
from shouwang.clues.models import RiskType
from shouwang.outputs.models import Content
from shouwang.outputs.reading import clues_of, monitored
from shouwang.outputs.workbook import Mark
from shouwang.printing import pdf

Rows = list[list[str]]
CASES = ("序号", "村（社区）", "户编号", "户主", "人数", "监测对象类型", "主要风险", "识别时间", "风险消除时间")
CASE_WIDTHS = (1, 4, 4, 2, 1, 3, 3, 2, 2)
CLUES = ("序号", "村（社区）", "线索编号", "户主", "风险类型", "级别", "办理环节", "办理单位", "办理期限")
CLUE_WIDTHS = (1, 4, 4, 2, 2, 1, 3, 3, 2)


def register(content: str, area: Area, on: date, mark: Mark) -> bytes:
    """A register as a PDF. Raises InputError where this machine has no Chinese font."""
    of_clues = content == Content.CLUE_REGISTER
    heads, widths, rows = (
        (CLUES, CLUE_WIDTHS, clue_rows(area, on)) if of_clues else (CASES, CASE_WIDTHS, case_rows(area, on))
    )
    data: dict[str, Any] = {
        "title": f"{area.name}{Content(content).label}",
        "sub": f"截至{on.year}年{on.month}月{on.day}日，共{len(rows)}{'条' if of_clues else '户'}",
        "landscape": True,
        "head": list(heads),
        "rows": rows,
        "widths": list(widths),
        "mark": mark.words,
        "stamp": f"{mark.number}  {mark.username}",
    }
    return pdf("register", data)


def case_rows(area: Area, on: date) -> Rows:
    """Every household under monitoring by the day, also where its risk has ended since."""
    cases = list(monitored(area, on))
    places = full_names(sorted({each.area_id for each in cases}))
    rows = []
    for place, case in enumerate(cases, start=1):
        risk = str(RiskType(case.risks[0]).label) if case.risks else ""
        over = case.eliminated_on if case.eliminated_on and case.eliminated_on <= on else None
        type_of = str(MonitorType(case.monitor_type).label)
        household = case.household
        told = [household.pk, household.head_name, str(household.member_count), type_of, risk]
        rows.append([str(place), _village(places[case.area_id], area), *told, _month(case.included_on), _month(over)])
    return rows


def clue_rows(area: Area, on: date) -> Rows:
    """Every open clue that was there by the day."""
    clues = list(clues_of(area, on))
    places = full_names(sorted({each.area_id for each in clues}))
    rows = []
    for place, clue in enumerate(clues, start=1):
        told = [clue.number, clue.household.head_name, str(clue.get_risk_type_display()), str(clue.get_level_display())]
        desk = clue.desk.name if clue.desk else ""
        due = f"{clue.due_on:%Y-%m-%d}" if clue.due_on else ""
        village = _village(places[clue.area_id], area)
        rows.append([str(place), village, *told, str(clue.get_stage_display()), desk, due])
    return rows


def _village(name: str, area: Area) -> str:
    """What the title does not say already."""
    parts: Sequence[str] = name.split(" ")
    return " ".join(parts[max(area.level - 1, 0) :]) or name


def _month(day: date | None) -> str:
    return f"{day:%Y-%m}" if day else ""
