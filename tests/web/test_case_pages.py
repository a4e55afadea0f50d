"""监测对象: a case on its page, collected, reviewed, posted up and objected to, with what cannot be said beside the form."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.timezone import localdate

from shouwang.audit.models import Entry
from shouwang.cases.models import Case, Collection
from shouwang.kernel.home import Home

AtDesk = Callable[[str], Client]
TOLD = {
    "consented_on": localdate().isoformat(),
    "consented_by": "冉光荣",
    "members": "2",
    "a-wage_income": "8,000",
    "monitor_type": "unstable",
    "main_risk": "illness",
    "risks": ["unsafe_water"],
    "reason": "户主住院",
}
MINUTES = {
    "action": "deliberate",
    "held_on": localdate().isoformat(),
    "chair": "村支书",
    "present": "30",
    "votes_for": "28",
    "votes_against": "2",
    "text": "逐户介绍情况后表决",
}
pytestmark = pytest.mark.usefixtures("home")


def sent(client: Client, city: SimpleNamespace, what: str, form: dict[str, object]) -> str:
    """Sends a form with what was on the screen; gives what the next page says."""
    version = Case.objects.get(pk=city.case.pk).version
    told = {"seen": version, "key": f"{what}{version}"} | form
    return client.post(f"/cases/{city.case.number}/{what}/", told, follow=True).content.decode()


def test_the_village_collects_reviews_and_posts_up(city: SimpleNamespace, at_desk: AtDesk, home: Home) -> None:
    client, page = at_desk("village"), f"/cases/{city.case.number}/"
    assert city.case.number in client.get("/cases/").content.decode()
    assert city.case.number in client.get("/today/").content.decode()
    assert "待民主评议" in sent(client, city, "collect", TOLD)
    assert [str(Collection.objects.get().per_capita), Collection.objects.get().risks] == [
        "4000.00",
        ["illness", "unsafe_water"],
    ]
    assert "村内公示" in sent(client, city, "move", MINUTES)
    assert "张贴公示" in sent(client, city, "move", {"action": "post_up", "place": "公示栏"})
    said = client.get(page).content.decode()
    for words in ("防止返贫监测对象公示", "脱贫不稳定户", "4,000.00", "到会 30 人，同意 28 票"):
        assert words in said
    assert 'value="report"' not in said
    assert "公示到" in sent(client, city, "move", {"action": "report"})
    assert "待采集信息" in sent(client, city, "move", {"action": "object", "reason": "家里有车"})
    assert Entry.objects.filter(action="case_viewed", subject=city.case.number).exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a-wage_income": "八千"}, "不是金额"),
        ({"consented_on": "2021-02-30"}, "签署日期不对"),
        ({"consented_on": ""}, "签署日期不对"),
        ({"members": "x"}, "至少为 1"),
        ({"monitor_type": "marginal"}, "不能认定为边缘易致贫户"),
        ({"monitor_type": ""}, "请选择监测对象类型"),
        ({"reason": ""}, "请填写认定理由"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    city: SimpleNamespace, at_desk: AtDesk, change: dict[str, str], said: str
) -> None:
    answer = at_desk("village").post(f"/cases/{city.case.number}/collect/", TOLD | {"seen": 1, "key": "k"} | change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "冉光荣" in answer.content.decode()
    assert Collection.objects.count() == 0


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"action": "fly"}, "没有选择要办的事项"),
        ({"action": "approve"}, "没有生效"),
        (MINUTES | {"votes_for": "many"}, "同意票"),
    ],
)
def test_a_wrong_order_is_refused_in_words(
    city: SimpleNamespace, at_desk: AtDesk, form: dict[str, str], said: str
) -> None:
    assert said in sent(at_desk("village"), city, "move", form)
    assert Case.objects.get().version == 1


def test_the_township_helps_first_and_nobody_else_s_case_is_seen(city: SimpleNamespace, at_desk: AtDesk) -> None:
    assert "先行帮扶" in sent(at_desk("township"), city, "move", {"action": "help_first", "reason": "房屋倒塌"})
    assert Case.objects.get().help_first == "房屋倒塌"
    for stranger in ("foreign", "department"):
        assert at_desk(stranger).get(f"/cases/{city.case.number}/").status_code == 404
        assert city.case.number not in at_desk(stranger).get("/cases/").content.decode()
