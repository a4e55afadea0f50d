"""Mended rows close the rows that they mend; what is refused again stays open with its new reasons."""

from datetime import date
from io import BytesIO

import pytest

from conftest_numbers import number
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import DeliveryReport, delivery
from shouwang.deliveries.mending import mendings, open_lines, open_rows
from shouwang.deliveries.quarantine import QuarantinedRow, quarantined_rows, sheet_to_mend
from shouwang.kernel.home import Home

MEDICAL = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"
SOURCE = "medical_settlement"


def settlement(serial: int, day: str) -> str:
    return f"S{serial},{number(1)},向小山,{day},住院,300.00,200.00,,,100.00"


@pytest.fixture
def first(send) -> DeliveryReport:
    """Lines 3, 4 and 5 have a day that does not exist."""
    days = ["2021-05-03", "2021-13-01", "2021-13-02", "2021-13-03"]
    return send(SOURCE, [MEDICAL, *(settlement(serial, day) for serial, day in enumerate(days, start=1))])


def mended(home: Home, of: int, days: dict[int, str]) -> DeliveryReport:
    rows = [
        QuarantinedRow(row.line, row.reasons, row.cells | {"结算日期": days[row.line]})
        for row in quarantined_rows(home, of)
        if row.line in days
    ]
    return ingest_file(home, SOURCE, BytesIO(sheet_to_mend(of, rows)), date(2021, 6, 30), name="改正.xlsx")


def waiting(home: Home, of: int) -> list[tuple[int, str, list[str]]]:
    found = mendings(home, SOURCE)
    rows = open_rows(home, of, open_lines(home, of, found), found)
    return [(each.row.line, each.row.cells["结算日期"], each.row.reasons) for each in rows]


def test_accepted_rows_leave_the_open_list_and_the_rest_have_new_reasons(home: Home, first: DeliveryReport) -> None:
    sent = mended(home, first.number, {3: "2021-05-03", 4: "2022-01-01"})
    assert (sent.accepted, sent.quarantined, sent.mended, sent.mended_at) == (
        1,
        1,
        {first.label: (3,)},
        {first.label: (2,)},
    )
    assert mendings(home, SOURCE).settled == {(first.number, 3): (sent.number, 2)}
    assert waiting(home, first.number) == [
        (4, "2022-01-01", ["future_date:结算日期"]),
        (5, "2021-13-03", ["bad_date:结算日期"]),
    ]
    assert waiting(home, sent.number) == [(3, "2022-01-01", ["future_date:结算日期"])]
    assert delivery(home, first.number) == first


def test_an_attempt_mended_anywhere_closes_the_row_everywhere(home: Home, first: DeliveryReport) -> None:
    second = mended(home, first.number, {4: "2022-01-01"})
    third = mended(home, second.number, {2: "2021-05-04"})
    assert (third.accepted, third.mended) == (1, {second.label: (2,)})
    assert waiting(home, second.number) == []
    assert [line for line, _, _ in waiting(home, first.number)] == [3, 5]
    assert mendings(home, SOURCE).settled_at((second.number, 2)) == (third.number, 2)


def test_what_is_known_already_counts_as_mended(home: Home, first: DeliveryReport) -> None:
    mended(home, first.number, {3: "2021-05-03"})
    again = mended(home, first.number, {3: "2021-05-03", 5: "2021-05-05"})
    assert (again.accepted, again.duplicate) == (1, 1)
    assert [line for line, _, _ in waiting(home, first.number)] == [4]


def test_the_same_rows_are_the_same_bytes_and_no_new_delivery(home: Home, first: DeliveryReport) -> None:
    sent = mended(home, first.number, {3: "2021-05-03"})
    assert mended(home, first.number, {3: "2021-05-03"}).same_as == sent.label


def test_only_a_delivery_that_may_do_so_mends_another(home: Home, first: DeliveryReport, send) -> None:
    mended(home, first.number, {3: "2021-05-03"})
    assert mendings(home, SOURCE, lambda waiting, sent: False).settled == {}
    header = f"原交付,原行号,{MEDICAL}"
    claims = [f"{first.label},2", f"{first.label},99", "D000099,3", "D000003,3", "x,y", f"{first.label},4"]
    rows = [f"{claim},{settlement(20 + place, '2021-05-06')}" for place, claim in enumerate(claims)]
    assert send(SOURCE, [header, *rows]).accepted == 6
    assert set(mendings(home, SOURCE).settled) == {(first.number, 3), (first.number, 4)}


def test_reports_from_before_the_lines_were_noted_still_close_their_rows(home: Home, first: DeliveryReport) -> None:
    sent = mended(home, first.number, {3: "2021-05-03"})
    path = home.deliveries / f"{sent.label}.json"
    path.write_text(path.read_text().replace('"mended_at"', '"forgotten"'))
    assert mendings(home, SOURCE).settled == {(first.number, 3): (sent.number, 0)}
