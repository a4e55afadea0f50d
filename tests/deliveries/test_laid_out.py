"""A large delivery lies in the lake by county: whoever asks about one county passes over the rest of the file."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from conftest_numbers import number as number_of_a_year
from shouwang.deliveries import ingest
from shouwang.deliveries.identities import RegisteredPersons
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym
from shouwang.kernel.pack import divisions_folder

HEAD = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系"
MEDICAL = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"
VILLAGES = tuple(
    load_divisions(divisions_folder()).villages(county)[0].code for county in ("500243", "500101", "500235")
)
PEOPLE, STRANGERS, GROUP = 9_000, 40, 2_048


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "GROUP_ROWS", GROUP)


def number(serial: int) -> str:
    return number_of_a_year(serial % 1000, born=f"{1970 + serial // 1000}0101")


def registered() -> list[str]:
    return [HEAD, *(f"H{n},{VILLAGES[n % 3]},一般农户,向小山,{number(n)},户主" for n in range(PEOPLE))]


def settled(serials) -> list[str]:
    return [MEDICAL, *(f"S{n},{number(n)},向小山,2021-05-03,住院,300.00,200.00,,,100.00" for n in serials)]


def path_of(home: Home, report: DeliveryReport) -> Path:
    return home.rows(report.source) / f"{report.label}.parquet"


def counties_of_groups(path: Path) -> list[tuple[int, int]]:
    """The lowest and the highest county that the foot of the file says of each of its row groups."""
    with pq.ParquetFile(path) as file:
        place = file.schema_arrow.get_field_index("county")
        found = [file.metadata.row_group(n).column(place).statistics for n in range(file.metadata.num_row_groups)]
    return [(each.min, each.max) for each in found]


def test_a_group_of_rows_holds_few_counties(home: Home, send) -> None:
    register = send("household_register", registered())
    medical = send("medical_settlement", settled(range(PEOPLE + STRANGERS)))
    assert medical.unregistered == STRANGERS
    for report in (register, medical):
        groups = counties_of_groups(path_of(home, report))
        assert len(groups) > 3
        assert all(before[1] <= after[0] for before, after in pairwise(groups)), "one after the other"
        rows = pl.read_parquet(path_of(home, report))
        assert rows["line"].sort().to_list() == list(range(2, rows.height + 2)), "every row once"
    county_of = dict(zip(*pl.read_parquet(path_of(home, register), columns=["person", "county"]), strict=True))
    rows = pl.read_parquet(path_of(home, medical))
    assert [county_of.get(each, 0) for each in rows["person"]] == rows["county"].to_list()
    assert (rows["county"] == 0).sum() == STRANGERS


def test_rows_known_before_are_set_apart_from_a_file_that_lies_by_county(home: Home, send) -> None:
    send("household_register", registered())
    send("medical_settlement", settled(range(100)))
    report = send("medical_settlement", settled(range(PEOPLE)))
    assert (report.accepted, report.duplicate) == (PEOPLE - 100, 100)
    assert pl.read_parquet(path_of(home, report)).height == PEOPLE - 100
    assert all(before[1] <= after[0] for before, after in pairwise(counties_of_groups(path_of(home, report))))


@pytest.mark.parametrize("last", [0, 1])
def test_the_last_line_counts_and_not_the_last_county(home: Home, send, last: int) -> None:
    """One person twice in one file, in two counties: whichever lies behind the other in the lake."""
    moved = [f"H{villages},{VILLAGES[villages]},一般农户,向小山,{number(PEOPLE)},户主" for villages in (1 - last, last)]
    head, *others = registered()
    send("household_register", [head, moved[0], *others, moved[1]])
    who = pseudonym(home.keys(), number(PEOPLE))
    known = RegisteredPersons(home, date(2021, 6, 30)).map
    assert known.rows_of(pl.Series([who]))["division_code"].to_list() == [VILLAGES[last]]
    assert known.counties(pl.Series([who, 1, None])).to_list() == [int(VILLAGES[last][:6]), None, None]
    with Lake(home, None) as lake:
        rows = lake.versions("household_register", ("person", "division_code", "line"))
        found = lake.run(f"SELECT division_code FROM ({rows}) WHERE person = {who} ORDER BY line").fetchall()
    assert found[-1] == (VILLAGES[last],)
