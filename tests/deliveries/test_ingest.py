"""Files go in by the door that people use; every row is accounted for."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from conftest_numbers import number, village
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.deliveries.quarantine import export_quarantine, quarantined_rows
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym

MEDICAL = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"
JOBS = "证件号码,姓名,单位,入职日期,离职日期,欠薪月数"


def rows(home: Home, report: DeliveryReport) -> pl.DataFrame:
    return pl.read_parquet(home.rows(report.source) / f"{report.label}.parquet")


def settlement(serial: int, who: str, paid: str = "100.00", day: str = "2021-05-03", name: str = "向小山") -> str:
    return f"S{serial},{who},{name},{day},住院,300.00,200.00,,,{paid}"


def test_every_row_is_accounted_for(home: Home, send, register) -> None:
    report = send(
        "medical_settlement",
        [
            "医保结算明细表,,,,,,,,,",
            ",,,,,,,,,",
            MEDICAL,
            settlement(1, number(1)),
            settlement(2, number(9)),
            settlement(3, ""),
            settlement(4, number(1), day="2021-13-01"),
            settlement(5, number(1), day="2021-07-01"),
            settlement(6, number(1), paid="100.06"),
            settlement(7, number(1), paid="100.05"),
            settlement(8, number(1), paid="-1"),
            "合  计,,,,,,,,,99999",
        ],
    )
    assert (report.read, report.accepted, report.duplicate, report.quarantined) == (8, 3, 0, 5)
    assert report.quarantined_by_reason == {
        "bad_date": 1,
        "future_date": 1,
        "inconsistent": 2,
        "missing_required": 1,
        "negative_amount": 1,
    }
    assert (report.linked, report.unregistered) == (2, 1)
    assert report.skipped_lines == (12,)
    assert rows(home, report)["line"].to_list() == [4, 5, 10]
    assert rows(home, report)["person"][0] == pseudonym(home.keys(), number(1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rare_characters_survive_every_encoding(home: Home, send, encoding: str) -> None:
    report = send("employment_record", [JOBS, f"{number(1)},龚𠮷䶮,厂,2021-01-01,,"], encoding=encoding)
    assert rows(home, report)["name"].to_list() == ["龚𠮷䶮"]


def test_same_bytes_change_nothing_and_name_the_earlier_delivery(home: Home, send) -> None:
    lines = [MEDICAL, settlement(1, number(1)), settlement(2, "x")]
    first, again = send("medical_settlement", lines), send("medical_settlement", lines, on="2021-07-30")
    assert (again.same_as, again.read, again.duplicate, again.accepted) == (first.label, 2, 2, 0)
    assert len(deliveries(home)) == 1


def test_superseding_and_returning_to_an_older_state(home: Home, send) -> None:
    a, b = [MEDICAL, settlement(1, number(1))], [MEDICAL, settlement(1, number(1), paid="100.01")]
    send("medical_settlement", a)
    changed = send("medical_settlement", b)
    back = send("medical_settlement", a)
    assert (changed.accepted, changed.superseded) == (1, 1)
    assert (back.accepted, back.duplicate, back.same_as) == (1, 0, None)
    same = send("medical_settlement", [*a, ""])
    assert (same.accepted, same.duplicate) == (0, 1)


def test_one_key_twice_in_a_file_is_accepted_twice(home: Home, send) -> None:
    lines = [MEDICAL, settlement(1, number(1)), settlement(1, number(1), paid="100.01")]
    report = send("medical_settlement", lines)
    assert report.accepted == 2
    assert rows(home, report)["repeated"].to_list() == [False, True]
    resent = send("medical_settlement", [*lines, settlement(2, number(1))])
    assert rows(home, resent)["line"].to_list() == [2, 3, 4]


def test_a_person_who_stands_elsewhere_or_left_is_no_duplicate(send, register) -> None:
    header = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,失学原因,联系电话,住址"
    home_row = f"H1,{village()},脱贫户,覃小河,{number(2)},配偶,,,"
    moved = send("household_register", [header, home_row.replace("H1", "H2")], on="2021-02-05")
    back = send("household_register", [header, home_row], on="2021-03-05")
    assert (moved.accepted, back.accepted) == (1, 1)
    event = ["证件号码,姓名,变动类型,变动日期", f"{number(2)},覃小河,迁出,2021-03-10"]
    send("vital_event", event, on="2021-04-02")
    returned = send("household_register", [header, home_row, ""], on="2021-04-20")
    stayed = send("household_register", [header, home_row, "", ""], on="2021-05-20")
    assert (returned.accepted, stayed.accepted, stayed.duplicate) == (1, 0, 1)


def test_a_wrong_number_that_one_registered_person_explains_is_corrected(home: Home, send, register) -> None:
    right = number(1)
    wrong = right[:16] + str((int(right[16]) + 1) % 10) + right[17]
    report = send("medical_settlement", [MEDICAL, settlement(1, wrong), settlement(2, wrong, name="冉大田")])
    assert (report.corrected, report.quarantined) == (1, 1)
    assert set(report.quarantined_by_reason) == {"id_check_digit"}
    assert rows(home, report)["person"].to_list() == [pseudonym(home.keys(), right)]


def test_a_wrong_number_in_the_register_is_always_quarantined(send, register) -> None:
    right = number(1)
    wrong = right[:16] + str((int(right[16]) + 1) % 10) + right[17]
    header = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系"
    report = send("household_register", [header, f"H1,{village()},脱贫户,向小山,{wrong},户主"])
    assert (report.accepted, report.quarantined) == (0, 1)


def test_what_the_register_leaves_out_its_numbers_state(home: Home, send) -> None:
    header = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,性别,出生日期"
    front = f"H1,{village()},脱贫户"
    lines = [
        header,
        f"{front},向小山,{number(1, '19700304')},户主,,",
        f"{front},覃小河,{number(2, '20120229')},子,男,2012-02-28",
    ]
    found = rows(home, send("household_register", lines))
    assert found["birth_date"].to_list() == [date(1970, 3, 4), date(2012, 2, 28)]
    assert found["sex"].to_list() == ["男", "男"]
    filled_in = [header, lines[1].removesuffix(",,") + ",男,1970-03-04"]
    assert send("household_register", filled_in).superseded == 1


def test_quarantined_rows_are_mended_and_sent_again_alone(home: Home, send, tmp_path: Path) -> None:
    report = send("medical_settlement", [MEDICAL, settlement(1, number(1)), settlement(2, number(1), day="3/5/2021")])
    [waiting] = quarantined_rows(home, report.number)
    assert (waiting.line, waiting.reasons, waiting.cells["结算日期"]) == (3, ["bad_date:结算日期"], "3/5/2021")
    out = tmp_path / "mend.xlsx"
    assert export_quarantine(home, report.number, out) == 1
    book = openpyxl.load_workbook(out)
    sheet = book.active
    place = [cell.value for cell in sheet[1]].index("结算日期") + 1
    sheet.cell(2, place).value = "2021-05-03"
    book.save(out)
    mended = ingest_file(home, "medical_settlement", out, date(2021, 6, 30))
    assert (mended.accepted, mended.quarantined) == (1, 0)
    assert mended.mended == {report.label: (3,)}


def test_no_identity_number_lies_in_clear_in_the_home(home: Home, send, register) -> None:
    send("medical_settlement", [MEDICAL, settlement(1, number(1)), settlement(2, number(2), day="bad")])
    planted = [number(1).encode(), number(2).encode()]
    (home.path / "planted.txt").write_bytes(b"x" + planted[0])
    found = [p.name for p in home.path.rglob("*") if p.is_file() and any(each in p.read_bytes() for each in planted)]
    assert found == ["planted.txt"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "空文件"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"0" * 600, "旧格式"),
        ("half.xlsx", b"PK\x03\x04" + b"0" * 90, "损坏"),
        ("u16.csv", MEDICAL.encode("utf-16"), "UTF-16"),
        ("pipe.csv", MEDICAL.replace(",", "|").encode(), "分隔"),
        ("other.csv", JOBS.encode(), "务工就业"),
        ("torn.csv", (MEDICAL + "\nS1,500").encode(), "只传了一半"),
        ("cut.csv", (MEDICAL + "\n向").encode()[:-1], "只传了一半"),
        ("binary.csv", b"\0\1\2" * 50, "二进制"),
        ("macro.xlsm", b"PK\x03\x04", "xlsm"),
        ("note.pdf", b"%PDF-1.4", ".pdf"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(home: Home, name: str, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ingest_file(home, "medical_settlement", io.BytesIO(content), date(2021, 6, 30), name=name)
    assert deliveries(home) == []
    assert not home.staging.exists() or not list(home.staging.iterdir())


def test_killed_before_the_report_leaves_nothing_that_counts(home: Home, send, monkeypatch) -> None:
    lines = [MEDICAL, settlement(1, number(1))]
    with monkeypatch.context() as broken:
        broken.setattr("shouwang.deliveries.ledger.replace_file", _no_space)
        with pytest.raises(Failure):
            send("medical_settlement", lines)
    assert deliveries(home) == []
    assert send("medical_settlement", lines).label == "D000001"


def _no_space(path: Path, content: bytes) -> None:
    raise OSError(28, "No space left on device")
