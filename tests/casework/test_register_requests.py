"""Changes of the register: proposed, agreed and delivered, and the register then says so with the delivery's own lines."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from desks import OTHER_TOWNSHIP, OTHER_VILLAGE, SIBLING, TOWNSHIP, VILLAGE
from offices import ON
from register_office import ROWS, TODAY, Kind, Office, key_of, proposals, split

from conftest_numbers import number
from shouwang.accounts.models import Post
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue
from shouwang.exchange.models import Upload
from shouwang.households.models import Household, Person
from shouwang.jobs.register import load_register
from shouwang.jobs.register_sheet import make_sheet
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.proceedings.steps import NotOpen, Overtaken
from shouwang.registration import deciding as doing
from shouwang.registration.lines import Standing, lines_now, standing_of
from shouwang.registration.models import (
    AmendmentSheet,
    RegisterRequest,
    RequestStage,
)


@pytest.fixture
def home(home_as_made: Home) -> Home:
    return home_as_made


@pytest.fixture
def office(office_as_made: Office) -> Office:
    return office_as_made


def standing(request: RegisterRequest) -> Standing:
    return standing_of(lines_now(RegisterRequest.objects.get(pk=request.pk)))


def told_by_register(kind: Kind) -> Any:
    """What the register says once a change of the kind was delivered."""
    people = {each.name: each for each in Person.objects.select_related("household")}
    wife, son = people["覃小河"], people["冉二田"]
    return {
        Kind.SPLIT: lambda: (son.household_id, son.relation, Household.objects.get(pk="H1-F1").member_count),
        Kind.MERGE: lambda: (
            {each.household_id for each in people.values()},
            Household.objects.get(pk="H1").member_count,
        ),
        Kind.DEATH: lambda: (wife.left_kind, wife.left_on),
        Kind.MOVE_OUT: lambda: (son.left_kind, son.left_on),
        Kind.MOVE: lambda: (Household.objects.get(pk="H1").area_id, wife.household_id),
        Kind.JOIN: lambda: (people["冉新生"].household_id, people["冉新生"].relation, people["冉新生"].birth_date),
        Kind.CORRECTION: lambda: (son.labour, son.health, son.relation),
    }[kind]()


DELIVERED = {
    Kind.SPLIT: ("H1-F1", "户主", 1),
    Kind.MERGE: ({"H2"}, 0),
    Kind.DEATH: ("死亡", date(2021, 3, 4)),
    Kind.MOVE_OUT: ("迁出", TODAY),
    Kind.MOVE: (OTHER_VILLAGE, "H1"),
    Kind.JOIN: ("H1", "孙子女", date(2021, 1, 1)),
    Kind.CORRECTION: ("技能劳动力", "健康", "子"),
}


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_agreed_reaches_the_register_as_a_delivery(kind: Kind, office: Office) -> None:
    before = {person.pk: (person.household_id, person.labour, person.left_kind) for person in Person.objects.all()}
    request = proposals(office)[kind]()
    assert (request.stage, request.desk_id) == (RequestStage.TOWNSHIP_REVIEW, TOWNSHIP)
    doing.agree(request.number, office.order("township"), "同意")
    if kind == Kind.MOVE:
        request.refresh_from_db()
        assert (request.stage, request.desk_id) == (RequestStage.RECEIVING_REVIEW, OTHER_TOWNSHIP)
        doing.receive(request.number, office.order("other_township"), "同意迁入")
    assert {
        p.pk: (p.household_id, p.labour, p.left_kind) for p in Person.objects.all()
    } == before  # nothing changed yet
    assert standing(request) == Standing.WAITING
    sheet = office.deliver()
    assert told_by_register(kind) == DELIVERED[kind]
    assert standing(request) == Standing.CONFIRMED
    request.refresh_from_db()
    assert (request.stage, request.sheet_id, sheet.number) == (RequestStage.HANDED_OVER, sheet.pk, 1)
    moved = Person.objects.filter(key__in=[line["key"] for line in request.lines]).exclude(left_kind="死亡")
    if kind not in (Kind.DEATH, Kind.MOVE_OUT):
        assert {person.delivery for person in moved} == {2}


def test_a_telephone_and_address_come_through_and_are_nowhere_in_clear(office: Office, home: Home) -> None:
    head = key_of("冉大田")
    request = office.propose(Kind.CORRECTION, members=(head,), correct=("health", "患有大病"))
    doing.agree(request.number, office.order("township"), "")
    office.deliver()
    import json

    sealed = json.loads(home.sealer().unseal(bytes(Person.objects.get(key=head).sealed), f"person:{head}"))
    assert (sealed["id"], sealed["phone"]) == (number(1), "13900000001")
    stored = str(list(RegisterRequest.objects.values())) + str(list(Entry.objects.values()))
    assert number(1) not in stored


def test_a_later_register_that_says_otherwise_is_seen(
    office: Office, home: Home, send_register: Callable[..., Any]
) -> None:
    request = proposals(office)[Kind.CORRECTION]()
    doing.agree(request.number, office.order("township"), "")
    office.deliver()
    row = ROWS[2].format(*["", *[number(serial) for serial in range(1, 5)]], village=VILLAGE)
    send_register(row.replace("普通劳动力", "弱劳动力或半劳动力"), on=TODAY.isoformat())
    load_register(home)
    assert standing(request) == Standing.CONTRADICTED
    line = lines_now(RegisterRequest.objects.get(pk=request.pk))[0]
    assert (line.before, line.after, line.now, line.delivery) == ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力", 3)


def test_clues_and_cases_stay_where_they_were_found(office: Office) -> None:
    household = Household.objects.get(pk="H1")
    Clue.objects.create(
        number="H1-01", household=household, area_id=VILLAGE, risk_type="illness", level="red", rules=[], reasons="",
        opened_on=ON, last_seen_on=ON, evidence={}, owners="", stage="village", desk_id=VILLAGE,
    )  # fmt: skip
    request = proposals(office)[Kind.MERGE]()
    doing.agree(request.number, office.order("township"), "")
    office.deliver()
    clue = Clue.objects.get()
    assert (clue.number, clue.household_id, clue.state, clue.desk_id) == ("H1-01", "H1", "open", VILLAGE)
    assert Household.objects.filter(pk="H1").exists()


def test_numbers_have_no_gaps_and_a_second_split_gets_the_next(office: Office) -> None:
    first = split(office)
    doing.agree(first.number, office.order("township"), "")
    doing.send_back(first.number, office.order("county"), "材料不全")
    doing.send_back(first.number, office.order("township"), "材料不全")
    doing.withdraw(first.number, office.order("village"), "不分了")
    second = split(office)
    assert [first.number, second.number] == ["H1-G01", "H1-G02"]
    assert [first.new_no, second.new_no] == ["H1-F1", "H1-F2"]


def test_nobody_agrees_to_their_own(office: Office) -> None:
    Post.objects.create(user=office.people["village"], area_id=TOWNSHIP, duty="township", starts_on=date(2020, 1, 1))
    request = split(office)
    for decide in (doing.agree, doing.refuse):
        with pytest.raises(NotOpen, match="不能再审核"):
            decide(request.number, office.order("village"), "同意")
    Post.objects.create(
        user=office.people["township"], area_id=OTHER_TOWNSHIP, duty="township", starts_on=date(2020, 1, 1)
    )
    moved = office.propose(Kind.MOVE, household="H2", to_area=OTHER_VILLAGE)
    doing.agree(moved.number, office.order("township"), "")
    with pytest.raises(NotOpen, match="不能再审核"):
        doing.receive(moved.number, office.order("township"), "")


def test_what_somebody_saw_must_still_hold(office: Office) -> None:
    request = split(office)
    doing.agree(request.number, office.order("township", seen=request.version), "")
    with pytest.raises(Overtaken):
        doing.refuse(request.number, office.order("township", seen=request.version), "不同意")


def test_the_same_form_three_times_is_one_request_and_one_sheet(office: Office) -> None:
    made = {split(office, key="same").pk for _ in range(3)}
    assert len(made) == RegisterRequest.objects.count() == 1
    request = RegisterRequest.objects.get()
    doing.agree(request.number, office.order("township"), "")
    order = office.order("county", key="sheet")
    assert len({make_sheet("500101000000", order).pk for _ in range(3)}) == 1
    assert Upload.objects.count() == 1


WRONG: dict[str, tuple[Kind, dict[str, Any], str]] = {
    "everybody splits off": (Kind.SPLIT, {"members": "all", "relations": "heads"}, "不能全部分出"),
    "nobody splits off": (Kind.SPLIT, {}, "请选择现在这一户的成员"),
    "two heads": (
        Kind.SPLIT,
        {"members": ("覃小河", "冉二田"), "relations": {"覃小河": "户主", "冉二田": "户主"}},
        "须有一名户主",
    ),
    "a stranger": (Kind.DEATH, {"members": ("彭石头",)}, "请选择现在这一户的成员"),
    "the head dies and nobody follows": (Kind.DEATH, {"members": ("冉大田",)}, "须有一名户主"),
    "tomorrow": (Kind.DEATH, {"members": ("覃小河",), "happened_on": TODAY + timedelta(days=1)}, "晚于今天"),
    "before the birth": (Kind.DEATH, {"members": ("覃小河",), "happened_on": date(1979, 1, 1)}, "早于出生"),
    "into itself": (Kind.MERGE, {"into": "H1"}, "没有找到要并入的户"),
    "into nothing": (Kind.MERGE, {"into": "H9"}, "没有找到要并入的户"),
    "to its own village": (Kind.MOVE, {"to_area": VILLAGE}, "没有找到迁入的村"),
    "to a township": (Kind.MOVE, {"to_area": OTHER_TOWNSHIP}, "没有找到迁入的村"),
    "a wrong number": (
        Kind.JOIN,
        {"number": "123", "someone": {"name": "甲", "relation": "子"}},
        "不是有效的 18 位号码",
    ),
    "somebody who is there": (
        Kind.JOIN,
        {"number": number(2), "someone": {"name": "甲", "relation": "子"}},
        "此人已在这一户",
    ),
    "a second head": (Kind.JOIN, {"number": number(8), "someone": {"name": "甲", "relation": "户主"}}, "与户主关系"),
    "a strange code": (Kind.CORRECTION, {"members": ("冉二田",), "correct": ("labour", "很能干")}, "不在规定的选项内"),
    "a strange field": (Kind.CORRECTION, {"members": ("冉二田",), "correct": ("sealed", "x")}, "不能在这里更正"),
    "no change": (Kind.CORRECTION, {"members": ("冉二田",), "correct": ("labour", "普通劳动力")}, "没有变化"),
    "no reason": (
        Kind.CORRECTION,
        {"members": ("冉二田",), "correct": ("labour", "技能劳动力"), "reason": " "},
        "请填写理由",
    ),
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_what_does_not_fit_the_register_is_refused_in_words(wrong: str, office: Office) -> None:
    kind, told, said = WRONG[wrong]
    told = dict(told)
    if told.get("members") == "all":
        keys = tuple(Person.objects.filter(household="H1").values_list("key", flat=True))
        told |= {"members": keys, "relations": dict.fromkeys(keys, "户主")}
    elif "members" in told:
        told["relations"] = {key_of(name): value for name, value in told.get("relations", {}).items()}
        told["members"] = tuple(key_of(name) for name in told["members"])
    with pytest.raises(InputError, match=said):
        office.propose(kind, **told)
    assert RegisterRequest.objects.count() == 0


def test_nobody_is_in_two_requests_at_once(office: Office) -> None:
    first = split(office)
    with pytest.raises(InputError, match="涉及同一成员"):
        office.propose(Kind.DEATH, members=(key_of("冉二田"),))
    office.propose(Kind.CORRECTION, members=(key_of("覃小河"),), correct=("health", "残疾"))
    doing.refuse(first.number, office.order("township"), "不符合分户条件")
    assert office.propose(Kind.DEATH, members=(key_of("冉二田"),)).number == "H1-G03"


def test_what_the_register_says_otherwise_by_now_is_not_overwritten(
    office: Office, home: Home, send_register: Callable[..., Any]
) -> None:
    request = proposals(office)[Kind.CORRECTION]()
    doing.agree(request.number, office.order("township"), "")
    row = ROWS[2].format(*["", *[number(serial) for serial in range(1, 5)]], village=VILLAGE)
    send_register(row.replace("普通劳动力", "丧失劳动力"), on="2021-02-01")
    load_register(home)
    with pytest.raises(InputError, match="已另有变化"):
        make_sheet("500101000000", office.order("county"))
    assert AmendmentSheet.objects.count() == Upload.objects.count() == 0


def test_somebody_who_marries_in_is_moved_not_doubled(office: Office) -> None:
    request = office.propose(Kind.JOIN, number=number(4), someone={"name": "彭石头", "relation": "女婿"})
    assert request.lines[0]["changes"] == {"household": ["H2", "H1"], "relation": ["户主", "女婿"]}
    doing.agree(request.number, office.order("township"), "")
    office.deliver()
    assert Person.objects.get(name="彭石头").household_id == "H1"
    assert Person.objects.count() == 4


def test_the_sibling_village_proposes_nothing_here(office: Office) -> None:
    for who in ("sibling_village", "township", "county", "grid_worker"):
        with pytest.raises(NotOpen, match="不由您提出"):
            office.propose(Kind.DEATH, who, members=(key_of("覃小河"),))
    assert SIBLING != VILLAGE
