"""Clocks, reasons, forms sent again, merging, what a finding needs, and how the end comes back to screening."""

from datetime import date, timedelta

import pytest
from completeness import check_nothing_is_lost
from desks import COUNTY, OTHER_VILLAGE, SIBLING, TOWNSHIP, VILLAGE, batch, batch_clue
from django.core.exceptions import PermissionDenied
from offices import FLAG, ON, PLACE, Desk, area, asked, make_people, open_clue, picture, seen
from PIL import Image

from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.clues import handling, verification
from shouwang.clues.models import Clue, ClueStep, DispatchRule, Finding, Photo, Visit
from shouwang.clues.photos import LARGEST_FILE, content_of, redraw
from shouwang.clues.reading import clues_visible_to
from shouwang.clues.rising import follow_rules, raise_overdue, take_in
from shouwang.clues.steps import NotOpen, Overtaken
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import look_after
from shouwang.kernel.citizen_id import check_digit
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home

pytestmark = pytest.mark.usefixtures("households", "home")
DAY = timedelta(days=1)


@pytest.fixture
def desk(households: object) -> Desk:
    return Desk(make_people())


def actions(clue: Clue) -> list[str]:
    return list(clue.steps.values_list("action", flat=True))


def test_a_clue_from_the_city_to_the_village_and_agreed(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "closed")
    assert (clue.state, clue.dismissed_on, clue.due_on, clue.rises_on) == ("confirmed", None, None, None)
    assert actions(clue) == ["arrive", *["dispatch"] * 3, "visit", "confirm", "agree"]
    told = Entry.objects.filter(subject=clue.number).order_by("sequence").values_list("actor", "action", "area")
    assert [(actor, action) for actor, action, _ in told] == [
        ("city", "clue_dispatched"),
        ("county", "clue_dispatched"),
        ("township", "clue_dispatched"),
        ("grid_worker", "visit_recorded"),
        ("village", "finding_submitted"),
        ("township", "finding_agreed"),
        ("township", "clue_confirmed"),
    ]
    assert {place for _, _, place in told} == {VILLAGE}


def test_each_step_starts_the_clock_of_its_stage(desk: Desk) -> None:
    """17 June 2021 is a Thursday: one working day ends on the Friday, three natural days on the Sunday."""
    clue = open_clue()
    handling.dispatch(clue.number, to=area(COUNTY), **desk.by("city"))
    assert Clue.objects.get().due_on == date(2021, 6, 18)
    friday = Desk(desk.people, date(2021, 6, 18))
    handling.dispatch(clue.number, to=area(TOWNSHIP), **friday.by("county"))
    assert Clue.objects.get().due_on == date(2021, 6, 21)
    handling.dispatch(clue.number, to=area(VILLAGE), **friday.by("township"))
    assert Clue.objects.get().due_on == date(2021, 6, 21)
    assert [step.due_on for step in clue.steps.all()][1:] == [date(2021, 6, 18), *[date(2021, 6, 21)] * 2]


def test_over_the_holiday_of_october_one_working_day_is_nine_days(desk: Desk) -> None:
    clue = open_clue()
    handling.dispatch(clue.number, to=area(COUNTY), **Desk(desk.people, date(2021, 9, 30)).by("city"))
    assert Clue.objects.get().due_on == date(2021, 10, 8)


def test_a_make_up_saturday_counts_and_natural_days_end_within_the_holiday(desk: Desk) -> None:
    """2021: 18 September and 9 October, Saturdays, are worked; 19 to 21 September and 1 to 7 October are not."""
    clue = open_clue()
    handling.dispatch(clue.number, to=area(COUNTY), **Desk(desk.people, date(2021, 9, 17)).by("city"))
    assert clue_after(clue, "county").due_on == date(2021, 9, 18)
    handling.give_back(clue.number, reason="暂缓", **Desk(desk.people, date(2021, 9, 18)).by("county"))
    assert clue_after(clue, "city").due_on == date(2021, 9, 22)
    handling.dispatch(clue.number, to=area(VILLAGE), **Desk(desk.people, date(2021, 9, 30)).by("city"))
    assert clue_after(clue, "village").due_on == date(2021, 10, 3)
    assert raise_overdue(asked(), date(2021, 10, 3)) == 0
    assert raise_overdue(asked(), date(2021, 10, 4)) == 1
    assert clue_after(clue, "village").rises_on == date(2021, 10, 9)
    assert raise_overdue(asked(), date(2021, 10, 8)) == 0
    assert raise_overdue(asked(), date(2021, 10, 9)) == 1
    assert clue_after(clue, "village").raised_to == 2


def test_overdue_rises_a_level_by_itself_and_once(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")  # due on Sunday the 20th
    assert raise_overdue(asked(), date(2021, 6, 20)) == 0
    assert raise_overdue(asked(), date(2021, 6, 21)) == 1
    assert raise_overdue(asked(), date(2021, 6, 21)) == 0
    clue.refresh_from_db()
    assert (clue.stage, clue.desk_id, clue.raised_to, clue.rises_on) == ("village", VILLAGE, 3, date(2021, 6, 23))
    assert look_after(date(2021, 6, 30)).raised == 2  # the county on the 23rd, the city on the 25th
    clue.refresh_from_db()
    assert (clue.raised_to, clue.rises_on, clue.due_on) == (1, None, date(2021, 6, 20))
    assert look_after(date(2022, 6, 30)).raised == 0
    assert list(clue.steps.filter(action="rise").values_list("actor", flat=True)) == [None] * 3
    assert Entry.objects.filter(action="clue_escalated", subject=clue.number).count() == 3
    late = Desk(desk.people, date(2021, 7, 1))
    late_visit = seen(visited_on=date(2021, 7, 1))
    verification.record_visit(clue.number, late_visit, **late.by("team"))
    verification.submit_finding(clue.number, "confirm", reason="属实", answers={}, **late.by("team"))
    clue.refresh_from_db()
    assert (clue.stage, clue.raised_to, clue.due_on) == ("township_review", None, date(2021, 7, 3))


def test_who_is_urged_gets_a_last_day_and_then_it_rises_further(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    with pytest.raises(NotOpen, match="还没有逾期"):
        handling.urge(clue.number, reason="尽快入户", **desk.by("township"))
    raise_overdue(asked(), date(2021, 6, 21))
    handling.urge(clue.number, reason="尽快入户", **Desk(desk.people, date(2021, 6, 21)).by("township"))
    clue.refresh_from_db()
    assert (clue.due_on, clue.raised_to) == (date(2021, 6, 22), 3)
    assert raise_overdue(asked(), date(2021, 6, 23)) == 1
    clue.refresh_from_db()
    assert clue.raised_to == 2


def test_a_return_needs_a_reason_and_keeps_no_identity_number(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    with pytest.raises(InputError, match="退回理由"):
        handling.give_back(clue.number, reason="  ", **desk.by("village"))
    first = "50010119800101123"
    number = first + check_digit(first)
    handling.give_back(clue.number, reason=f"{number}已迁往邻村", **desk.by("village"))
    clue.refresh_from_db()
    assert (clue.stage, clue.desk_id) == ("township", TOWNSHIP)
    assert number not in clue.steps.last().reason
    assert "已迁往邻村" in clue.steps.last().reason


def test_reassigned_to_another_village_it_is_seen_and_done_there(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    assert not clues_visible_to(desk.people["sibling_village"]).filter(pk=clue.pk).exists()
    handling.reassign(clue.number, to=area(SIBLING), reason="已在邻村常住", **desk.by("township"))
    assert clues_visible_to(desk.people["sibling_village"]).filter(pk=clue.pk).exists()
    verification.record_visit(clue.number, seen(), **desk.by("sibling_village"))
    verification.submit_finding(clue.number, "confirm", reason="属实", answers={}, **desk.by("sibling_village"))
    verification.send_back(clue.number, reason="照片看不清", **desk.by("township"))
    clue.refresh_from_db()
    assert (clue.stage, clue.desk_id) == ("village", SIBLING)
    with pytest.raises(InputError, match="不在您的辖区"):
        handling.reassign(clue.number, to=area(OTHER_VILLAGE), reason="改派", **desk.by("township"))


def test_the_desk_of_a_village_that_was_merged_into_another_is_that_ones(desk: Desk) -> None:
    main, other = (desk.bring(open_clue(risk=risk), "village") for risk in ("illness", "disability"))
    handling.merge(other.number, into=main.number, reason="合并", **desk.by("township"))
    due, day = main.due_on, ON + DAY
    village = Area.objects.get(pk=VILLAGE)
    village.valid_to, village.successor_id = day, SIBLING
    village.save()
    assert look_after(ON).followed == 0
    assert look_after(day).followed == 2
    assert look_after(day).followed == 0
    assert {clue.desk_id for clue in Clue.objects.all()} == {SIBLING}
    step = clue_after(main, "village").steps.last()
    assert (step.actor, step.action, main.due_on) == (None, "take_over", due)
    assert "已并入" in step.reason
    check_nothing_is_lost({main.number, other.number})
    there = Desk(desk.people, day)
    verification.record_visit(main.number, seen(visited_on=day), **there.by("sibling_village"))


def test_the_same_form_three_times_is_one_step(desk: Desk) -> None:
    clue = open_clue()
    steps = [handling.dispatch(clue.number, to=area(COUNTY), key="k1", seen=1, **desk.by("city")) for _ in range(3)]
    assert {step.pk for step in steps} == {steps[0].pk}
    assert actions(clue) == ["arrive", "dispatch"]
    assert Entry.objects.filter(action="clue_dispatched").count() == 1


def clue_after(clue: Clue, stage: str) -> Clue:
    clue.refresh_from_db()
    assert clue.stage == stage
    return clue


def test_the_same_visit_three_times_is_one_visit_with_its_photos(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    for _ in range(3):
        verification.record_visit(clue.number, seen(), key="form", **desk.by("grid_worker"))
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 1)


def test_whoever_comes_second_is_told_who_was_first(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "county")
    handling.dispatch(clue.number, to=area(TOWNSHIP), seen=clue.version, **desk.by("county"))
    with pytest.raises(Overtaken, match=r"^county已于.*先行办理：下发，现为“待乡镇下发”"):
        handling.give_back(clue.number, reason="不在辖区", seen=clue.version, **desk.by("county_too"))


def test_a_visit_or_a_rise_in_between_does_not_stand_in_the_way(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    shown = clue.version
    verification.record_visit(clue.number, seen(), **desk.by("grid_worker"))
    raise_overdue(asked(), date(2021, 6, 21))
    verification.submit_finding(clue.number, "confirm", reason="属实", answers={}, seen=shown, **desk.by("village"))
    assert clue_after(clue, "township_review").version == shown + 3


def test_many_at_once_and_what_moved_meanwhile_stays(desk: Desk) -> None:
    clues = [open_clue(household) for household in ("H1", "H2", "H4")]
    for clue in clues:
        handling.dispatch(clue.number, to=area(clue.area_id[:6] + "000000"), **desk.by("city"))
    handling.give_back(clues[1].number, reason="暂缓", **desk.by("county_too"))
    by = desk.by("county")
    result = handling.dispatch_many([clue.number for clue in clues], to_level=4, key="bulk", **by)
    assert result.done == [clues[0].number]
    assert set(result.stayed) == {clues[1].number, clues[2].number}
    assert "“待市级下发”，不由您下发" in result.stayed[clues[1].number]
    assert "不由您" in result.stayed[clues[2].number]
    again = handling.dispatch_many([clues[0].number], to_level=4, key="bulk", **by)
    assert again.done == [clues[0].number]
    assert actions(clues[0]) == ["arrive", "dispatch", "dispatch"]


def test_standing_orders_send_on_what_fits(desk: Desk) -> None:
    DispatchRule.objects.create(area=area("500000000000"), to_level=2)
    DispatchRule.objects.create(area=area(COUNTY), level="red", to_level=4)
    yellow, red = open_clue("H1"), open_clue("H2", level="red")
    assert follow_rules(asked(), ON) == 3
    assert follow_rules(asked(), ON) == 0
    assert clue_after(yellow, "county").desk_id == COUNTY
    assert clue_after(red, "village").desk_id == SIBLING
    assert red.steps.last().reason.endswith("的下发规则")


def test_new_clues_come_to_the_first_desk_once(desk: Desk) -> None:
    clue = open_clue()
    assert (clue.stage, clue.desk.name, clue.version) == ("city", area("500000000000").name, 1)
    assert take_in(asked(), ON) == 0
    assert look_after(ON).arrived == 0


def test_what_a_visit_must_have(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    for fault, said in [
        ({"visitors": ["张三", " 张三 "]}, "2 人以上"),
        ({"place": " "}, "走访地点"),
        ({"findings": ""}, "走访情况"),
        ({"visited_on": ON + DAY}, "还没有到"),
        ({"visited_on": date(2020, 1, 1)}, "早于"),
        ({"photos": [b"GIF89a"]}, "无法读取"),
        ({"photos": [picture()] * 10}, "最多"),
        ({"photos": [b"x" * (LARGEST_FILE + 1)]}, "MB"),
    ]:
        with pytest.raises(InputError, match=said):
            verification.record_visit(clue.number, seen(**fault), **desk.by("team"))
    assert not Visit.objects.exists()


def test_what_a_finding_must_have(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    Clue.objects.filter(pk=clue.pk).update(flags=[FLAG])
    by = desk.by("village")
    told = {"reason": "属实", "answers": {PLACE: "亲属借用"}}
    with pytest.raises(InputError, match="还没有走访"):
        verification.submit_finding(clue.number, "confirm", **told, **by)
    verification.record_visit(clue.number, seen(photos=[]), **desk.by("team"))
    with pytest.raises(InputError, match="小型汽车一辆"):
        verification.submit_finding(clue.number, "dismiss", reason="收入稳定", answers={}, **by)
    with pytest.raises(InputError, match="理由"):
        verification.submit_finding(clue.number, "dismiss", **(told | {"reason": ""}), **by)
    with pytest.raises(InputError, match="1 张以上照片"):
        verification.submit_finding(clue.number, "confirm", **told, **by)
    with pytest.raises(InputError, match="结论"):
        verification.submit_finding(clue.number, "agree", **told, **by)
    verification.submit_finding(clue.number, "dismiss", **told, **by)
    answer = Finding.objects.get().answers[0]
    assert (answer["text"], answer["answer"]) == ("小型汽车一辆", "亲属借用")


def test_photos_lose_what_the_camera_noted_and_lie_sealed(desk: Desk, home: Home) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SECRETCAM", 6
    exif.get_ifd(0x8825)[1] = "N"
    clue = desk.bring(open_clue(), "village")
    verification.record_visit(clue.number, seen(photos=[picture((4000, 100), exif=exif)]), **desk.by("team"))
    photo = Photo.objects.get()
    content = content_of(photo)
    assert b"SECRETCAM" not in content
    assert b"Exif" not in content
    assert (photo.width, photo.height) == (40, 1600)  # turned upright and made smaller
    files = list((home.path / "photos").rglob("*.sealed"))
    assert len(files) == 1
    assert b"JFIF" not in files[0].read_bytes()


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(InputError):
        redraw(picture((9000, 9000)))


def test_nobody_agrees_alone(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "village")
    both: User = desk.people["village"]
    Post.objects.create(user=both, area=area(TOWNSHIP), duty="township", starts_on=date(2020, 1, 1))
    Post.objects.create(user=desk.people["township"], area=area(COUNTY), duty="county", starts_on=date(2020, 1, 1))
    Clue.objects.update(level="red")
    desk.submit(clue.number)
    with pytest.raises(NotOpen, match="不能自己审核"):
        verification.agree(clue.number, **desk.by("village"))
    verification.agree(clue.number, **desk.by("township"))
    with pytest.raises(NotOpen, match="不能再复核"):
        verification.agree(clue.number, **desk.by("township"))
    verification.agree(clue.number, **desk.by("county"))
    assert clue_after(clue, "closed").state == "confirmed"
    assert Entry.objects.filter(action="red_clue_confirmed").count() == 1


def test_the_county_sends_back_to_the_township_and_that_to_the_village(desk: Desk) -> None:
    clue = desk.bring(open_clue(level="red"), "county_review")
    verification.send_back(clue.number, reason="依据不足", **desk.by("county"))
    assert clue_after(clue, "township_review").desk_id == TOWNSHIP
    verification.send_back(clue.number, reason="请补充", **desk.by("township"))
    assert clue_after(clue, "village").desk_id == VILLAGE
    desk.submit(clue.number, "dismiss")
    verification.agree(clue.number, **desk.by("township"))
    verification.agree(clue.number, **desk.by("county"))
    assert clue_after(clue, "closed").state == "dismissed"


def test_a_dismissal_is_agreed_only_on_the_evidence_that_was_known(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "township_review", "dismiss")
    record_clues(batch(ON + DAY, batch_clue(lines=[2, 7])))
    with pytest.raises(NotOpen, match="新的依据"):
        verification.agree(clue.number, **desk.by("township"))
    verification.send_back(clue.number, reason="又有新的依据", **desk.by("township"))
    desk.submit(clue.number, "dismiss", reason="新增部分已由保险赔付")
    verification.agree(clue.number, **desk.by("township"))
    clue.refresh_from_db()
    assert (clue.state, clue.dismissed_on, clue.dismissed_reason) == ("dismissed", ON, "新增部分已由保险赔付")


def test_dismissed_it_does_not_come_back_on_the_same_rows_but_on_new_ones(desk: Desk) -> None:
    desk.bring(open_clue(), "closed", "dismiss")
    assert record_clues(batch(ON + DAY, batch_clue())).suppressed == 1
    assert record_clues(batch(ON + DAY, batch_clue(lines=[2, 7]))).new == {"yellow": 1}
    again = Clue.objects.get(number="H1-02")
    assert (again.stage, again.earlier.number) == ("city", "H1-01")


def test_confirmed_it_gets_notes_and_no_second_clue(desk: Desk) -> None:
    clue = desk.bring(open_clue(), "closed")
    recorded = record_clues(batch(ON + DAY, batch_clue(lines=[2, 7])))
    assert (recorded.new, recorded.noted) == ({}, 1)
    assert clue.notes.count() == 1


def test_merged_clues_share_visit_and_end(desk: Desk) -> None:
    main, other = (desk.bring(open_clue(risk=risk), "village") for risk in ("illness", "disability"))
    handling.merge(other.number, into=main.number, reason="一次入户一并核实", **desk.by("township"))
    with pytest.raises(Overtaken, match="合并"):
        verification.record_visit(other.number, seen(), **desk.by("team"))
    record_clues(batch(ON, batch_clue(lines=[2]), batch_clue(risk="disability", lines=[2])))
    desk.submit(main.number, "dismiss")
    with pytest.raises(NotOpen, match="正在审核"):
        handling.separate(other.number, reason="分开", **desk.by("county"))
    verification.agree(main.number, **desk.by("township"))
    assert {clue.state for clue in Clue.objects.all()} == {"dismissed"}
    assert record_clues(batch(ON + DAY, batch_clue(), batch_clue(risk="disability"))).suppressed == 2


def test_separated_again_it_goes_on_from_where_the_other_stands(desk: Desk) -> None:
    main, other = (desk.bring(open_clue(risk=risk), "township") for risk in ("illness", "disability"))
    handling.merge(other.number, into=main.number, reason="合并", **desk.by("township"))
    handling.dispatch(main.number, to=area(SIBLING), **desk.by("township"))
    handling.separate(other.number, reason="分开办理", **desk.by("township"))
    assert (clue_after(other, "village").desk_id, other.merged_into, other.due_on) == (SIBLING, None, ON + 3 * DAY)


def test_only_clues_of_one_household_are_merged(desk: Desk) -> None:
    first, second = open_clue("H1"), open_clue("H2")
    with pytest.raises(InputError, match="同一户"):
        handling.merge(first.number, into=second.number, reason="合并", **desk.by("city"))
    with pytest.raises(InputError, match="同一户"):
        handling.merge(first.number, into=first.number, reason="合并", **desk.by("city"))


def test_steps_are_never_changed(desk: Desk) -> None:
    step = desk.bring(open_clue(), "county").steps.last()
    for change in (
        step.delete,
        step.save,
        lambda: ClueStep.objects.update(reason="别的"),
        lambda: ClueStep.objects.all().delete(),
    ):
        with pytest.raises(PermissionDenied):
            change()
