"""Who is only likely to be meant: asked once a file, marked tentative, and nothing opens or closes on it alone."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from conftest_numbers import number, village
from shouwang.deliveries.decided_links import PERSON, Decision, deciding
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import deliveries
from shouwang.deliveries.linking import Linker
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym
from shouwang.policy.pack import load_pack
from shouwang.screening.run import screen

HOTLINE = "受理编号,姓名,证件号码,行政区划代码,受理日期,诉求类别,内容"
WATER = "行政区划代码,户主证件号码,故障日期,恢复日期"
DAY = date(2021, 7, 15)


def wrong(serial: int) -> str:
    """A registered number with another check character."""
    right = number(serial)
    return right[:17] + ("0" if right[17] != "0" else "1")


def standing(home: Home) -> list[tuple[str, str]]:
    return [(clue.household_no, rule) for clue in screen(home, load_pack(), DAY, DAY).clues for rule in clue.rules]


def decided(home: Home, delivery: int, line: int, person: int) -> None:
    with deciding(home) as desk:
        made = {"line": line, "person": person, "office": "区县", "user": "u", "reason": "核实", "key": "", "at": "now"}
        desk.add(Decision(delivery=delivery, verdict=PERSON, known=date(2021, 7, 1), **made))


def test_a_tentative_row_opens_nothing_until_it_is_decided(home: Home, send, register) -> None:
    report = send("water_fault", [WATER, f"{village()},{wrong(3)},2021-06-01,"])
    assert (report.review, report.accepted) == (1, 1)
    assert standing(home) == [], "neither the household nor, as if nobody had been named, the whole village"
    decided(home, report.number, 2, pseudonym(home.keys(), number(3)))
    assert standing(home) == [("H2", "water.prolonged_fault")]


def test_a_tentative_row_closes_nothing(home: Home, send, register) -> None:
    send("water_fault", [WATER, f"{village()},{number(3)},2021-06-01,"])
    assert standing(home) == [("H2", "water.prolonged_fault")]
    mended = send("water_fault", [WATER, f"{village()},{wrong(3)},2021-06-01,2021-06-20"])
    assert mended.review == 1
    assert standing(home) == [("H2", "water.prolonged_fault")]


def calls(count: int) -> list[str]:
    said, place = "家中断水多日，" * 40, village()
    return [HOTLINE, *(f"T{i},冉大田,,{place},2021-06-20,生活困难,{said}{i}" for i in range(count))]


def test_the_register_is_gone_through_once_for_a_file_of_many_chunks(
    home: Home, send, register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks: list[int] = []
    link = Linker.link
    monkeypatch.setattr(Linker, "link", lambda self, examined: chunks.append(1) or link(self, examined))
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(calls(12_000)) + "\n", encoding="utf-8")
    searched: list[tuple[int, int]] = []
    report = ingest_file(
        home, "hotline_complaint", path, DAY, searched=lambda seen, people: searched.append((seen, people))
    )
    assert len(chunks) > 1
    assert searched == [(3, 3), (3, 3)], "counted, then asked"
    assert (report.review, report.unregistered) == (12_000, 0)
    rows = pl.read_parquet(home.rows("hotline_complaint") / f"{report.label}.parquet")
    assert rows["link"].unique().to_list() == ["review"]
    assert rows["person"].null_count() == 12_000


def test_what_came_before_is_not_asked_about_again(home: Home, send, register) -> None:
    send("hotline_complaint", calls(3))
    again = send(
        "hotline_complaint", [*calls(3), f"T9,冉大田,,{village()},2021-06-21,生活困难,又断水"], on="2021-07-01"
    )
    assert (again.duplicate, again.review, again.unregistered) == (3, 1, 0)
    kept = pl.read_parquet(home.lake / "review" / f"{again.label}.parquet")
    assert kept["line"].to_list() == [5]


class Killed(BaseException):
    """The process ends here."""


def test_killed_while_somebody_is_looked_for_and_run_again(home: Home, send, register, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(calls(50)) + "\n", encoding="utf-8")

    def killed(seen: int, people: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        ingest_file(home, "hotline_complaint", path, DAY, searched=killed)
    assert [each.source for each in deliveries(home)] == ["household_register"]
    report = ingest_file(home, "hotline_complaint", path, DAY)
    assert (report.label, report.review) == ("D000002", 50)
    assert not home.staging.exists() or not list(home.staging.iterdir())
