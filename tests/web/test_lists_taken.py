"""Lists that a page gives at once: numbered, marked, limited and on record like every other export."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from openpyxl import load_workbook
from small_city import COUNTY, make_defect

import shouwang.web
from runtime_role import emptied
from shouwang.audit.models import Entry
from shouwang.outputs.models import Export

Desk = Callable[[str], Client]


@pytest.mark.parametrize(
    ("address", "content", "action"),
    [
        ("/clues/export.xlsx", "clue_list", "clues_exported"),
        ("/defects/export.xlsx", "defect_list", "defects_exported"),
        (f"/statistics/areas/{COUNTY}/sheet.xlsx", "statistics", "list_exported"),
    ],
)
def test_lists_that_are_taken_at_once_are_marked_and_counted_too(
    address: str, content: str, action: str, city: SimpleNamespace, at_desk: Desk
) -> None:
    emptied(Export.objects.filter(content=content))
    make_defect(city.household)
    response = at_desk("county").get(address)
    export = Export.objects.get(content=content)
    assert (export.state, export.rows > 0) == ("taken", True)
    [sheet] = load_workbook(io.BytesIO(response.content))
    assert export.number in sheet.oddHeader.center.text
    assert Entry.objects.filter(action=action).latest("sequence").subject == export.number
    assert re.search("清单|统计表", at_desk("county").get("/outputs/").content.decode())


def test_no_page_writes_a_book_that_would_leave_without_a_mark() -> None:
    folder = Path(shouwang.web.__file__).parent
    assert [each.name for each in folder.rglob("*.py") if "xlsxwriter" in each.read_text(encoding="utf-8")] == []
