"""今日: a month of work from the first page alone; what was done is gone from it, what was not has risen."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.timezone import localdate
from small_city import AS_OF, COUNTY, TOWNSHIP, VILLAGE, make_clue, make_household, make_user
from test_handling_pages import picture, send

from shouwang.accounts.models import Post
from shouwang.areas.models import Area
from shouwang.cases.models import Case
from shouwang.clues.models import Clue, Level
from shouwang.clues.rising import take_in
from shouwang.jobs.handling import look_after, requirements
from shouwang.web import today as page

Log = Callable[[str], Client]
WHO = ("city", "county", "township", "village")
DOWN = {"city": COUNTY, "county": TOWNSHIP, "township": VILLAGE}
SIBLING, OTHER_TOWNSHIP, OTHER_VILLAGE = "500101001002", "500101002000", "500101002001"


@pytest.fixture
def month(city: SimpleNamespace) -> list[Clue]:
    """Three clues of each level that came today; the clue and the case of the small city are long done."""
    Case.objects.update(stage="refused", due_on=None)
    Clue.objects.filter(pk=city.clue.pk).update(stage="closed", state="confirmed", due_on=None)
    for n in range(9):
        level = Level.values[n % 3]
        make_clue(make_household(f"M{n}", VILLAGE, "向明", 40 + n), 40 + n, level, opened_on=AS_OF)
    take_in(requirements(localdate()), localdate())
    return list(Clue.objects.filter(number__startswith="M").order_by("number"))


def to_do(client: Client) -> list[tuple[str, str, str, date]]:
    rows = client.get("/today/").context["rows"]
    return [(task.clue.number, task.what, task.why, task.clue.due_on) for task, _ in rows]


def work_off(who: str, client: Client) -> int:
    """Does whatever the first page of somebody asks for, as it asks for it; returns how much that was."""
    done = to_do(client)
    for number, what, _, _ in done:
        clue = Clue.objects.get(number=number)
        if what == "下发":
            send(client, clue, "move", action="dispatch", to=DOWN[who])
        elif what == "入户核实":
            told = {
                "visited_on": localdate().isoformat(),
                "visitors": "张三、李四",
                "place": "二组",
                "findings": "属实",
            }
            send(client, clue, "visit", photos=[picture()], **told)
        elif what == "报送核实结果":
            conclusion = "confirm" if clue.level == "red" else "dismiss"
            send(client, clue, "finding", conclusion=conclusion, reason="已入户核实")
        elif what in ("审核", "复核"):
            send(client, clue, "review", action="agree", reason="同意")
        else:
            raise AssertionError(what)
    return len(done)


def a_month_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = localdate() + timedelta(days=31)
    look_after(later)
    monkeypatch.setattr(page, "localdate", lambda: later)


def test_a_month_later_the_page_is_empty_if_the_work_was_done(
    month: list[Clue], at_desk: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = 0
    for _ in range(3):  # down; up to the township; red to the county
        worked += sum(work_off(who, at_desk(who)) for who in WHO)
        worked += work_off("village", at_desk("village"))
    assert worked == 9 * 6 + 3  # three ways down, a visit, a finding and a consent each; red once more
    assert set(Clue.objects.values_list("stage", flat=True)) == {"closed"}
    a_month_later(monkeypatch)
    confirmed = Clue.objects.filter(state="confirmed")
    assert Case.objects.filter(stage="collection").count() == confirmed.count()
    Case.objects.update(stage="refused", due_on=None)  # what was found true goes on as a case: the next day's work
    for who in WHO:
        said = at_desk(who).get("/today/").content.decode()
        assert "今天没有要办的事" in said
        assert to_do(at_desk(who)) == []


def test_a_month_later_what_was_not_done_is_first_on_the_page_of_the_level_above(
    month: list[Clue], at_desk: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_off("city", at_desk("city"))
    a_month_later(monkeypatch)
    assert {what for _, what, _, _ in to_do(at_desk("city"))} == {"催办或改派"}
    assert "其中 9 条已逾期" in at_desk("city").get("/today/").content.decode()
    assert {what for _, what, _, _ in to_do(at_desk("county"))} == {"下发"}
    assert to_do(at_desk("township")) == to_do(at_desk("village")) == []


def test_what_the_village_left_stays_with_each_level_that_it_rose_to(
    month: list[Clue], at_desk: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("city", "county", "township"):
        work_off(who, at_desk(who))
    a_month_later(monkeypatch)
    for who in ("city", "county", "township"):
        rows = to_do(at_desk(who))
        assert len(rows) == 9
        assert {what for _, what, _, _ in rows} == {"催办或改派"}
    assert {what for _, what, _, _ in to_do(at_desk("village"))} == {"入户核实"}


def test_each_line_says_why_it_is_there_soonest_and_gravest_first(month: list[Clue], at_desk: Log) -> None:
    Clue.objects.filter(number=month[0].number).update(due_on=localdate() - timedelta(days=2))
    rows = to_do(at_desk("city"))
    assert all(why for _, _, why, _ in rows)
    assert [due for _, _, _, due in rows] == sorted(due for _, _, _, due in rows)
    levels = [Level.values.index(Clue.objects.get(number=number).level) for number, *_ in rows[1:]]
    assert levels == sorted(levels)
    assert rows[0][0] == month[0].number


def test_whoever_has_several_posts_sees_each_clue_once(
    month: list[Clue], at_desk: Log, monkeypatch: pytest.MonkeyPatch, city: SimpleNamespace
) -> None:
    for duty, area in (("township", TOWNSHIP), ("village", VILLAGE)):
        Post.objects.create(user=city.users["county"], area_id=area, duty=duty, starts_on=localdate())
    for who in ("city", "county"):
        work_off(who, at_desk(who))
    Clue.objects.filter(pk=month[0].pk).update(stage="county", desk_id=COUNTY)
    a_month_later(monkeypatch)
    shown = at_desk("county").get("/today/").context
    numbers = [task.clue.number for task, _ in shown["rows"]]
    assert sorted(numbers) == sorted(clue.number for clue in month)
    assert shown["load"].overdue == len(month)
    assert shown["page"].paginator.count == len(month)


def test_every_clue_in_hand_is_on_somebodys_page_at_every_stage(month: list[Clue], at_desk: Log) -> None:
    numbers = {clue.number for clue in month}
    for who in ("city", "county", "township", "village", "village", "township", "county"):
        seen = {number for each in WHO for number, *_ in to_do(at_desk(each))}
        assert seen == set(Clue.objects.exclude(stage="closed").values_list("number", flat=True)) & numbers
        work_off(who, at_desk(who))
    assert {number for each in WHO for number, *_ in to_do(at_desk(each))} == set()


def test_a_household_that_moved_is_reassigned_across_townships_and_found_there(
    city: SimpleNamespace, at_desk: Log
) -> None:
    for code, level, parent in (
        (SIBLING, 4, TOWNSHIP),
        (OTHER_TOWNSHIP, 3, COUNTY),
        (OTHER_VILLAGE, 4, OTHER_TOWNSHIP),
    ):
        scope = code[: 9 if level == 3 else 12]
        Area.objects.create(code=code, name=f"地方{code}", level=level, parent_id=parent, scope=scope)
    city.users["there"] = make_user("there", OTHER_VILLAGE, "village")
    assert [area.pk for area in at_desk("township").get(f"/clues/{city.clue.number}/").context["hand"].beside] == [
        SIBLING
    ]
    offered = at_desk("county").get(f"/clues/{city.clue.number}/").context["hand"].beside
    assert [area.pk for area in offered] == [SIBLING, OTHER_VILLAGE]
    assert city.clue.number not in at_desk("there").get("/clues/").content.decode()
    send(at_desk("county"), city.clue, "move", action="reassign", to=OTHER_VILLAGE, reason="已迁居")
    shown = at_desk("there").get("/clues/").context["rows"]
    assert [row["clue"].number for row in shown] == [city.clue.number]
    assert [number for number, *_ in to_do(at_desk("there"))] == [city.clue.number]
    assert to_do(at_desk("village")) == []


def test_two_clues_of_one_trouble_are_merged_point_to_each_other_and_come_apart(
    city: SimpleNamespace, at_desk: Log
) -> None:
    other = make_clue(city.household, 11, "yellow", number=f"{city.household.pk}-02", risk_type="other")
    Clue.objects.filter(pk=other.pk).update(stage="village", desk_id=VILLAGE, due_on=localdate(), version=1)
    township = at_desk("township")
    merging = {"action": "merge", "into": city.clue.number, "reason": "同一件事"}
    page = township.get(f"/clues/{other.number}/").content.decode()
    assert page.count('name="into"') == 1  # asked for where clues are merged, and nowhere else
    said = send(township, other, "move", **merging)
    assert 'name="into"' not in said
    assert f'并入 <a href="/clues/{city.clue.number}/">' in said
    assert f"/clues/{other.number}/" in township.get(f"/clues/{city.clue.number}/").content.decode()
    assert [number for number, *_ in to_do(at_desk("village"))] == [city.clue.number]
    assert "500101001001-0001-02" in township.get("/clues/").content.decode()
    assert "线索已拆分" in send(township, other, "move", action="separate", reason="还是分开")
    other.refresh_from_db()
    assert (other.stage, other.merged_into, other.number) == ("village", None, f"{city.household.pk}-02")
