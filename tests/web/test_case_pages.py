"""监测对象: a case on its page, collected, reviewed, posted up and objected to, with what cannot be said beside the form."""

import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate
from PIL import Image
from small_city import VILLAGE, make_case, make_household

from conftest_numbers import number
from shouwang.audit.models import Entry
from shouwang.cases.models import Case, CasePhoto, Collection, OnlineObjection
from shouwang.kernel.home import Home

AtDesk = Callable[[str], Client]
TOLD = {
    "consented_on": localdate().isoformat(),
    "consented_by": "冉光荣",
    "members": "2",
    "a-wage_income": "8,000",
    "nothing-else": "1",
    "monitor_type": "unstable",
    "main_risk": "illness",
    "risks": ["unsafe_water"],
    "reason": "户主住院",
}


def collected(**more: object) -> dict[str, object]:
    """The form of a collection with a photo of the consent, which is read once."""
    return TOLD | {"photos": [photo()]} | more


def photo() -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(stream, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", stream.getvalue(), "image/jpeg")


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
    assert "待民主评议" in sent(client, city, "collect", collected())
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
    notice = Case.objects.get(pk=city.case.pk).notices.get()
    proof = {"taken_on": localdate().isoformat(), "place": "公示栏", "key": "k", "photos": [photo()]}
    assert "公示照片已保存" in client.post(f"/notices/{notice.pk}/proof/", proof, follow=True).content.decode()
    assert CasePhoto.objects.count() == 2
    for each in CasePhoto.objects.all():
        assert client.get(f"/case-photos/{each.name}/").content.startswith(b"\xff\xd8")
        assert each.name in client.get(page).content.decode()
    assert Entry.objects.filter(action="case_photo_viewed").count() == 2
    assert "才满" in client.post(f"/notices/{notice.pk}/down/", follow=True).content.decode()
    assert "待采集信息" in sent(client, city, "move", {"action": "object", "reason": "家里有车"})
    assert Entry.objects.filter(action="case_viewed", subject=city.case.number).exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a-wage_income": "八千"}, "不是金额"),
        ({"a-wage_income": "", "nothing-else": ""}, "没有填写工资性收入"),
        ({"consented_on": "2021-02-30"}, "签署日期不对"),
        ({"consented_on": ""}, "签署日期不对"),
        ({"members": "x"}, "至少为 1"),
        ({"monitor_type": "marginal"}, "不能认定为边缘易致贫户"),
        ({"monitor_type": ""}, "请选择监测对象类型"),
        ({"reason": ""}, "请填写认定理由"),
        ({"photos": []}, "承诺授权书须附 1 张以上"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    city: SimpleNamespace, at_desk: AtDesk, change: dict[str, str], said: str
) -> None:
    answer = at_desk("village").post(f"/cases/{city.case.number}/collect/", collected(seen=1, key="k", **change))
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
    assert Case.objects.get(pk=city.case.pk).version == 1


def test_nobody_writes_minutes_twice(city: SimpleNamespace, at_desk: AtDesk) -> None:
    """What was typed comes back once with the refusal, without identity numbers; what was right brings nothing back."""
    client, wrong = at_desk("village"), MINUTES | {"votes_for": "many", "chair": f"村支书{number(5)}"}
    said = sent(client, city, "move", wrong)
    assert 'data-typed="deliberate text"' in said
    assert "逐户介绍情况后表决" in said
    assert number(5) not in said
    assert "data-typed" not in client.get(f"/cases/{city.case.number}/").content.decode()
    right = sent(at_desk("township"), city, "move", {"action": "help_first", "reason": "房屋倒塌"})
    assert "data-typed" not in right


def test_the_township_helps_first_and_nobody_else_s_case_is_seen(city: SimpleNamespace, at_desk: AtDesk) -> None:
    assert "先行帮扶" in sent(at_desk("township"), city, "move", {"action": "help_first", "reason": "房屋倒塌"})
    assert Case.objects.get(pk=city.case.pk).help_first == "房屋倒塌"
    for stranger in ("foreign", "department"):
        assert at_desk(stranger).get(f"/cases/{city.case.number}/").status_code == 404
        assert city.case.number not in at_desk(stranger).get("/cases/").content.decode()


def test_the_township_refuses_and_the_village_tells_the_household(city: SimpleNamespace, at_desk: AtDesk) -> None:
    Case.objects.filter(pk=city.case.pk).update(stage="township_audit", desk_id=city.case.area.parent_id)
    assert "待告知农户" in sent(at_desk("township"), city, "move", {"action": "refuse", "reason": "收入高于监测线"})
    village = at_desk("village")
    assert "收入高于监测线" in village.get(f"/cases/{city.case.number}/").content.decode()
    wrong = {"action": "notify", "told_on": "", "told_to": "", "way": "pigeon"}
    assert "告知日期" in sent(village, city, "move", wrong)
    told = {"action": "notify", "told_on": localdate().isoformat(), "told_to": "冉光荣", "way": "in_person"}
    assert "未纳入" in sent(village, city, "move", told)
    assert "当面告知" in village.get(f"/cases/{city.case.number}/").content.decode()
    assert "待采集信息" in sent(at_desk("township"), city, "move", {"action": "recheck", "reason": "农户不服"})


def test_an_objection_from_the_public_page_is_set_aside_by_the_township_alone(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    Case.objects.filter(pk=city.case.pk).update(stage="publicity")
    village, township = at_desk("village"), at_desk("township")
    sent(village, city, "move", {"action": "post_up", "place": "公示栏"})
    notice = Case.objects.get(pk=city.case.pk).notices.get()
    online = OnlineObjection.objects.create(notice=notice, text="户主有商铺", received_on=localdate(), key="k")
    for client in (village, township):
        assert "户主有商铺" in client.get(f"/cases/{city.case.number}/").content.decode()
    form = {"action": "set_aside", "online": online.pk, "reason": "查无此事"}
    assert "不由您" in sent(village, city, "move", form)
    assert "网上异议不予受理" in sent(township, city, "move", form)
    assert "查无此事" in village.get(f"/cases/{city.case.number}/").content.decode()


def test_the_comparison_is_a_step_of_its_own(city: SimpleNamespace, at_desk: AtDesk) -> None:
    assert "信息比对" in sent(at_desk("village"), city, "move", {"action": "compare"})
    assert "各部门没有交付过这一户的数据" in at_desk("village").get(f"/cases/{city.case.number}/").content.decode()


def test_many_are_agreed_to_at_once_each_by_itself(city: SimpleNamespace, at_desk: AtDesk) -> None:
    """One is agreed to, one was moved meanwhile, one stands nowhere; what cannot be is told, the others are done."""
    Case.objects.filter(pk=city.case.pk).update(stage="publicity")
    sent(at_desk("village"), city, "move", {"action": "post_up", "place": "公示栏"})
    Case.objects.filter(pk=city.case.pk).update(stage="township_audit", desk_id=city.case.area.parent_id)
    case, second = Case.objects.get(pk=city.case.pk), make_household("500101001001-0009", VILLAGE, "向明", 912)
    other = make_case(second)
    Case.objects.filter(pk=other.pk).update(stage="township_audit", desk_id=case.area.parent_id)
    township, page = at_desk("township"), at_desk("township").get("/cases/").content.decode()
    picks = [f"{case.version}:{case.number}", f"1:{other.number}", "1:none", f"1:{city.case.number}X"]
    for each in picks[:2]:
        assert f'value="{each}"' in page
    for _ in range(3):
        said = township.post("/cases/decide/", {"pick": picks, "key": "k", "reason": "同意"}).content.decode()
    assert "1 件已办理，3 件没有动" in said
    assert "评议没有通过或没有公示，不能同意纳入" in said
    case.refresh_from_db()
    assert (case.stage, case.steps.filter(action="agree").count()) == ("county_approval", 1)
    assert Entry.objects.filter(action="case_agreed").count() == 1
    assert (
        "1 件已办理"
        in at_desk("county")
        .post("/cases/decide/", {"pick": f"{case.version}:{case.number}", "key": "c"})
        .content.decode()
    )
    assert at_desk("village").post("/cases/decide/", {"pick": picks}).status_code == 403
    assert 'id="decide"' not in at_desk("village").get("/cases/").content.decode()
