"""People decide who a row in review is about; screening counts it from then on, and an earlier day stays as it was."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from conftest_numbers import number, village
from shouwang.deliveries.decided_links import (
    NOBODY,
    PERSON,
    UNDONE,
    AlreadyDecided,
    Decision,
    deciding,
    decisions,
    standing,
    waiting_row,
)
from shouwang.deliveries.lake import Lake
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym
from shouwang.policy.pack import load_pack
from shouwang.screening.explain import explain
from shouwang.screening.run import screen

HOTLINE = "受理编号,姓名,证件号码,行政区划代码,受理日期,诉求类别,内容"
OFFICE = "万州区区县乡村振兴部门"
LEDGER = Path("lake/decisions/links.jsonl")


def complaint(serial: int, name: str, who: str = "") -> str:
    return f"T{serial},{name},{who},{village()},2021-06-20,生活困难,家中断水多日"


@pytest.fixture
def in_review(home: Home, send, register) -> int:
    """A complaint of 冉大田 without a number; returns the delivery's number."""
    report = send("hotline_complaint", [HOTLINE, complaint(1, "冉大田")])
    assert report.review == 1
    return report.number


def decision(home: Home, delivery: int, verdict: str = PERSON, known: str = "2021-07-01", **other: object) -> Decision:
    person = pseudonym(home.keys(), number(3)) if verdict == PERSON else None
    values = {"line": 2, "person": person, "office": OFFICE, "user": "wanzhou", "reason": "电话核实", "key": ""}
    return Decision(
        **values | {"delivery": delivery, "verdict": verdict, "known": date.fromisoformat(known), "at": "now"} | other
    )


def decide(home: Home, *made: Decision) -> None:
    with deciding(home) as desk:
        for each in made:
            desk.add(each)


def links(home: Home, known_at: str | None = None) -> list[tuple[object, ...]]:
    with Lake(home, date.fromisoformat(known_at) if known_at else None) as lake:
        return lake.run(lake.versions("hotline_complaint", ("person", "link"))).fetchall()


def test_a_decided_row_has_its_person_from_that_day_on(home: Home, in_review: int) -> None:
    before = (home.rows("hotline_complaint") / "D000002.parquet").read_bytes()
    decide(home, decision(home, in_review))
    who = pseudonym(home.keys(), number(3))
    assert links(home) == links(home, "2021-07-01") == [(who, "decided")]
    assert links(home, "2021-06-30") == [(None, "review")]
    assert (home.rows("hotline_complaint") / "D000002.parquet").read_bytes() == before


def test_what_is_undone_is_open_again_and_the_days_between_stay(home: Home, in_review: int) -> None:
    decide(home, decision(home, in_review), decision(home, in_review, UNDONE, "2021-07-05"))
    assert standing(home) == {}
    assert links(home) == [(None, "review")]
    assert links(home, "2021-07-04")[0][1] == "decided"
    decide(home, decision(home, in_review, NOBODY, "2021-07-06"))
    assert links(home) == [(None, "review")]
    assert [each.verdict for each in decisions(home)] == [PERSON, UNDONE, NOBODY]


def test_screening_and_its_explanation_rest_on_the_decision(home: Home, in_review: int) -> None:
    pack, as_of = load_pack(), date(2021, 7, 15)

    def found(known_at: str) -> list[tuple[str, str]]:
        batch = screen(home, pack, as_of, date.fromisoformat(known_at))
        return [(clue.household_no, clue.rules[0]) for clue in batch.clues]

    before = found("2021-07-15")
    assert before == []
    decide(home, decision(home, in_review))
    assert found("2021-07-15") == [("H2", "complaint.hardship")]
    assert found("2021-06-30") == []
    [clue] = screen(home, pack, as_of, as_of).clues
    assert f"由{OFFICE}人工确认" in clue.evidence["complaint.hardship"]["rows"][0]["text"]
    facts = explain(home, pack, "H2", as_of).as_json()["facts"]
    texts = [row["text"] for fact in facts for row in fact["rows"] if row["delivery"] == "D000002"]
    assert texts
    assert all(f"由{OFFICE}人工确认" in text for text in texts)
    decide(home, decision(home, in_review, UNDONE, "2021-07-12"))
    assert found("2021-07-15") == []
    assert found("2021-07-11") == [("H2", "complaint.hardship")]


def test_the_second_to_decide_is_told_who_was_first(home: Home, in_review: int) -> None:
    decide(home, decision(home, in_review))
    with pytest.raises(AlreadyDecided, match=OFFICE):
        decide(home, decision(home, in_review, NOBODY))
    decide(home, decision(home, in_review, UNDONE))
    with pytest.raises(AlreadyDecided):
        decide(home, decision(home, in_review, UNDONE))


def test_only_a_candidate_of_a_row_in_review_can_be_decided(home: Home, in_review: int) -> None:
    for wrong in (
        decision(home, in_review, person=pseudonym(home.keys(), number(1))),
        decision(home, in_review, line=3),
        decision(home, 1),
        decision(home, 99),
    ):
        with pytest.raises(InputError):
            decide(home, wrong)
    assert decisions(home) == []
    [proposal] = waiting_row(home, in_review, 2).proposals
    assert "姓名相同" in proposal.evidence


def test_the_same_form_is_recognised(home: Home, in_review: int) -> None:
    decide(home, decision(home, in_review, key="abc"))
    with deciding(home) as desk:
        assert desk.of_key("abc") == decision(home, in_review, key="abc")
        assert desk.of_key("") is None


def test_killed_while_writing_leaves_whole_decisions_only(home: Home, in_review: int) -> None:
    ledger = home.path / LEDGER
    decide(home, decision(home, in_review))
    whole = ledger.read_bytes()
    for cut in range(len(whole)):
        ledger.write_bytes(whole[:cut])
        assert decisions(home) == []
        with deciding(home) as desk:
            desk.add(decision(home, in_review))
        assert ledger.read_bytes() == whole


def test_a_damaged_ledger_is_said_and_not_skipped(home: Home, in_review: int) -> None:
    decide(home, decision(home, in_review))
    ledger = home.path / LEDGER
    ledger.write_bytes(b"{}\n" + ledger.read_bytes())
    with pytest.raises(Failure, match="已损坏"):
        Lake(home, None)


def test_a_later_version_of_the_row_speaks_for_itself(home: Home, in_review: int, send) -> None:
    decide(home, decision(home, in_review))
    send("hotline_complaint", [HOTLINE, complaint(1, "冉大田", number(2))], on="2021-07-10")
    assert links(home) == [(pseudonym(home.keys(), number(2)), "linked")]


def test_without_decisions_the_statements_are_those_of_before(home: Home, in_review: int) -> None:
    with Lake(home, None) as lake:
        statement = lake.versions("hotline_complaint", ("person",))
    assert "JOIN" not in statement
    decide(home, decision(home, in_review, NOBODY))
    with Lake(home, None) as lake:
        assert lake.versions("hotline_complaint", ("person",)) == statement


def test_no_identity_number_stands_in_the_ledger(home: Home, in_review: int) -> None:
    decide(home, decision(home, in_review))
    assert number(3).encode() not in (home.path / LEDGER).read_bytes()
    assert pl.read_ndjson(home.path / LEDGER)["delivery"].to_list() == [in_review]
