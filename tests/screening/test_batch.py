"""What a screening hands over: reasons in words, evidence to the last row, levels, flags and coverage."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from screening.random_worlds import RandomWorld
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, init_home
from shouwang.policy.pack import load_pack
from shouwang.screening import telling
from shouwang.screening.batch import BatchClue, ClueBatch
from shouwang.screening.example_world import ExampleRow, ExampleWorld
from shouwang.screening.explain import explain
from shouwang.screening.run import screen
from shouwang.screening.whatif import whatif

D = date(2021, 6, 17)
VILLAGE = "500101001001"


def member(who: str, household: str = "H1", **values: Any) -> ExampleRow:
    given = {"household_no": household, "division_code": VILLAGE, "household_type": "脱贫户", "name": f"张{who}"}
    given |= {"birth_date": date(1980, 1, 1), "labour": "普通劳动力"}
    return ExampleRow("household_register", date(2021, 1, 5), given | values, who)


def row(source: str, who: str | None, received_on: date = date(2021, 6, 1), **values: Any) -> ExampleRow:
    return ExampleRow(source, received_on, values, who, None if who is None else "linked")


def settlement(number: str, who: str, settled_on: date, amount: str, received_on: date = D) -> ExampleRow:
    values = {"settlement_no": number, "settled_on": settled_on, "care_type": "住院", "out_of_pocket": amount}
    return row("medical_settlement", who, received_on, **values)


def income(household: str, amount: str) -> ExampleRow:
    return row("income_statement", None, household_no=household, period_end=date(2021, 5, 31), wage_income=amount)


def accident(who: str) -> ExampleRow:
    return row("accident_report", who, outcome="伤残", happened_on=date(2021, 6, 1))


def screened(tmp_path: Path, *rows: ExampleRow) -> ClueBatch:
    return screen(ExampleWorld(list(rows)).build(tmp_path / "home"), load_pack(), D)


def only(batch: ClueBatch) -> BatchClue:
    assert len(batch.clues) == 1
    return batch.clues[0]


def test_a_reason_says_what_was_found_compared_with_what_and_from_which_lines(tmp_path: Path) -> None:
    rows = [settlement(f"S{n}", "甲", date(2021, 1, n), "2000.10", date(2021, 2, 5)) for n in (1, 2, 3)]
    clue = only(screened(tmp_path, member("甲"), *rows, settlement("S4", "甲", date(2021, 3, 1), "0.20")))
    assert clue.reasons == (
        "近12个月（2020年6月1日至2021年5月31日）个人自付医疗费合计6000.50元，达到脱贫户预警标准5000元"
        "（依据：D000002第2行、第3行、第4行等4条）"
    )
    evidence = clue.evidence["medical.high_out_of_pocket"]
    assert evidence["facts"] == {"lifted_out_of_poverty": True, "medical_out_of_pocket": "6000.50"}
    assert evidence["parameters"]["medical.high_lifted"] == "5000.00"
    assert evidence["parameters"]["medical.window_months"] == 12
    assert [(r["delivery"], r["line"]) for r in evidence["rows"]] == [
        ("D000002", 2),
        ("D000002", 3),
        ("D000002", 4),
        ("D000003", 2),
    ]
    assert evidence["rows"][0]["text"] == "结算日期2021-01-01，医疗类别住院，个人自付2000.10元"
    assert json.loads(json.dumps(clue.evidence)) == clue.evidence


def test_evidence_is_capped_and_its_total_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "EVIDENCE_ROWS", 5)
    rows = [settlement(f"S{n}", "甲", date(2021, 1, 1), "1000") for n in range(8)]
    clue = only(screened(tmp_path, member("甲"), *rows))
    evidence = clue.evidence["medical.high_out_of_pocket"]
    assert (len(evidence["rows"]), evidence["rows_total"]) == (5, 8)
    assert "等8条" in clue.reasons


def test_small_rows_beside_a_large_one_are_not_its_evidence(tmp_path: Path) -> None:
    def grant(day: int, amount: str) -> ExampleRow:
        return row(
            "social_assistance", "甲", category="临时救助", starts_on=date(2021, 6, day), amount=amount, name="张甲"
        )

    clue = only(screened(tmp_path, member("甲"), grant(1, "100"), grant(2, "3000"), grant(3, "4000")))
    assert "4000.00元" in clue.reasons
    assert [r["line"] for r in clue.evidence["assistance.large_temporary"]["rows"]] == [3, 4]


def test_levels(tmp_path: Path) -> None:
    batch = screened(
        tmp_path,
        *(member(who, f"H{who}") for who in "红橙黄二未"),
        *(income(f"H{who}", "100") for who in "红橙"),
        *(income(f"H{who}", "9000") for who in "黄二"),
        *(accident(who) for who in "红黄二未"),
        row("housing_appraisal", "二", grade="D", appraised_on=date(2021, 5, 1)),
    )
    assert {(c.household_no, c.risk_type): c.level for c in batch.clues} == {
        ("H红", "accident"): "red",
        ("H红", "other"): "red",
        ("H橙", "other"): "orange",
        ("H黄", "accident"): "yellow",
        ("H二", "accident"): "orange",
        ("H二", "unsafe_housing"): "orange",
        ("H未", "accident"): "yellow",
    }
    assert batch.income_unknown == ["H未"]
    assert batch.by_level() == {"red": 2, "orange": 3, "yellow": 2}


def test_assets_stand_beside_a_clue_and_exclude_nobody(tmp_path: Path) -> None:
    def car(who: str, day: date) -> ExampleRow:
        return row("asset_record", who, category="小型客车", registered_on=day, value="80000")

    gone = row("vital_event", "丙", kind="死亡", happened_on=D)
    rows = [member(who) for who in "甲乙丙"] + [accident("甲"), gone]
    cars = [car("甲", D), car("乙", date(2021, 6, 18)), car("丙", date(2020, 1, 1))]
    flags = only(screened(tmp_path, *rows, *cars)).flags
    assert [(f["category"], f["registered_on"], f["value"]) for f in flags] == [("小型客车", "2021-06-17", "80000.00")]


def test_no_name_and_no_number_of_a_person_in_a_clue(tmp_path: Path) -> None:
    drawn = RandomWorld(4)
    for each in drawn.rows:
        each.values = {**each.values, "name": "诸葛保密"} if "household" not in str(each.values) else each.values
    rows = [r for r in drawn.rows if r.source not in ("income_statement", "water_fault")]
    batch = screen(ExampleWorld(rows).build(tmp_path / "home"), load_pack(), drawn.d)
    text = json.dumps([[c.reasons, c.evidence, c.flags] for c in batch.clues], ensure_ascii=False)
    assert batch.clues
    assert "诸葛保密" not in text
    assert not re.search(r"(?<!\d)\d{17}[\dXx](?!\d)", re.sub(r'"person": \d+', "", text))


def test_an_empty_home_has_no_households(tmp_path: Path) -> None:
    batch = screen(init_home(tmp_path / "home"), load_pack(), D)
    assert (batch.households_screened, batch.clues, batch.income_unknown) == (0, [], [])
    assert len(batch.hits_by_rule) == 19
    assert set(batch.hits_by_rule.values()) == {0}


def test_a_screening_is_the_same_again(tmp_path: Path) -> None:
    drawn = RandomWorld(5)
    home = drawn.world().build(tmp_path / "home")
    assert screen(home, load_pack(), drawn.d) == screen(home, load_pack(), drawn.d)


def test_progress_ends_at_a_hundred(tmp_path: Path) -> None:
    told: list[int] = []
    screen(init_home(tmp_path / "home"), load_pack(), D, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 100


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"overrides": {"income.no_such": "1"}}, "income.no_such"),
        ({"overrides": {"income.monitoring_line": "many"}}, "many"),
        ({"area": "999999999999"}, "999999999999"),
        ({"area": "5001"}, "5001"),
    ],
)
def test_what_cannot_be_understood_is_refused(home: Home, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        screen(home, load_pack(), D, **settings)


def test_before_the_packs_first_day_nothing_is_screened(home: Home) -> None:
    with pytest.raises(InputError, match="2019-12-31"):
        screen(home, load_pack(), date(2019, 12, 31))


def test_an_area_is_screened_alone_but_sees_its_whole_county(tmp_path: Path) -> None:
    pack = load_pack()
    drawn = RandomWorld(7)
    home = drawn.world().build(tmp_path / "home")
    whole = screen(home, pack, drawn.d)
    for area in ("500101000000", "500101001000"):
        part = screen(home, pack, drawn.d, area=area)
        scope = area.rstrip("0") if area.endswith("000000") else area[:9]
        assert part.clues == [c for c in whole.clues if c.division_code.startswith(scope)]
        assert part.clues


@pytest.mark.parametrize("seed", [1, 2])
def test_explain_says_of_every_household_what_the_screening_found(seed: int, tmp_path: Path) -> None:
    pack, drawn = load_pack(), RandomWorld(seed, households=12)
    home = drawn.world().build(tmp_path / "home")
    batch = screen(home, pack, drawn.d, drawn.known_at)
    fired = {(c.household_no, rule): (c.level, c.evidence[rule]) for c in batch.clues for rule in c.rules}
    known = {r.values["household_no"] for r in drawn.rows if r.source == "household_register"}
    late = {
        r.values["household_no"] for r in drawn.rows if "household_no" in r.values and r.received_on > drawn.known_at
    }
    for number in sorted(known - late):
        found = explain(home, pack, number, drawn.d, drawn.known_at)
        for rule in found.rules:
            expected = fired.get((number, rule.rule))
            assert rule.fired == (expected is not None), (number, rule.rule, rule.why)
            if expected:
                assert found.level == expected[0]
                assert expected[1]["reason"].startswith(rule.reason)
                values = {fact.name: fact.value for fact in found.facts}
                assert expected[1]["facts"].items() <= values.items()
        assert json.dumps(found.as_json(), ensure_ascii=False)


def test_explain_fills_both_sides_of_what_it_compares(tmp_path: Path) -> None:
    rows = [member("甲"), member("乙"), income("H1", "15000"), settlement("S1", "甲", date(2021, 5, 1), "4999.99")]
    home = ExampleWorld(rows).build(tmp_path / "home")
    found = {rule.rule: rule for rule in explain(home, load_pack(), "H1", D).rules}
    below = found["income.below_line"]
    assert [c.holds for c in below.comparisons] == [False]
    assert below.why == "家庭纯收入15000.00元 ＜ 防止返贫监测线6000元/人·年 × 家庭成员2人（=12000.00）【不成立】"
    assert (
        "个人自付医疗费合计4999.99元 ≥ 脱贫户个人自付预警标准5000元【不成立】"
        in found["medical.high_out_of_pocket"].why
    )


def test_explain_without_a_statement_says_unknown(tmp_path: Path) -> None:
    home = ExampleWorld([member("甲")]).build(tmp_path / "home")
    found = explain(home, load_pack(), "H1", D)
    facts = {fact.name: fact for fact in found.facts}
    assert (facts["net_income"].value, facts["net_income"].words) == (None, "未知")
    assert {r.rule: r for r in found.rules}["income.below_line"].comparisons[0].holds is None


def test_explain_of_a_household_that_nobody_belongs_to_any_more(tmp_path: Path) -> None:
    gone = row("vital_event", "甲", kind="死亡", happened_on=D)
    home = ExampleWorld([member("甲"), accident("甲"), gone]).build(tmp_path / "home")
    found = explain(home, load_pack(), "H1", D)
    assert not found.screened
    assert not any(rule.fired for rule in found.rules)
    assert any("没有在册成员" in line for line in found.lines())


def test_explain_refuses_an_unknown_household(home: Home) -> None:
    with pytest.raises(InputError, match="H'; DROP"):
        explain(home, load_pack(), "H'; DROP TABLE household; --", D)


def test_whatif_names_the_clues_that_come_and_go(tmp_path: Path) -> None:
    rows = [member(who, f"H{who}", division_code=VILLAGE if who != "丙" else "500102001001") for who in "甲乙丙"]
    rows += [income("H甲", "6500"), income("H乙", "5000"), income("H丙", "6999.99"), accident("甲")]
    home = ExampleWorld(rows).build(tmp_path / "home")
    pack = load_pack()
    more = whatif(home, pack, D, {"income.monitoring_line": "7000"})
    assert [(c.household_no, c.risk_type, c.level) for c in more.come] == [
        ("H丙", "other", "orange"),
        ("H甲", "other", "red"),
    ]
    assert more.go == []
    assert [(old.level, new.level, new.household_no) for old, new in more.moved] == [("yellow", "red", "H甲")]
    said = more.as_json()
    assert said["come"]["by_level"] == {"red": 1, "orange": 1, "yellow": 0}
    assert [(c["code"], c["name"]) for c in said["come"]["by_county"]] == [
        ("500101000000", "万州区"),
        ("500102000000", "涪陵区"),
    ]
    assert said["set"] == {"income.monitoring_line": {"before": "6000", "after": "7000"}}
    less = whatif(home, pack, D, {"income.monitoring_line": "4000", "accident.recent_days": "1"}, area="500101000000")
    assert [(c.household_no, c.risk_type) for c in less.go] == [("H乙", "other"), ("H甲", "accident")]
    assert all(isinstance(line, str) for line in less.lines(pack))
