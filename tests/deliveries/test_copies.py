"""The sorted copies tell of somebody what the lake tells, whatever lies in them, and may be missing at any time."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest_numbers import number, village
from shouwang.deliveries import copies
from shouwang.deliveries.copies import EASED, Copies, Row, keep_copies, layout
from shouwang.deliveries.decided_links import PERSON, Decision, deciding
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.deliveries.rows_about import RowsAbout, Whom
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym
from shouwang.sources.contract import contracts

DAYS = tuple(map(date.fromisoformat, ("2021-01-04", "2021-01-05", "2021-03-01", "2021-06-30", "2021-07-01")))
SETTLED = "证件号码,姓名,结算编号,结算日期,医疗类别,总费用,基本医保支付,大病保险支付,医疗救助支付,个人自付"
HOTLINE = "受理编号,姓名,证件号码,行政区划代码,受理日期,诉求类别,内容"
WATER = "行政区划代码,户主证件号码,故障日期,恢复日期"
SOURCE = "water_fault"
INCOME = "户编号,统计期起,统计期止,工资性收入"


@pytest.fixture
def delivered(home: Home, send, register) -> Home:
    """Rows of every kind: of persons, of households, of a village, superseded ones, and one in review that was decided."""
    send(
        "medical_settlement",
        [
            SETTLED,
            f"{number(1)},向小山,S1,2021-02-01,住院,9000,5000,0,0,4000",
            f"{number(3)},冉大田,S2,2021-02-02,住院,10,0,0,0,10",
        ],
        on="2021-03-01",
    )
    send("income_statement", [INCOME, "H1,2020-01-01,2020-12-31,9000", "H2,2020-01-01,2020-12-31,700"], on="2021-03-01")
    send("water_fault", [WATER, f"{village()},,2021-02-20,", f"{village()},{number(2)},2021-02-21,"], on="2021-03-01")
    send("medical_settlement", [SETTLED, f"{number(1)},向小山,S1,2021-02-01,住院,9000,5000,0,500,3500"])
    send("income_statement", [INCOME, "H1,2020-01-01,2020-12-31,9500.50"])
    report = send(
        "hotline_complaint",
        [
            HOTLINE,
            f"T1,冉大田,,{village()},2021-06-20,生活困难,家中断水",
            f"T2,冉大田,,{village()},2021-06-21,生活困难,没有人",
        ],
    )
    assert report.review == 2
    with deciding(home) as desk:
        person = pseudonym(home.keys(), number(3))
        desk.add(Decision(report.number, 2, PERSON, person, "乡镇", "t", "核实", date(2021, 7, 1), "now", ""))
    return home


def told(home: Home) -> dict[tuple[object, ...], list[Row]]:
    """Everything about everybody, as known on each day."""
    persons = [pseudonym(home.keys(), number(each)) for each in (1, 2, 3, 4)]
    whoever = [Whom([each]) for each in persons] + [Whom(persons), Whom(household_no="H1"), Whom(household_no="H9")]
    whoever += [Whom(persons[:1], village=village()), Whom(persons[1:], "H2", village()), Whom()]
    found = {}
    for on in (*DAYS, None):
        with RowsAbout(home, on) as rows:
            for source in contracts():
                for place, whom in enumerate(whoever):
                    found[on, source, place] = rows.rows(source, whom)
                    found[on, source, place, "latest"] = rows.latest(source, whom)
    return found


def keep(home: Home) -> int:
    with Lake(home, None) as lake:
        return keep_copies(lake)


@pytest.fixture
def no_lake(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on nobody reads rows of the lake."""

    def refuse(lake: Lake, sql: str) -> None:
        raise AssertionError(f"the lake was asked: {sql}")

    return lambda: monkeypatch.setattr(Lake, "run", refuse)


def test_copies_tell_what_the_lake_tells(delivered: Home, no_lake: Callable[[], None]) -> None:
    before = told(delivered)
    assert sum(map(len, before.values())) > 100
    assert keep(delivered) == 5
    assert keep(delivered) == 0
    no_lake()
    assert told(delivered) == before


def test_a_decided_row_is_found_in_its_copy(delivered: Home, no_lake: Callable[[], None]) -> None:
    keep(delivered)
    no_lake()
    third = Whom([pseudonym(delivered.keys(), number(3))])
    with RowsAbout(delivered) as rows:
        [row] = rows.rows("hotline_complaint", third)
    assert (row["line"], row["link"], row["person"]) == (2, "decided", third.persons[0])
    with RowsAbout(delivered, date(2021, 6, 30)) as rows:
        assert rows.rows("hotline_complaint", third) == []


def test_what_came_after_is_read_from_the_lake(delivered: Home, send) -> None:
    keep(delivered)
    send("medical_settlement", [SETTLED, f"{number(2)},覃小河,S3,2021-06-01,住院,5,0,0,0,5"], on="2021-07-01")
    half = told(delivered)
    keep(delivered)
    assert told(delivered) == half
    second = Whom([pseudonym(delivered.keys(), number(2))])
    with RowsAbout(delivered) as rows:
        assert [row["settlement_no"] for row in rows.rows("medical_settlement", second)] == ["S3"]


def test_a_copy_that_is_not_whole_does_not_count(delivered: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = told(delivered)
    with monkeypatch.context() as killed:
        killed.setattr(copies, "sync_folder", lambda folder: 1 / 0)  # after the first copy
        with pytest.raises(ZeroDivisionError):
            keep(delivered)
    for index in delivered.copies.glob("*/*.index.arrow"):
        index.rename(index.with_name(index.name + ".part"))
    assert told(delivered) == before
    assert keep(delivered) == 5
    assert not list(delivered.copies.glob("*/*.part"))
    assert told(delivered) == before


def test_a_copy_of_other_deliveries_is_removed(delivered: Home, send) -> None:
    keep(delivered)
    first = set(delivered.copies.glob("medical_settlement/*"))
    send("medical_settlement", [SETTLED, f"{number(2)},覃小河,S3,2021-06-01,住院,5,0,0,0,5"], on="2021-07-01")
    assert keep(delivered) == 1
    second = set(delivered.copies.glob("medical_settlement/*"))
    assert len(first) == len(second) == 2
    assert first.isdisjoint(second)


def test_the_comparison_sees_a_wrong_copy(delivered: Home) -> None:
    """Planted: an index that leads to the row beside."""
    before = told(delivered)
    keep(delivered)
    for index in delivered.copies.glob("medical_settlement/*.index.arrow"):
        with pa.ipc.open_file(pa.OSFile(str(index))) as file:
            table = file.read_all()
        moved = table.set_column(1, "place", table["place"].combine_chunks().take(pa.array([1, 2, 0])))
        with pa.OSFile(str(index), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(moved)
    assert told(delivered) != before


def test_numbers_and_contacts_lie_in_no_copy(delivered: Home) -> None:
    keep(delivered)
    whole = b"".join(path.read_bytes() for path in delivered.copies.glob("*/*"))
    for secret in (number(1), "19900000001", "一组"):
        assert secret.encode() not in whole
    held = {name for of in contracts().values() for name in copies.columns_of(of)}
    assert held.isdisjoint({"sealed", "id_number", "phone", "address"})


def test_a_disk_without_room_leaves_the_lake_to_be_read(delivered: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "BYTES_A_ROW", 10**18)
    with pytest.raises(Failure, match="磁盘空间不够"):
        keep(delivered)
    assert told(delivered)


def test_a_copy_of_many_blocks_finds_the_rows_of_each(home: Home, send, register) -> None:
    lines = [
        f"{number(1 + each % 3)},{'向小山覃小河冉大田'[each % 3 * 3 :][:3]},S{each},2021-02-01,普通门诊,1,0,0,0,1"
        for each in range(1500)
    ]
    send("medical_settlement", [SETTLED, *lines])
    keep(home)
    [(_, copy)] = Copies(home).of("medical_settlement")
    for each in (1, 2, 3):
        who = pseudonym(home.keys(), number(each))
        assert {row["line"] for row in copy.rows([who])} == set(range(1 + each, 1502, 3))
    assert list(copy.rows([])) == []


@given(st.lists(st.integers(0, 10**6), max_size=60), st.integers(10, 10**7))
def test_deliveries_lie_in_few_copies(sizes: list[int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "MOST_ROWS", most)
        parts = layout(_report(place, rows) for place, rows in enumerate(sizes, 1)).get(SOURCE, [])
        earlier = layout(_report(place, rows) for place, rows in enumerate(sizes[:-1], 1)).get(SOURCE, [])
    assert [each for part in parts for each in part.numbers] == [place for place, rows in enumerate(sizes, 1) if rows]
    assert all(part.rows <= most or len(part.numbers) == 1 for part in parts)
    for one, other in pairwise(parts):
        assert one.rows > EASED * other.rows or one.rows + other.rows > most
    changed = [part for part in earlier if part not in parts]
    assert earlier[: len(earlier) - len(changed)] == parts[: len(earlier) - len(changed)]


def test_other_contents_make_another_copy(delivered: Home) -> None:
    reports = deliveries(delivered)
    names = _names(reports)
    again = [replace(each, ingested_at="later") for each in reports]
    assert names.isdisjoint(_names(again))


def _names(reports: Iterable[DeliveryReport]) -> set[str]:
    return {part.name for parts in layout(reports).values() for part in parts}


def _report(place: int, rows: int) -> DeliveryReport:
    digest = sha256(str(place).encode()).hexdigest()
    return DeliveryReport(place, SOURCE, "f.csv", digest, 1, DAYS[0], "now", "utf-8", None, 1, accepted=rows)
