"""Cells merged over the rows of a household are filled; quantities are not, and empty rows stay empty."""

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from conftest_numbers import number, village
from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, init_home
from shouwang.sources import merged_cells, workbooks
from shouwang.sources.contract import contract
from shouwang.sources.workbooks import Workbook

HEADER = ["户编号", "行政区划代码", "户类型", "姓名", "证件号码", "与户主关系", "住址"]
MEDICAL = ["结算单号", "证件号码", "姓名", "结算日期", "医疗类别", "费用总额", "医疗救助支付", "个人自付"]
RELATIONS = ("户主", "配偶", "子")


def register(households: int, odd: bool = False) -> bytes:
    """Households of three, number, village and type merged over their rows; `odd` has cells that only lxml reads."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.merge_range("A1:G1", "农户名册（合成数据）")
    sheet.write_row(1, 0, HEADER)
    for household in range(households):
        top = 2 + household * 3
        for column, text in enumerate((f"H{household}", village(), "脱贫户")):
            sheet.merge_range(top, column, top + 2, column, text)
        for member, relation in enumerate(RELATIONS):
            cells = ["向小山", number((household * 3 + member) % 1000, f"{1950 + household // 300}0101"), relation]
            sheet.write_row(top + member, 3, cells)
            if odd:
                bold = book.add_format({"bold": True})
                sheet.write_rich_string(top + member, 3, bold, "向", "小山")
    book.close()
    return stream.getvalue()


def read(content: bytes, source: str = "household_register") -> pl.DataFrame:
    book = Workbook(io.BytesIO(content))
    return pl.concat(list(book.chunks(book.find_header(contract(source)))))


@pytest.mark.parametrize("block_bytes", [200, 1_000, 8 << 20], ids=["rows alone", "torn households", "whole"])
@pytest.mark.parametrize("odd", [False, True], ids=["usual", "odd"])
def test_what_a_household_shares_stands_in_each_row(
    block_bytes: int, odd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(merged_cells, "BLOCK_BYTES", block_bytes)
    found = read(register(5, odd))
    assert found["line"].to_list() == list(range(3, 18))
    assert found["c0"].to_list() == [f"H{household}" for household in range(5) for _ in RELATIONS]
    assert found["c1"].to_list() == [village()] * 15
    assert found["c5"].to_list() == list(RELATIONS) * 5
    assert found["c6"].fill_null("").unique().to_list() == [""]


def test_a_merged_register_is_accepted_whole(tmp_path: Path) -> None:
    home: Home = init_home(tmp_path / "home")
    (tmp_path / "名册.xlsx").write_bytes(register(4))
    report = ingest_file(home, "household_register", tmp_path / "名册.xlsx", date(2021, 1, 5))
    assert (report.read, report.accepted, report.quarantined) == (12, 12, 0)


def test_amounts_are_not_multiplied_and_empty_rows_stay_empty() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, MEDICAL)
    for column, text in ((1, number(1)), (2, "向小山"), (4, "住院"), (7, "300")):
        sheet.merge_range(1, column, 4, column, text, book.add_format({"border": 1}))
    sheet.merge_range(1, 5, 2, 6, "300")
    for line in (1, 2, 4):
        sheet.write(line, 0, f"S{line}")
        sheet.write(line, 3, "2021-05-03")
    book.close()
    found = read(stream.getvalue(), "medical_settlement").filter(pl.col("c0").fill_null("") != "")
    assert found["c1"].to_list() == [number(1)] * 3
    assert found["c4"].to_list() == ["住院"] * 3
    assert found["c5"].fill_null("").to_list() == ["300", "", ""]
    assert found["c6"].fill_null("").to_list() == ["", "", ""]
    assert found["c7"].fill_null("").to_list() == ["300", "", ""]
    (empty,) = read(stream.getvalue(), "medical_settlement").filter(pl.col("line") == 4).drop("line", "surplus").rows()
    assert not any(empty)


def test_a_sheet_without_empty_cells_is_unpacked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "merged_downwards", lambda *_: pytest.fail("asked for merged cells"))
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER[:6])
    sheet.write_row(1, 0, ["H1", village(), "脱贫户", "向小山", number(1), "户主"])
    book.close()
    assert read(stream.getvalue()).height == 1


def test_more_ranges_than_people_make_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merged_cells, "MOST_RANGES", 10)
    with pytest.raises(InputError, match="合并单元格过多"):
        read(register(4))
