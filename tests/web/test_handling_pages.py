"""A clue through its pages: from the city to the village and back, by forms alone; and each user's day."""

import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from PIL import Image
from small_city import AS_OF, COUNTY, TOWNSHIP, VILLAGE, make_clue, make_household, make_user

from runtime_role import emptied
from shouwang.accounts import sessions
from shouwang.accounts.models import Post
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue, ClueStep, Finding, Photo, Visit
from shouwang.clues.rising import take_in
from shouwang.jobs.handling import requirements

Log = Callable[[str], Client]
FLAG = {"source": "asset_record", "delivery": "D000009", "line": 5, "person": 11, "text": "小型汽车一辆"}


@pytest.fixture
def fresh(city: SimpleNamespace) -> Clue:
    """A clue that came to the city's desk today."""
    clue = make_clue(make_household("H-9", VILLAGE, "向明", 21), 21, "yellow", flags=[FLAG], opened_on=AS_OF)
    take_in(requirements(localdate()), localdate())
    clue.refresh_from_db()
    return clue


def picture() -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(stream, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", stream.getvalue(), "image/jpeg")


def send(client: Client, clue: Clue, where: str, **fields: object) -> str:
    """Posts one of the clue's forms as the page shows it; returns the page after it."""
    clue.refresh_from_db()
    told = {"seen": clue.version, "key": f"{where}{clue.version}"} | fields
    response = client.post(f"/clues/{clue.number}/{where}/", told, follow=True)
    return response.content.decode()


def todo(client: Client) -> list[tuple[str, str]]:
    return [(task.clue.number, task.what) for task, _ in client.get("/").context["rows"]]


def test_from_the_city_to_the_village_and_agreed(city: SimpleNamespace, fresh: Clue, at_desk: Log) -> None:
    number = fresh.number
    assert todo(at_desk("city")) == [(number, "下发")]
    assert "已下发到万州区" in send(at_desk("city"), fresh, "move", action="dispatch", to=COUNTY)
    assert (number, "下发") in todo(at_desk("county"))
    assert "已下发到高笋塘街道" in send(at_desk("county"), fresh, "move", action="dispatch", to=TOWNSHIP)
    assert "待入户核实" in send(at_desk("township"), fresh, "move", action="dispatch", to=VILLAGE)
    village = at_desk("village")
    assert (number, "入户核实") in todo(village)
    page = send(
        village,
        fresh,
        "visit",
        visited_on=localdate().isoformat(),
        visitors="张三、李四",
        place="二组",
        findings="住院三次，自费三万",
        photos=[picture()],
    )
    assert "请接着报送核实结果" in page
    assert "小型汽车一辆" in page
    assert (number, "报送核实结果") in todo(village)
    refused = send(village, fresh, "finding", conclusion="confirm", reason="属实")
    assert "小型汽车一辆" in refused
    assert 'role="alert"' in refused
    assert "核实结果已报送" in send(
        village, fresh, "finding", conclusion="confirm", reason="属实", **{"flag-0": "借用"}
    )
    assert Finding.objects.get().answers[0]["answer"] == "借用"
    assert (number, "审核") in todo(at_desk("township"))
    assert "已同意" in send(at_desk("township"), fresh, "review", action="agree")
    fresh.refresh_from_db()
    assert (fresh.state, fresh.stage) == ("confirmed", "closed")
    for who in ("city", "county", "township", "village"):
        assert number not in [each for each, _ in todo(at_desk(who))]
    said = at_desk("county").get(f"/clues/{number}/").content.decode()
    assert "住院三次，自费三万" in said
    assert "核实属实" in said


def test_a_photo_is_shown_and_each_look_recorded(city: SimpleNamespace, at_desk: Log) -> None:
    response = at_desk("county").get(f"/photos/{city.photo.name}/")
    assert (response.content, response["Content-Type"]) == (b"jpeg", "image/jpeg")
    assert Entry.objects.filter(action="photo_viewed").count() == 1
    assert at_desk("department").get(f"/photos/{city.photo.name}/").status_code == 404


def test_a_department_does_not_read_what_was_found_in_the_home(city: SimpleNamespace, at_desk: Log) -> None:
    assert "户主住院" in at_desk("county").get(f"/clues/{city.clue.number}/").content.decode()
    assert "户主住院" not in at_desk("department").get(f"/clues/{city.clue.number}/").content.decode()


def test_the_second_of_two_is_told_who_was_first(city: SimpleNamespace, fresh: Clue, at_desk: Log) -> None:
    first, second = at_desk("city"), at_desk("city")
    old = fresh.version
    send(first, fresh, "move", action="dispatch", to=COUNTY)
    said = send(second, fresh, "move", action="dispatch", to=COUNTY, seen=old, key="another form")
    assert "city已于" in said
    assert "没有生效" in said


def test_the_same_form_three_times_is_one_step(city: SimpleNamespace, fresh: Clue, at_desk: Log) -> None:
    client, seen = at_desk("city"), fresh.version
    for _ in range(3):
        assert "已下发" in send(client, fresh, "move", action="dispatch", to=COUNTY, seen=seen, key="k")
    assert ClueStep.objects.filter(clue=fresh, action="dispatch").count() == 1


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("move", {}),
        ("move", {"action": "dispatch", "to": "nowhere"}),
        ("move", {"action": "dispatch", "to": TOWNSHIP}),
        ("move", {"action": "return", "reason": ""}),
        ("move", {"action": "reassign", "to": COUNTY, "reason": "x"}),
        ("move", {"action": "urge", "reason": "x"}),
        ("move", {"action": "return", "reason": "x", "seen": "٣"}),
        ("review", {"action": "agree"}),
        ("review", {"action": "send_back"}),
        ("review", {}),
    ],
)
def test_a_form_that_does_not_fit_changes_nothing_and_says_so(
    where: str, fields: dict[str, str], city: SimpleNamespace, fresh: Clue, at_desk: Log
) -> None:
    said = send(at_desk("county"), fresh, where, **fields)
    assert 'class="notice bad error"' in said
    assert ClueStep.objects.filter(clue=fresh).count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"visitors": "张三"},
        {"visited_on": "gestern"},
        {"findings": ""},
        {"latitude": "30.1"},
        {"photos": ["kein Bild"]},
    ],
)
def test_a_visit_that_lacks_something_keeps_what_was_written(
    fields: dict[str, object], city: SimpleNamespace, at_desk: Log
) -> None:
    told: dict[str, object] = {
        "visited_on": localdate().isoformat(),
        "visitors": "张三、李四",
        "place": "三组晒坝",
        "findings": "写了很多",
    }
    if "photos" in fields:
        fields = {"photos": [SimpleUploadedFile("x.jpg", b"kein Bild")]}
    before = Visit.objects.count()
    response = at_desk("village").post(f"/clues/{city.clue.number}/visit/", told | fields)
    assert response.status_code == 422
    assert "三组晒坝" in response.content.decode()
    assert (Visit.objects.count(), Photo.objects.count()) == (before, 1)


def test_what_is_overdue_below_comes_on_the_list_above_until_urged(city: SimpleNamespace, at_desk: Log) -> None:
    """The clue of the small city lies with the village since 2021."""
    number, today = city.clue.number, localdate()
    Clue.objects.filter(pk=city.clue.pk).update(raised_to=3, due_on=today - timedelta(days=2))
    assert todo(at_desk("township")) == [(number, "催办或改派")]
    assert todo(at_desk("county")) == []
    task = at_desk("village").get("/").context["rows"][0][0]
    assert (task.what, task.group, task.days_left) == ("报送核实结果", "已逾期", -2)
    assert "已催办" in send(at_desk("township"), city.clue, "move", action="urge", reason="请于明日前报送")
    assert todo(at_desk("township")) == []
    assert todo(at_desk("village")) == [(number, "报送核实结果")]


def test_the_day_of_a_grid_worker_ends_with_the_visit(city: SimpleNamespace, at_desk: Log) -> None:
    city.users["grid"] = make_user("grid", VILLAGE, "grid_worker")
    assert todo(at_desk("grid")) == []
    clue = make_clue(make_household("H-9", VILLAGE, "向明", 21), 21)
    Clue.objects.filter(pk=clue.pk).update(stage="village", desk_id=VILLAGE, due_on=localdate())
    assert todo(at_desk("grid")) == [("H-9-01", "入户核实")]


def test_soonest_first_and_by_group(city: SimpleNamespace, at_desk: Log) -> None:
    today = localdate()
    for place, (days, level) in enumerate([(3, "red"), (0, "yellow"), (-1, "yellow"), (0, "red")]):
        clue = make_clue(make_household(f"H-{place}", VILLAGE, "向明", 30 + place), 30 + place, level)
        due = today + timedelta(days=days)
        Clue.objects.filter(pk=clue.pk).update(stage="township", desk_id=TOWNSHIP, due_on=due)
    client = at_desk("township")
    assert [number for number, _ in todo(client)] == ["H-2-01", "H-3-01", "H-1-01", "H-0-01"]
    assert [len(client.get(f"/?group={group}").context["rows"]) for group in ("overdue", "today", "later")] == [1, 2, 1]


def test_done_is_empty(city: SimpleNamespace, at_desk: Log) -> None:
    assert "今天没有要办的事" in at_desk("city").get("/").content.decode()


def test_who_has_nothing_to_work_on_gets_the_overview(city: SimpleNamespace, at_desk: Log) -> None:
    assert (
        "今天没有要办的事" in at_desk("department").get("/").content.decode()
    )  # it mends rows, and sees no clues here
    emptied(Post.objects.filter(user=city.users["postless"]))
    assert at_desk("postless").get("/").status_code == 200
    assert at_desk("postless").get("/today/").status_code == 403


def test_the_day_of_ten_thousand_takes_no_more_queries(
    city: SimpleNamespace, at_desk: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SEEN_EVERY_SECONDS", 3600)  # a session notes its use in two queries more
    client = at_desk("village")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    few = queries()
    household = make_household("H-9", VILLAGE, "向明", 21)
    Clue.objects.bulk_create(
        [
            Clue(
                number=f"H-9-{n:05d}",
                household=household,
                area_id=VILLAGE,
                risk_type="other",
                state="confirmed",
                stage="village",
                desk_id=VILLAGE,
                due_on=localdate(),
                level="red",
                opened_on=AS_OF,
                last_seen_on=AS_OF,
                reasons="收入低",
            )
            for n in range(10_000)
        ],
        1000,
    )
    assert queries() <= few
    assert client.get("/?page=300").context["page"].paginator.count == 10_001
