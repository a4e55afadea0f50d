"""绿色通道: help first straight from a clue, one or many after a flood; the procedure follows with a last day of its own."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.timezone import localdate
from small_city import TOWNSHIP, VILLAGE, make_clue, make_household

from shouwang.assistance.models import Plan
from shouwang.audit.models import Entry
from shouwang.cases.green_channel import require_found_true
from shouwang.cases.models import Case
from shouwang.clues.models import Clue, ClueStep
from shouwang.jobs.handling import identification_requirements, look_after
from shouwang.proceedings.steps import NotOpen

At = Callable[[str], Client]
TODAY = localdate()
TELLS = {"reason": "洪水冲进屋里，人已转移", "key": "order-1"}


def flooded(serial: int, risk: str = "natural_disaster", stage: str = "township") -> Clue:
    """A clue of a household of its own on the desk of the township or the village."""
    clue = make_clue(
        make_household(f"H-{serial}", VILLAGE, f"向{serial}", serial), serial, risk_type=risk, opened_on=TODAY
    )
    desk = TOWNSHIP if stage == "township" else VILLAGE
    ClueStep.objects.create(
        clue=clue, number=1, action="arrive", at="2021-06-17T00:00Z", on=TODAY, stage_from="new", stage_to=stage
    )
    Clue.objects.filter(pk=clue.pk).update(stage=stage, desk=desk, version=1)
    return Clue.objects.get(pk=clue.pk)


def help_first(at_desk: At, clue: Clue, who: str = "township", **more: object) -> object:
    return at_desk(who).post("/clues/help-first/", {"number": clue.number, "seen": "1", **TELLS, **more}, follow=True)


def test_help_begins_from_the_clue_and_the_procedure_follows(city: SimpleNamespace, at_desk: At) -> None:
    clue = flooded(61)
    assert "先行帮扶（绿色通道）" in at_desk("township").get(f"/clues/{clue.number}/").content.decode()
    page = help_first(at_desk, clue).content.decode()
    case = Case.objects.get(household=clue.household)
    assert (case.stage, case.desk_id, case.help_first) == ("collection", VILLAGE, TELLS["reason"])
    assert case.complete_by == identification_requirements(TODAY).due("green_channel", TODAY)
    assert case.due_on
    assert case.due_on <= case.complete_by
    assert [each.action for each in case.steps.order_by("number")] == ["open", "help_first"]
    assert all(each.actor == city.users["township"] for each in case.steps.all())
    assert Plan.objects.get(case=case).stage == "drafting"
    assert f"/cases/{case.number}/" in page
    assert f"/clues/{clue.number}/" in at_desk("county").get(f"/cases/{case.number}/").content.decode()
    clue.refresh_from_db()
    assert (clue.stage, clue.state) == ("township", "open")
    assert Entry.objects.filter(action="clue_help_first", actor=city.users["township"]).count() == 1
    assert "help_first" not in page.split("<aside")[0]


def test_many_at_once_each_with_its_own_entry_and_the_rest_told(city: SimpleNamespace, at_desk: At) -> None:
    clues = [flooded(serial) for serial in (62, 63, 64)] + [flooded(65, "illness")]
    township = at_desk("township")
    told = {"what": "keep", "shown": ",".join(str(each.pk) for each in clues), "pick": [each.pk for each in clues]}
    township.post("/clues/picked/", told)
    assert "其中 3 条" in township.get("/clues/dispatch/").content.decode()
    for _ in range(3):
        page = township.post("/clues/help-first/", TELLS).content.decode()
        assert "3 条线索的农户已列入先行帮扶，1 条没有动" in page
    assert "先行帮扶只用于因自然灾害、因意外事故" in page
    households = [each.household_id for each in clues[:3]]
    assert sorted(Case.objects.filter(household__in=households).values_list("household", flat=True)) == households
    assert not Case.objects.filter(household=clues[3].household).exists()
    assert Entry.objects.filter(action="clue_help_first").count() == 3
    assert Entry.objects.filter(action="case_help_first").count() == 3
    assert Plan.objects.filter(case__household__in=households).count() == 3


def test_the_township_agrees_only_when_the_clue_was_found_true(city: SimpleNamespace, at_desk: At) -> None:
    clue = flooded(66)
    help_first(at_desk, clue)
    case = Case.objects.get(household=clue.household)
    page = f"/cases/{case.number}/"
    assert "线索还在核实" in at_desk("village").get(page).content.decode()
    with pytest.raises(NotOpen, match="还没有核实完"):
        require_found_true(case)
    Clue.objects.filter(pk=clue.pk).update(state="dismissed", stage="closed", dismissed_on=TODAY)
    assert "建议终止识别" in at_desk("village").get(page).content.decode()
    with pytest.raises(NotOpen, match="都已排除"):
        require_found_true(case)
    Clue.objects.filter(pk=clue.pk).update(state="confirmed", dismissed_on=None)
    require_found_true(case)
    look_after(TODAY)
    assert Case.objects.filter(household=clue.household).count() == 1


def test_a_case_in_hand_is_helped_first_and_a_monitored_household_is_helped_by_its_plan(
    city: SimpleNamespace, at_desk: At
) -> None:
    clue = flooded(67)
    case = Case.objects.create(
        number="H-67-J01",
        household=clue.household,
        area_id=VILLAGE,
        desk_id=VILLAGE,
        stage="collection",
        opened_on=TODAY,
    )
    help_first(at_desk, clue)
    case.refresh_from_db()
    assert case.help_first
    assert [each.action for each in case.steps.order_by("number")] == ["attach", "help_first"]
    other = flooded(68)
    Case.objects.create(
        number="H-68-J01", household=other.household, area_id=VILLAGE, stage="included", opened_on=TODAY,
        included_on=TODAY, monitor_type="marginal",
    )  # fmt: skip
    page = help_first(at_desk, other).content.decode()
    assert "在帮扶计划里安排" in page
    assert not Entry.objects.filter(action="clue_help_first", subject=other.number).exists()


def test_only_the_township_and_only_with_a_reason(city: SimpleNamespace, at_desk: At) -> None:
    clue = flooded(69, stage="village")
    for who in ("city", "county", "village", "resident_team"):
        if who in city.users:
            assert help_first(at_desk, clue, who).status_code in (403, 404), who
    assert "请填写先行帮扶的理由" in help_first(at_desk, clue, reason=" ").content.decode()
    assert not Case.objects.filter(household=clue.household).exists()
    help_first(at_desk, clue)
    assert Case.objects.filter(household=clue.household).exists()
