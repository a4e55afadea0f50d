"""What offices are told in person, on paper, by telephone or see on an ordinary day: the same register, the same receipt."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.timezone import localdate
from small_city import CITY, FOREIGN_COUNTY, FOREIGN_VILLAGE, TOWNSHIP, VILLAGE, make_household

from shouwang.audit.models import Entry
from shouwang.clues.models import Clue, ClueSource
from shouwang.declarations.models import Declaration
from shouwang.declarations.texting import moved
from shouwang.registration.models import RegisterRequest

TODAY = localdate()
TOLD = {
    "place": VILLAGE, "way": "call", "behalf": "neighbour", "reporter": "向明", "about": "冉光荣", "risk": ["unsafe_water"],
    "said": "断水三天", "heard_on": TODAY.isoformat(), "phone": "", "key": "form-1",
}  # fmt: skip
HEARD = {"how": "seen", "heard_on": TODAY.isoformat(), "risk": ["unsafe_water"], "said": "水管断了", "key": "form-2"}
At = Callable[[str], Client]


def take(at_desk: At, who: str = "township", **more: object) -> object:
    return at_desk(who).post("/declarations/new/", TOLD | more)


def newest() -> Declaration:
    return Declaration.objects.latest("pk")


def test_a_report_by_telephone_has_receipt_and_life_of_an_online_one(city: SimpleNamespace, at_desk: At) -> None:
    page = at_desk("township").post("/declarations/new/", TOLD, follow=True).content.decode()
    found = newest()
    receipt = re.search(r"回执编号 ((?:\d{4} ?){4})", page)
    assert receipt
    assert "".join(receipt[1].split()) == found.number
    assert (found.stage, found.desk_id, found.way, found.area_id) == ("township", TOWNSHIP, "call", VILLAGE)
    assert (found.taken_by, found.heard_on) == (city.users["township"], TODAY)
    assert found.verified_at
    assert found.due_on
    assert found.steps.get().actor == city.users["township"]
    assert Entry.objects.filter(action="declaration_received", actor=city.users["township"]).exists()
    assert "打电话" in page
    assert "township登记" in page.replace(" ", "")
    told = Client().post("/report/state/", {"number": found.number, "digits": ""}).content.decode()
    assert "已经收到，等乡镇受理" in told


def test_what_several_tell_meets_in_one_clue_with_all_its_sources(city: SimpleNamespace, at_desk: At) -> None:
    take(at_desk)
    found, household = newest(), city.household.pk
    link = {"action": "link", "household": household, "risk": "unsafe_water", "seen": found.version, "key": "k"}
    at_desk("township").post(f"/declarations/{found.number}/move/", link)
    for _ in range(3):
        answer = at_desk("village").post(f"/households/{household}/report/", HEARD)
        assert answer.status_code == 302
    clue = Clue.objects.get(household=household, risk_type="unsafe_water")
    sources = ClueSource.objects.filter(clue=clue).order_by("pk")
    assert [each.channel for each in sources] == ["self_report", "sweep"]
    assert "日常走访发现" in sources[1].text
    assert "水管断了" in sources[1].text
    page = at_desk("county").get(f"/clues/{clue.number}/").content.decode()
    assert "断水三天" in page
    assert "水管断了" in page
    assert found.number in page


def test_the_button_stands_where_somebody_may_report(city: SimpleNamespace, at_desk: At) -> None:
    url = f"/households/{city.household.pk}/"
    for who, there in (("village", True), ("county", False), ("department", False)):
        assert (f'href="{url}report/"' in at_desk(who).get(url).content.decode()) is there, who
    assert at_desk("county").get(url + "report/").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"way": "online"}, "请选择申报方式"),
        ({"heard_on": (TODAY + timedelta(days=1)).isoformat()}, "不能晚于今天"),
        ({"heard_on": (TODAY - timedelta(days=367)).isoformat()}, "也不能早于一年以前"),
        ({"heard_on": "x"}, "日期没有填写或不对"),
        ({"phone": "123"}, "联系电话不对"),
        ({"risk": []}, "请选择遇到了什么困难"),
        ({"place": FOREIGN_VILLAGE}, "没有选择村"),
        ({"reporter": ""}, "请填写您的姓名"),
        ({"id_number": "500101200001011233"}, "身份证号码不对"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    change: dict[str, object], said: str, city: SimpleNamespace, at_desk: At
) -> None:
    before = Declaration.objects.count()
    answer = take(at_desk, **change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Declaration.objects.count() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"how": "x"}, "请选择怎么知道的"),
        ({"heard_on": (TODAY + timedelta(days=1)).isoformat()}, "不能晚于今天"),
        ({"heard_on": (TODAY - timedelta(days=367)).isoformat()}, "也不能早于一年以前"),
        ({"risk": ["x"]}, "请选择遇到了什么困难"),
        ({"said": " "}, "请填写看到或听到的情况"),
    ],
)
def test_a_difficulty_that_is_not_whole_is_not_kept(
    change: dict[str, object], said: str, city: SimpleNamespace, at_desk: At
) -> None:
    before = ClueSource.objects.count()
    answer = at_desk("village").post(f"/households/{city.household.pk}/report/", HEARD | change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ClueSource.objects.count() == before


def test_a_village_is_chosen_by_name(city: SimpleNamespace, at_desk: At) -> None:
    """The county walks from names to names; whoever has one village is there at once; another county's does not come up."""
    page = at_desk("county").get("/declarations/new/").content.decode()
    names = re.findall(r'href="\?place=(\d{12})"', page)
    assert names or 'name="way"' in page
    assert all(each.startswith("500101") for each in names)
    assert 'name="way"' in at_desk("village").get("/declarations/new/").content.decode()
    assert 'name="way"' in at_desk("county").get(f"/declarations/new/?place={VILLAGE}").content.decode()
    assert FOREIGN_VILLAGE not in at_desk("county").get(f"/declarations/new/?place={FOREIGN_VILLAGE}").content.decode()


def test_only_who_left_a_mobile_is_sent_messages(city: SimpleNamespace, at_desk: At) -> None:
    for number, (phone, sent) in enumerate({"": False, "023-12345678": False, "13800000009": True}.items()):
        take(at_desk, phone=phone, key=f"p{number}")
        Declaration.objects.filter(pk=newest().pk).update(stage="linked", household=city.household.pk)
        assert moved().filter(pk=newest().pk).exists() is sent


def test_a_move_asks_for_names_and_for_no_code(city: SimpleNamespace, at_desk: At) -> None:
    """County, township, village by name; the form stands once the village is chosen, and the request names it."""
    spare = make_household("NEW-2", VILLAGE, "田秋菊", 78)
    village, url = at_desk("village"), f"/households/{spare.pk}/register-request/"
    start = village.get(f"{url}?kind=move&place={CITY}").content.decode()
    assert f"place={FOREIGN_COUNTY}" in start
    assert "kind=move" in start
    assert 'name="to_area"' not in start
    assert "区划代码" not in start
    page = village.get(f"{url}?kind=move&place={FOREIGN_VILLAGE}").content.decode()
    assert f'name="to_area" value="{FOREIGN_VILLAGE}"' in page
    told = {
        "kind": "move",
        "to_area": FOREIGN_VILLAGE,
        "happened_on": TODAY.isoformat(),
        "reason": "户口簿",
        "key": "m",
    }
    answer = village.post(url, told)
    assert answer.status_code == 302
    assert RegisterRequest.objects.get(household=spare).to_area_id == FOREIGN_VILLAGE
    wrong = village.post(url, told | {"to_area": TOWNSHIP, "key": "n"})
    assert wrong.status_code == 422
