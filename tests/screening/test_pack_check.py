"""The check of a policy pack finds every fault that is planted; that the shipped one passes, `cli/test_command_line.py` sees."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from shouwang.policy.pack import load_pack
from shouwang.screening.pack_check import check_pack

TODAY = date(2021, 6, 17)
LINE = "parameters/income/monitoring_line.yaml"
RULE = "rules/income/below_line.yaml"
CASES = "rules/income/below_line.cases.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shipped = load_pack().path
    shutil.copytree(shipped, tmp_path / "pack", ignore=shutil.ignore_patterns("divisions"))
    (tmp_path / "pack" / "divisions").symlink_to(shipped / "divisions")
    return tmp_path / "pack"


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return plant


def write(name: str, text: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    return plant


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def test_only_amounts_ask_a_person_to_act(folder: Path) -> None:
    report = check_pack(folder, TODAY, with_cases=False)
    amounts = [each for each in load_pack(folder).parameters.values() if each.type == "amount"]
    assert len(report.warnings) == len(amounts)
    assert all(any(f"参数 {each.id}（" in warning for warning in report.warnings) for each in amounts)
    assert len(report.notes) == 1
    assert "water.fault_days" in report.notes[0]
    replace(LINE, "2020-01-01: 6000", f"{TODAY}: 6000")(folder)
    assert len(check_pack(folder, TODAY, with_cases=False).warnings) == len(amounts) - 1


def test_a_fresh_value_is_not_warned_of(folder: Path) -> None:
    replace(LINE, "2020-01-01: 6000", "2020-01-01: 6000\n  2021-01-01: 6000")(folder)
    report = check_pack(folder, TODAY, with_cases=False)
    assert not any("income.monitoring_line" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (remove(LINE), "income.monitoring_line 没有定义"),
        (replace(LINE, "document: plan-149", "document: plan-999"), "plan-999"),
        (replace(LINE, "clause: 第五章第二节", "clause: 第九章"), "第九章"),
        (replace(LINE, "2020-01-01: 6000", "2021-01-01: 6000\n  2020-01-01: 5000"), "先后"),
        (replace(LINE, "type: amount", "type: codes"), "不是代码清单"),
        (replace("deadlines.yaml", "urged:", "pressed:"), "缺少时限 urged"),
        (replace("deadlines.yaml", "clause: 办理时限", "clause: 第九章"), "第九章"),
        (replace("calendar.yaml", "[2021-02-11, ", "[2012-02-11, "), "不像一个假期"),
        (replace(RULE, "net_income <", "net_incme <"), "net_incme"),
        (replace(RULE, "income.monitoring_line *", "6000 *"), "6000"),
        (replace(RULE, "risk_type: other", "risk_type: bad_luck"), "bad_luck"),
        (replace(RULE, "evidence: [net_income]", "evidence: [hearsay]"), "hearsay"),
        (replace(RULE, "{net_income}", "{net_incme}"), "net_incme"),
        (replace(RULE, "id: income.below_line", "id: income.other"), "须一致"),
        (replace(RULE, "net_income < income.monitoring_line * members", "net_income * members"), "是否判断"),
        (replace(RULE, "net_income < income.monitoring_line * members", "members and net_income"), "and"),
        (replace(RULE, "net_income < income.monitoring_line", "net_income < education.dropout_states"), "组合"),
        (replace(CASES, "fires: true", "fires: false"), "既有预警的"),
        (replace(CASES, "wage_income: 5999.99", "wage_income: 6000.00"), "应预警，实际不预警"),
        (replace(CASES, "wage_income: 5999.99", "wages: 5999.99"), "wages"),
        (remove(CASES), "既有预警的"),
        (write("rules/income/ghost.cases.yaml", "cases: []\n"), "没有对应的规则"),
        (replace("parameters/water/fault_days.yaml", "type: days", "type: codes"), "water.fault_days"),
        (replace("parameters/education/dropout_states.yaml", "疑似辍学", "疑是辍学"), "疑是辍学"),
        (replace("levels.yaml", "when: 'true'", "when: members"), "是否判断"),
        (write(LINE, "title: [\n"), "不是正确的 YAML"),
        (remove("documents.yaml"), "documents.yaml"),
        (write("pack.yaml", "title: 无编号\n"), "缺少内容"),
    ],
)
def test_a_planted_fault_is_found(folder: Path, plant: Callable[[Path], None], said: str) -> None:
    plant(folder)
    report = check_pack(folder, TODAY)
    assert any(said in fault for fault in report.faults), report.faults


def test_the_version_names_the_content(folder: Path) -> None:
    before = load_pack(folder).version
    assert load_pack(folder).version == before == load_pack().version
    replace(LINE, "2020-01-01: 6000", "2020-01-01: 6001")(folder)
    assert load_pack(folder).version != before


def test_a_year_without_its_holidays_asks_a_person_to_act(folder: Path) -> None:
    said = [
        warning for warning in check_pack(folder, date(2026, 12, 5), with_cases=False).warnings if "节假日" in warning
    ]
    assert said == ["节假日表没有2027年：暂按周一至周五计算工作日，请按国务院办公厅通知在“政策”页提出并审定"]


CHANGED = (
    "version: 2\nchanges: [{since: 2022-03-01, what: 理赔收入一并计入, ground: {document: plan-149, clause: %s}}]\n"
)


def test_a_changed_rule_says_what_became_different(folder: Path) -> None:
    replace(RULE, "version: 1\n", CHANGED % "第五章第二节")(folder)
    assert check_pack(folder, TODAY, with_cases=False).faults == []
    (change,) = load_pack(folder).rules["income.below_line"].changes
    assert (change.version, change.since, change.what) == (2, date(2022, 3, 1), "理赔收入一并计入")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("version: 2\n", "第2版，changes 却有0次改动"),
        (CHANGED % "第九十九章", "第2版的依据条款"),
        ("version: 2\nchanges: [{since: 三月, what: x}]\n", "changes 须写明"),
        ("version: 2\nchanges: [{since: 2022-03-01, what: x}]\n", "第2版的依据"),
    ],
)
def test_a_change_without_words_or_ground_is_a_fault(folder: Path, changed: str, words: str) -> None:
    replace(RULE, "version: 1\n", changed)(folder)
    assert any(words in fault for fault in check_pack(folder, TODAY, with_cases=False).faults)
