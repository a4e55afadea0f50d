"""政策: a value proposed on its page, its changes read within the own area, decided by somebody else, seen by all."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from small_city import CITY, COUNTY, FOREIGN_COUNTY, FOREIGN_TOWNSHIP, TOWNSHIP, make_amendment, make_user

from shouwang.amendments.models import Amendment
from shouwang.audit.models import Entry
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from signed_in import sign_in

PAGE = "/policy/parameters/income.monitoring_line/"
AtDesk = Callable[[str], Client]
TOLD = {
    "value": "7200",
    "valid_from": "2022-07-01",
    "document": "关于调整监测范围的通知",
    "document_number": "",
    "clause": "第三条",
    "reason": "物价上涨",
}


@pytest.fixture
def city(city_anew: SimpleNamespace) -> SimpleNamespace:
    return city_anew


@pytest.fixture
def second(city: SimpleNamespace) -> Client:
    return sign_in(Client(), make_user("second", CITY, "city"))


@pytest.mark.django_db(transaction=True)
def test_proposed_decided_and_read_by_everybody(
    city: SimpleNamespace, at_desk: AtDesk, second: Client, home: Home
) -> None:
    amendment = make_amendment(city.users["county"], COUNTY)
    address = f"/policy/amendments/{amendment.pk}/"
    assert "等待审定" in at_desk("county").get(address).content.decode()
    assert 'value="accept"' not in at_desk("county").get(address).content.decode()
    assert "待审定的参数建议" in second.get("/policy/").content.decode()
    page = second.get(address)
    assert 'value="accept"' in page.content.decode()
    answer = second.post(
        f"{address}step/", {"step": "accept", "reason": "同意，按通知执行", "key": page.context["key"]}, follow=True
    )
    assert "已同意，新数值从施行日期起生效" in answer.content.decode()
    assert current_pack().parameters["income.monitoring_line"].at(date(2022, 7, 1)) == 7000
    late = sign_in(Client(), make_user("late", CITY, "city"))
    answer = late.post(f"{address}step/", {"step": "reject", "reason": "不同意"}, follow=True).content.decode()
    assert "second已于" in answer
    read = at_desk("village").get(PAGE).content.decode()
    assert "关于调整监测范围的通知（渝乡振发〔2022〕9号） 第二条" in read
    assert "第 1 次审定" in read
    assert f'href="{address}"' not in read
    assert "7000元" in at_desk("village").get("/policy/").content.decode()
    assert Entry.objects.filter(action="parameter_decided", subject=str(amendment.pk)).count() == 1


def test_values_are_said_in_words_and_shares_in_percent(at_desk: AtDesk) -> None:
    page = at_desk("county").get("/policy/").content.decode()
    assert all(
        each in page for each in ("因自然灾害、因意外事故", "个人自付医疗费用偏高、门诊慢特病负担", "50%", "1.5倍")
    )
    assert not any(each in page for each in ("natural_disaster、", "medical.chronic_outpatient、", "0.5倍"))


def test_a_form_sent_three_times_is_one_proposal(city: SimpleNamespace, at_desk: AtDesk) -> None:
    client = at_desk("county")
    key = client.get(PAGE).context["key"]
    answers = [client.post(PAGE, TOLD | {"key": key})["Location"] for _ in range(3)]
    assert len(set(answers)) == 1
    made = Amendment.objects.get(clause="第三条")
    assert (made.value, made.area_id, made.whatifs.get().state) == ("7200", COUNTY, "waiting")
    page = client.get(answers[0]).content.decode()
    assert "data-follow" in page
    assert "排队中" in page
    assert "7200元" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "七千"}, "不是数"),
        ({"value": "6000"}, "本来就是6000元"),
        ({"valid_from": "2022-13-01"}, "2024-03-05 这样的日期"),
        ({"clause": ""}, "这个字段是必填项"),
    ],
)
def test_what_cannot_be_proposed_is_said_beside_the_form(
    city: SimpleNamespace, at_desk: AtDesk, change: dict[str, str], words: str
) -> None:
    answer = at_desk("county").post(PAGE, TOLD | change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "关于调整监测范围的通知" in answer.content.decode()
    assert Amendment.objects.exclude(pk=city.amendment.pk).count() == 0


def test_changes_are_read_within_the_own_area(city: SimpleNamespace, at_desk: AtDesk, second: Client) -> None:
    own = at_desk("county").get(f"/policy/amendments/{city.amendment.pk}/").context["differences"]
    assert [row["change"].code for row in own["rows"]] == [TOWNSHIP]
    assert (own["sums"]["before"], own["sums"]["come"]) == (3, 1)
    whole = second.get(f"/policy/amendments/{city.amendment.pk}/").context["differences"]
    assert [row["change"].code for row in whole["rows"]] == [FOREIGN_COUNTY, COUNTY]
    assert (whole["sums"]["before"], whole["sums"]["come"]) == (6, 6)
    one = second.get(f"/policy/amendments/{city.amendment.pk}/", {"area": FOREIGN_COUNTY}).context["differences"]
    assert [row["change"].code for row in one["rows"]] == [FOREIGN_TOWNSHIP]
    for area in (FOREIGN_COUNTY, TOWNSHIP, "999999999999"):
        assert at_desk("county").get(f"/policy/amendments/{city.amendment.pk}/", {"area": area}).status_code == 404


def test_a_whatif_of_an_earlier_policy_is_said_to_be_old(city: SimpleNamespace, second: Client) -> None:
    city.amendment.whatifs.update(pack_version="2020.1+abc")
    page = second.get(f"/policy/amendments/{city.amendment.pk}/").content.decode()
    assert "推演之后政策已有变化" in page
    assert 'value="accept"' not in page
    second.post(f"/policy/amendments/{city.amendment.pk}/whatif/")
    assert city.amendment.whatifs.count() == 2


def test_who_may_not_propose_sees_no_form(city: SimpleNamespace, at_desk: AtDesk) -> None:
    assert "提出新数值" in at_desk("county").get(PAGE).content.decode()
    page = at_desk("township").get(PAGE).content.decode()
    assert "提出新数值" not in page
    assert "待审定的建议" not in page


def test_example_cases_are_sentences(city: SimpleNamespace, at_desk: AtDesk) -> None:
    said = at_desk("village").get("/policy/rules/medical.high_out_of_pocket/").content.decode()
    assert (
        "截至2021年6月17日，有一户脱贫户，在册1人；医保结算明细记着户主：结算日期2021年1月10日，个人自付 5000 元；"
        "按本规则应当预警。"
    ) in said


def test_who_is_to_decide_reads_it_on_the_first_page(city: SimpleNamespace, at_desk: AtDesk, second: Client) -> None:
    assert "有 1 项政策参数建议等您审定" in second.get("/").content.decode()
    assert "等您审定" not in at_desk("county").get("/").content.decode()
    make_amendment(city.users["city"], CITY)
    assert "有 1 项政策参数建议等您审定" in at_desk("city").get("/").content.decode()
    Amendment.objects.update(state="withdrawn")
    assert "等您审定" not in second.get("/").content.decode()


def test_the_history_of_a_rule_stands_on_its_page(
    city: SimpleNamespace, at_desk: AtDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "/policy/rules/income.below_line/"
    assert "第 1 版：首版，没有改动过" in at_desk("village").get(page).content.decode()
    shutil.copytree(current_pack().path, tmp_path / "pack")
    rule = tmp_path / "pack" / "rules" / "income" / "below_line.yaml"
    change = "version: 2\nchanges: [{since: 2022-03-01, what: 计入理赔, ground: {document: plan-149, clause: 第五章第二节}}]\n"
    rule.write_text(rule.read_text(encoding="utf-8").replace("version: 1\n", change), encoding="utf-8")
    monkeypatch.setenv("SHOUWANG_POLICY", str(tmp_path / "pack"))
    said = at_desk("village").get(page).content.decode()
    assert "第 2 版：计入理赔" in said
    assert "2022年3月1日" in said
