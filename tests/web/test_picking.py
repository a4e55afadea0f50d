"""Many clues in one order, picked over several pages; standing orders, saved views, and the list as a spreadsheet."""

import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.timezone import localdate
from openpyxl import load_workbook
from small_city import COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, VILLAGE, make_clue, make_household

from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue, DispatchRule, SavedView
from shouwang.clues.rising import take_in
from shouwang.clues.standing import tell_of_rules
from shouwang.jobs.handling import requirements
from shouwang.notifications.models import Message
from shouwang.web import worklist_sheet
from signed_in import sign_in

Log = Callable[[str], Client]


@pytest.fixture
def many(city: SimpleNamespace) -> list[Clue]:
    """Seventy clues on the city's desk, ten of them of the other county."""
    for n in range(70):
        village = FOREIGN_VILLAGE if n >= 60 else VILLAGE
        level = "red" if n % 2 else "yellow"
        make_clue(make_household(f"P{n:03d}", village, f"=户{n}", 100 + n), 100 + n, level)
    take_in(requirements(localdate()), localdate())
    return list(Clue.objects.filter(stage="city").order_by("household_id"))


def tick(client: Client, clues: list[Clue], shown: list[Clue], what: str = "keep", query: str = "") -> None:
    told = {"what": what, "query": query, "shown": ",".join(str(each.pk) for each in shown)}
    assert client.post("/clues/picked/", told | {"pick": [each.pk for each in clues]}).status_code == 302


def test_what_is_picked_survives_paging_and_goes_down_in_one_order(
    city: SimpleNamespace, many: list[Clue], at_desk: Log
) -> None:
    client = at_desk("city")
    first = [row["clue"] for row in client.get("/clues/?sort=household").context["rows"] if row["pickable"]]
    tick(client, first[:3], first)
    second = [row["clue"] for row in client.get("/clues/?sort=household&page=2").context["rows"]]
    tick(client, second[:2], second)
    again = client.get("/clues/?sort=household")
    assert "已选 <b>5</b> 条" in again.content.decode()
    assert again.content.decode().count(" checked>") >= 3
    tick(client, first[1:3], first)  # one is taken out again
    assert client.get("/clues/dispatch/").context["count"] == 4
    key = client.get("/clues/dispatch/").context["key"]
    for _ in range(3):
        response = client.post("/clues/dispatch/", {"level": "2", "key": key})
    assert Clue.objects.filter(stage="county").count() == 4
    assert Entry.objects.filter(action="clue_dispatched").count() == 4
    assert response.status_code == 422  # nothing is left to be given on


def test_all_that_the_filters_find_goes_to_its_own_county(
    city: SimpleNamespace, many: list[Clue], at_desk: Log
) -> None:
    client = at_desk("city")
    tick(client, [], [], "all", "level=red")
    response = client.post("/clues/dispatch/", {"level": "2", "key": "k"})
    assert len(response.context["result"].done) == 35
    assert set(Clue.objects.filter(stage="county").values_list("desk_id", "level").distinct()) == {
        (COUNTY, "red"),
        (FOREIGN_COUNTY, "red"),
    }


def test_only_what_lies_on_ones_own_desk_can_be_picked(city: SimpleNamespace, many: list[Clue], at_desk: Log) -> None:
    client = at_desk("county")
    tick(client, many, many)
    assert client.get("/clues/dispatch/").context["count"] == 0
    assert not any(row["pickable"] for row in client.get("/clues/").context["rows"])


def test_a_script_gets_the_count_alone(city: SimpleNamespace, many: list[Clue], at_desk: Log) -> None:
    told = {"what": "keep", "shown": str(many[0].pk), "pick": [many[0].pk]}
    response = at_desk("city").post("/clues/picked/", told, headers={"X-Fragment": "1"})
    assert response.content.decode().strip() == "已选 <b>1</b> 条"


def test_a_clue_that_somebody_else_moved_stays_and_is_told(
    city: SimpleNamespace, many: list[Clue], at_desk: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shouwang.clues import handling

    client, whole = at_desk("city"), handling._locked

    def moved_meanwhile(numbers: list[str]) -> list[Clue]:
        Clue.objects.filter(number=many[0].number).update(stage="county", desk_id=COUNTY)
        return whole(numbers)

    tick(client, many[:2], many)
    monkeypatch.setattr(handling, "_locked", moved_meanwhile)
    response = client.post("/clues/dispatch/", {"level": "2", "key": "k"})
    assert (response.context["result"].done, list(response.context["result"].stayed)) == (
        [many[1].number],
        [many[0].number],
    )


def test_a_standing_order_sends_on_what_is_there_and_ends(
    city: SimpleNamespace, many: list[Clue], at_desk: Log
) -> None:
    client = at_desk("city")
    rule = {"area": "500000000000", "level": "red", "risk_type": "", "to_level": "2"}
    assert "按规则下发 35 步" in client.post("/clues/rules/", rule, follow=True).content.decode()
    assert Clue.objects.filter(stage="county").count() == 35
    assert client.post("/clues/rules/", rule).status_code == 422
    pk = DispatchRule.objects.get().pk
    assert at_desk("county").post("/clues/rules/", {"end": pk}).status_code == 422
    assert "已撤销" in client.post("/clues/rules/", {"end": pk}, follow=True).content.decode()
    assert not DispatchRule.objects.exists()
    assert Entry.objects.filter(action__startswith="dispatch_rule").count() == 2


def test_standing_orders_of_a_merged_office_wait_for_the_word_of_its_successor(
    city: SimpleNamespace, many: list[Clue], at_desk: Log
) -> None:
    """They would cover the whole of the successor's area: nothing goes on by them until somebody there says so."""
    red, yellow = (
        DispatchRule.objects.create(area_id=FOREIGN_COUNTY, level=each, to_level=4) for each in ("red", "yellow")
    )
    DispatchRule.objects.create(area_id=COUNTY, level="yellow", to_level=3)
    client = at_desk("county")
    assert not client.get("/clues/rules/").context["inherited"]
    assert client.post("/clues/rules/", {"adopt": red.pk}).status_code == 422
    Area.objects.filter(pk=FOREIGN_COUNTY).update(valid_to=localdate(), successor=COUNTY)
    Area.objects.get(pk=FOREIGN_COUNTY).save()  # the tree is read anew
    assert [tell_of_rules(localdate()) for _ in range(2)] == [1, 1]
    told = Message.objects.get(key__startswith="rules-")
    assert (told.area_id, told.permission, told.link) == (COUNTY, "dispatch", "/clues/rules/")
    assert "2 条下发规则等您决定" in told.title
    assert client.get("/clues/rules/").context["inherited"] == [red, yellow]
    assert "先撤销原来的规则" in client.post("/clues/rules/", {"adopt": yellow.pk}).content.decode()
    assert "按规则下发" in client.post("/clues/rules/", {"adopt": red.pk}, follow=True).content.decode()
    assert "已撤销" in client.post("/clues/rules/", {"end": yellow.pk}, follow=True).content.decode()
    red.refresh_from_db()
    assert (red.area_id, red.made_by is not None) == (COUNTY, True)
    assert client.get("/clues/rules/").context["inherited"] == []
    entry = Entry.objects.get(action="dispatch_rule_set")
    assert "涪陵区" in entry.detail
    assert at_desk("city").post("/clues/rules/", {"adopt": red.pk}).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"area": COUNTY},
        {"area": ""},
        {"level": "green"},
        {"risk_type": "bad luck"},
        {"to_level": "1"},
        {"to_level": ""},
    ],
)
def test_a_standing_order_that_makes_no_sense_is_refused(
    change: dict[str, str], city: SimpleNamespace, at_desk: Log
) -> None:
    rule = {"area": "500000000000", "level": "", "risk_type": "", "to_level": "2"} | change
    response = at_desk("city").post("/clues/rules/", rule)
    assert response.status_code == 422
    assert not DispatchRule.objects.exists()


def test_views_are_kept_replaced_and_dropped_by_their_user(city: SimpleNamespace, at_desk: Log) -> None:
    client = at_desk("county")
    client.post("/views/", {"name": "红色未办", "query": "level=red&stage=county&evil=1&page=3"})
    view = SavedView.objects.get()
    assert (view.user.username, view.query) == ("county", "level=red&stage=county")
    client.post("/views/", {"name": "红色未办", "query": "level=red"})
    assert SavedView.objects.get().query == "level=red"
    assert "红色未办" in client.get("/clues/").content.decode()
    assert "红色未办" not in at_desk("city").get("/clues/").content.decode()
    assert at_desk("city").post(f"/views/{view.pk}/drop/").status_code == 404
    client.post(f"/views/{view.pk}/drop/")
    assert not SavedView.objects.exists()


def test_no_more_views_than_anybody_can_read(city: SimpleNamespace, at_desk: Log) -> None:
    client = at_desk("county")
    for n in range(22):
        response = client.post("/views/", {"name": f"视图{n}", "query": ""}, follow=True)
    assert SavedView.objects.count() == 20
    assert "最多保存" in response.content.decode()


def sheet(client: Client, query: str = "") -> list[tuple[object, ...]]:
    response = client.get(f"/clues/export.xlsx?{query}")
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(response.content))
    assert all(cell.data_type in ("s", "n") for row in book.active.iter_rows() for cell in row)
    return list(book.active.iter_rows(values_only=True))


def test_the_sheet_is_what_is_on_the_screen(city: SimpleNamespace, many: list[Clue], at_desk: Log) -> None:
    client = at_desk("county")
    rows = sheet(client, "level=red&sort=household")
    shown = client.get("/clues/?level=red&sort=household")
    assert len(rows) - 1 == shown.context["page"].paginator.count
    assert [row[0] for row in rows[1:31]] == [row["clue"].number for row in shown.context["rows"]]
    entry = Entry.objects.get(action="clues_exported")
    assert '"rows":31' in entry.detail


def test_a_cell_that_begins_like_a_formula_is_text(city: SimpleNamespace, many: list[Clue], at_desk: Log) -> None:
    response = at_desk("county").get("/clues/export.xlsx")
    book = load_workbook(io.BytesIO(response.content))
    cells = [cell for row in book.active.iter_rows() for cell in row if str(cell.value).startswith("=户")]
    assert len(cells) == 60
    assert {cell.data_type for cell in cells} == {"s"}
    import zipfile

    with zipfile.ZipFile(io.BytesIO(response.content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


def test_who_may_not_export_gets_no_sheet(city: SimpleNamespace, at_desk: Log) -> None:
    for who in ("township", "village"):
        assert at_desk(who).get("/clues/export.xlsx").status_code == 403
        assert "export.xlsx" not in at_desk(who).get("/clues/").content.decode()
    assert at_desk("county").get(f"/clues/export.xlsx?area={FOREIGN_COUNTY}").status_code == 404
    nothing = at_desk("other_department").get("/clues/export.xlsx", follow=True)
    assert nothing.redirect_chain == [("/clues/?", 302)]
    assert "没有可以导出的内容" in nothing.content.decode()


def test_no_more_rows_than_an_export_may_have(
    city: SimpleNamespace, many: list[Clue], at_desk: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist_sheet, "MOST_ROWS", 60)
    response = at_desk("city").get("/clues/export.xlsx?sort=household", follow=True)
    assert "一次最多导出 60 条" in response.content.decode()
    assert response.redirect_chain[0][0] == "/clues/?sort=household"
    assert not Entry.objects.filter(action="clues_exported").exists()
    assert len(sheet(at_desk("city"), "level=red")) == 37


def test_nothing_is_exported_without_the_second_factor(city: SimpleNamespace, many: list[Clue]) -> None:
    for who in ("city", "county", "department"):
        half = sign_in(Client(), city.users[who], second_factor=False)
        assert half.get("/clues/export.xlsx")["Location"].startswith("/account/second-factor/")
    assert not Entry.objects.filter(action="clues_exported").exists()
