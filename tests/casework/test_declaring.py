"""农户自主申报 from the telephone: the code, the receipt, the limits, and what whoever reported is told; then the desk."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from declaring import ADDRESS, PHONE, VILLAGE, Office, anonymous, check_declarations, taken
from django.conf import settings
from django.utils.timezone import now
from identifying import Office as Identification
from offices import ON, Desk, area, open_clue
from test_declaration_machine import everybody

from shouwang.accounts.models import Post, User
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.clues import handling as clue_handling
from shouwang.clues import verification
from shouwang.clues.models import Clue, ClueSource
from shouwang.declarations import allowances, codes, receipt, taking
from shouwang.declarations import handling as doing
from shouwang.declarations.models import Allowance, Appeal, Declaration, OneTimeCode
from shouwang.declarations.reading import (
    declaration_of_receipt,
    declarations_to_do,
    declarations_visible_to,
    masked_phone,
    matches_of,
    phone_of,
)
from shouwang.declarations.rising import bring_unverified
from shouwang.declarations.telling import told_of
from shouwang.households.models import Household, Person
from shouwang.jobs.handling import declaration_requirements, look_after
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.kernel.keys import pseudonym
from shouwang.notifications.models import Message
from shouwang.notifications.sms import words_of
from shouwang.proceedings.steps import NotOpen

pytestmark = pytest.mark.usefixtures("households", "home")
NUMBER = "11010519491231002X"


@pytest.fixture
def people(households: object) -> dict[str, User]:
    return everybody()


def code_sent() -> str:
    """The latest code, as the officers read it out."""
    message = Message.objects.filter(kind="relay").order_by("-pk")[0]
    phone, text = words_of(message) or ("", "")
    assert phone == PHONE
    return re.findall(r"\d{6}", text)[0]


def verified(**more: Any) -> Declaration:
    found = taken(**more)
    assert taking.verify(found, code_sent(), requirements=declaration_requirements(ON), on=ON)
    return found


def test_with_the_code_of_the_telephone_a_report_comes_to_the_township(people: Mapping[str, User]) -> None:
    found = taken()
    assert (found.stage, found.desk) == ("unverified", None)
    assert found not in declarations_visible_to(people["township"])
    asked = {"requirements": declaration_requirements(ON), "on": ON}
    code = code_sent()
    assert not taking.verify(found, f"{(int(code) + 1) % 10**6:06d}", **asked)
    assert taking.verify(found, f" {code[:3]} {code[3:]}", **asked)
    assert taking.verify(found, "anything", **asked)  # it stays right
    assert (found.stage, found.desk_id) == ("township", "500101001000")
    assert found.due_on == asked["requirements"].due("declaration_township", ON)
    assert list(declarations_to_do(people["township"], ON)) == [found]
    assert Message.objects.filter(link=f"/declarations/{found.number}/").count() == 1
    actions = list(Entry.objects.order_by("sequence").values_list("action", "actor"))
    assert ("declaration_received", "") in actions
    assert ("declaration_verified", "") in actions
    check_declarations({found.number})


def test_codes_are_kept_as_digests_expire_and_count_their_tries() -> None:
    found = taken()
    code, kept = code_sent(), OneTimeCode.objects.get()
    assert code not in kept.digest
    assert len(kept.digest) == 64
    OneTimeCode.objects.update(expires_at=now() - timedelta(seconds=1))
    assert not codes.matches(found, code)
    assert taking.send_again(found, ADDRESS)
    second = code_sent()
    for _ in range(codes.MOST_TRIES):
        assert not codes.matches(found, "x")
    assert not codes.matches(found, second)
    assert taking.send_again(found, ADDRESS)
    assert codes.matches(found, code_sent())
    assert not taking.send_again(found, ADDRESS)  # three for one report


def test_a_report_whose_code_nobody_entered_is_not_lost() -> None:
    found = taken()
    look_after(ON)
    found.refresh_from_db()
    assert found.stage == "unverified"
    Declaration.objects.update(received_at=now() - timedelta(days=1, minutes=1))
    for _ in range(2):
        look_after(ON)
    found.refresh_from_db()
    assert (found.stage, found.verified_at, found.version) == ("township", None, 2)
    assert bring_unverified(declaration_requirements(ON), ON) == 0


def test_the_same_form_is_one_report() -> None:
    first = taken()
    assert taken(said="换了说法") == first
    assert Declaration.objects.count() == 1
    assert OneTimeCode.objects.get().sent == 1
    assert taken("form-2").number != first.number


def test_an_anonymous_report_leaves_no_name_no_number_and_no_address() -> None:
    from shouwang.audit.asking import asked_from

    with asked_from(ADDRESS):
        found = anonymous(reporter="冉大田", phone=PHONE)
    assert (found.stage, found.reporter, found.phone_key) == ("township", "", None)
    assert masked_phone(found) == ""
    assert set(Entry.objects.filter(action__startswith="declaration").values_list("address", flat=True)) == {
        "anonymous"
    }


def test_telephone_and_identity_number_are_sealed_and_read_one_by_one(people: Mapping[str, User]) -> None:
    found = verified(id_number=NUMBER, said=f"我的号码是{NUMBER}")
    raw = bytes(Declaration.objects.get().sealed) + found.said.encode()
    assert PHONE.encode() not in raw
    assert NUMBER.encode() not in raw
    assert json.loads(settings.HOME.sealer().unseal(bytes(found.sealed), f"declaration:{found.number}")) == {
        "phone": PHONE,
        "id_number": NUMBER,
    }
    assert masked_phone(found) == "138****0001"
    assert phone_of(found, acting_user=people["township"], reason="核对") == PHONE
    entry = Entry.objects.get(action="value_unmasked")
    assert (entry.actor, entry.subject) == ("township", found.number)
    assert PHONE not in entry.detail


def test_limits_close_the_costly_way_and_never_the_door(people: Mapping[str, User]) -> None:
    """Somebody who uses up the codes of a telephone, or the reports of an address, shuts nobody out."""
    most = allowances.LIMITS[Allowance.What.CODE_TO_PHONE].most
    for place in range(most):
        taken(f"flood-{place}", address=f"198.51.100.{place}")
    own = taken("own", address="203.0.113.9")
    assert own.stage == "township"  # no code any more for this telephone: the desk calls
    left = allowances.LIMITS[Allowance.What.UNVERIFIED_FROM_ADDRESS].most
    for place in range(left):
        anonymous(f"many-{place}", address="203.0.113.50")
    with pytest.raises(InputError, match="还没有收下"):
        anonymous("too-many", address="203.0.113.50")
    assert (
        taken("neighbour", phone="13900000002", address="203.0.113.50").stage == "unverified"
    )  # by code it still goes
    assert anonymous("elsewhere", address="203.0.113.51").stage == "township"


def test_what_is_refused_keeps_no_half_report() -> None:
    for _ in range(allowances.LIMITS[Allowance.What.UNVERIFIED_IN_VILLAGE].most):
        allowances.use(Allowance.What.UNVERIFIED_IN_VILLAGE, allowances.key_of("village", VILLAGE))
    before = Entry.objects.count()
    with pytest.raises(InputError):
        anonymous()
    assert not Declaration.objects.exists()
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "fault",
    [
        {"behalf": "nobody"},
        {"risks": []},
        {"risks": ["boredom"]},
        {"risks": ["illness", "disability", "schooling", "accident", "other", "unsafe_water"]},
        {"phone": "1380000"},
        {"phone": ""},
        {"reporter": "  "},
        {"id_number": "110105194912310021"},
        {"behalf": "neighbour", "about": ""},
        {"said": "字" * 1001},
        {"photos": [b"no picture"]},
        {"photos": [b"x"] * 4},
    ],
    ids=str,
)
def test_what_is_missing_is_said_and_nothing_is_kept(fault: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        taken(**fault)
    assert not Declaration.objects.exists()


def test_receipts_are_drawn_and_tell_a_slip_of_the_tongue() -> None:
    drawn = {receipt.draw() for _ in range(200)}
    assert len(drawn) == 200
    for number in drawn:
        assert receipt.read(receipt.in_groups(number)) == number
        for place in range(16):
            wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
            assert receipt.read(wrong) is None
    assert receipt.read("１２３４") is None
    assert receipt.read("") is None


def test_only_receipt_and_digits_together_open_a_report() -> None:
    found = taken()
    assert declaration_of_receipt(receipt.in_groups(found.number), PHONE[-4:], ADDRESS) == found
    assert declaration_of_receipt(found.number, "9999", ADDRESS) is None
    assert declaration_of_receipt(receipt.draw(), PHONE[-4:], ADDRESS) is None
    assert declaration_of_receipt("", "", ADDRESS) is None
    nameless = anonymous("another")
    assert declaration_of_receipt(nameless.number, "", ADDRESS) == nameless
    for _ in range(20):
        declaration_of_receipt(found.number, "0000", ADDRESS)
    assert declaration_of_receipt(found.number, PHONE[-4:], ADDRESS) is None
    assert (
        declaration_of_receipt(found.number, PHONE[-4:], "203.0.113.99") == found
    )  # another address has its own tries


def test_linked_to_a_household_it_is_a_clue_for_each_risk(people: Mapping[str, User]) -> None:
    office, found = Office(people), verified(risks=["illness", "unsafe_housing"])
    doing.link(found.number, office.order("township"), "H1", ["illness", "unsafe_housing"], True)
    assert set(Clue.objects.values_list("household", "risk_type", "stage")) == {
        ("H1", "illness", "township"),
        ("H1", "unsafe_housing", "township"),
    }
    source = ClueSource.objects.filter(clue__risk_type="illness").get()
    assert (source.channel, source.reference) == ("self_report", found.number)
    assert "自己付了三万多" in source.text
    assert found in declarations_visible_to(people["village"])  # it is about a household of theirs now
    assert told_of(Declaration.objects.get()).title == "正在核实"
    with pytest.raises(ShouwangError):
        doing.link(found.number, office.order("township"), "H2", ["illness"], True)


def test_a_household_outside_ones_area_is_none(people: Mapping[str, User]) -> None:
    found = anonymous()
    for household in ("H4", "H9", ""):
        with pytest.raises(InputError, match="没有找到这一户"):
            doing.link(found.number, Office(people).order("township"), household, ["illness"], False)


def test_a_village_sees_only_what_was_given_to_it(people: Mapping[str, User]) -> None:
    office, found = Office(people), anonymous()
    assert found in declarations_visible_to(people["township"])
    for who in ("village", "team", "grid_worker", "enumerator", "department", "other_township", "system_admin"):
        assert found not in declarations_visible_to(people[who]), who
    doing.pass_down(found.number, office.order("township"), area(VILLAGE), "核对是谁家")
    assert found in declarations_visible_to(people["village"])
    assert found not in declarations_visible_to(people["sibling_village"])
    doing.give_back(found.number, office.order("village"), "不是本村的")
    assert found not in declarations_visible_to(people["village"])


def test_who_may_be_meant_is_proposed(people: Mapping[str, User]) -> None:
    for key, (household, name) in enumerate([("H1", "冉大田"), ("H2", "冉大田"), ("H1", "田英")], start=1):
        Person.objects.create(
            key=pseudonym(settings.HOME.keys(), NUMBER) if name == "田英" else key,
            household=Household.objects.get(pk=household),
            name=name,
            id_masked="1101**",
            sealed=b"",
            relation="户主",
            delivery=1,
            line=key,
            received_on=ON,
        )
    found = verified(id_number=NUMBER)
    (match,) = matches_of(found, people["township"])  # the other of that name lives in another village
    assert (match.household.pk, match.names, match.by_number) == ("H1", ("冉大田", "田英"), True)
    assert matches_of(found, people["foreign_village"]) == []


def test_nobody_closes_a_report_alone_and_the_reason_is_told(people: Mapping[str, User]) -> None:
    office, found = Office(people), verified()
    doing.propose(found.number, office.order("township"), "不是农户的困难")
    with pytest.raises(NotOpen, match="不能自己同意"):
        doing.agree(found.number, office.order("township"))
    doing.agree(found.number, office.order("township_too"))
    told = told_of(Declaration.objects.get())
    assert (told.title, told.reasons, told.refused) == ("没有受理", ("不是农户的困难",), True)


def closed(office: Office, **more: Any) -> Declaration:
    found = verified(**more)
    doing.propose(found.number, office.order("township"), "不是农户的困难")
    doing.agree(found.number, office.order("township_too"))
    return found


def test_an_appeal_is_one_and_decided_by_somebody_else(people: Mapping[str, User]) -> None:
    people["third"] = User.objects.create(username="third", password="!")
    Post.objects.create(user=people["third"], area_id="500101001000", duty="township", starts_on=ON)
    office = Office(people)
    found = closed(office)
    for _ in range(3):
        office.appeal(found.number)
    assert Appeal.objects.get().about == "不是农户的困难"
    assert told_of(Declaration.objects.get()).title == "已经收到您的申诉"
    for who in ("township", "township_too"):
        with pytest.raises(NotOpen, match="不能自己同意"):
            doing.uphold(found.number, office.order(who), "核对过")
    doing.uphold(found.number, office.order("third"), "确实不是")
    told = told_of(Declaration.objects.get())
    assert (told.refused, told.reasons) == (False, ("不是农户的困难", "确实不是"))
    office.appeal(found.number)  # the very appeal again: nothing
    assert Declaration.objects.get().stage == "closed"


def test_an_appeal_that_is_right_opens_what_was_closed(people: Mapping[str, User]) -> None:
    people["third"] = User.objects.create(username="third", password="!")
    Post.objects.create(user=people["third"], area_id="500101001000", duty="township", starts_on=ON)
    office = Office(people)
    found = closed(office)
    office.appeal(found.number)
    doing.reopen(found.number, office.order("third"), "有新情况")
    again = Declaration.objects.get()
    assert (again.stage, again.closed_reason) == ("township", "")
    check_declarations({found.number})


def dismissed(people: Mapping[str, User], found: Declaration, by: str) -> Clue:
    """The clue of a report goes its way and is dismissed."""
    clue = Clue.objects.get(sources__reference=found.number)
    clue_handling.dispatch(clue.number, to=area(VILLAGE), **Desk(people).by("township"))
    Desk(people).submit(clue.number, "dismiss", reason="自费已由亲友承担")
    verification.agree(clue.number, **Desk(people).by(by))
    clue.refresh_from_db()
    return clue


def test_a_dismissed_clue_is_appealed_and_asked_anew(people: Mapping[str, User]) -> None:
    office, found = Office(people), verified()
    doing.link(found.number, office.order("township"), "H1", ["illness"], True)
    clue = dismissed(people, found, "township")
    told = told_of(Declaration.objects.get())
    assert (told.title, told.reasons, told.refused) == ("核实后没有列为风险", ("自费已由亲友承担",), True)
    office.appeal(found.number)
    with pytest.raises(NotOpen, match="不能自己同意"):  # who agreed to the dismissal
        doing.reopen(found.number, office.order("township"), "再看")
    doing.reopen(found.number, office.order("township_too"), "再看")
    again = Clue.objects.get(state="open")
    assert (again.earlier, again.stage) == (clue, "township")
    assert "不同意" in again.sources.get().text
    assert told_of(Declaration.objects.get()).title == "正在核实"


def test_a_refused_case_is_appealed_and_checked_again(people: Mapping[str, User]) -> None:
    """Whoever refused does not decide the appeal; the village then looks again at the same case."""
    office, found = Office(people), verified()
    doing.link(found.number, office.order("township"), "H1", ["illness"], True)
    clue = Clue.objects.get()
    clue_handling.dispatch(clue.number, to=area(VILLAGE), **Desk(people).by("township"))
    Desk(people).submit(clue.number)
    verification.agree(clue.number, **Desk(people).by("township_too"))
    look_after(ON)
    of_cases = Identification(people)
    case = of_cases.bring(Case.objects.get(), "township_audit")
    of_cases.act(case, "refuse", "township")
    assert told_of(Declaration.objects.get()).title == "有了结果"
    of_cases.act(case, "notify", "village")
    told = told_of(Declaration.objects.get())
    assert (told.title, told.reasons, told.refused) == ("没有纳入监测", ("收入高于监测线",), True)
    office.on = of_cases.on
    office.appeal(found.number)
    for who in ("township", "township_too"):  # who refused, and who had agreed to the clue
        with pytest.raises(NotOpen, match="不能自己同意"):
            doing.reopen(found.number, office.order(who), "再看")
    people["third"] = User.objects.create(username="third", password="!")
    Post.objects.create(user=people["third"], area_id="500101001000", duty="township", starts_on=ON)
    doing.reopen(found.number, office.order("third"), "请重新采集收入")
    case.refresh_from_db()
    assert (case.stage, case.desk_id, case.refusal) == ("collection", VILLAGE, "")
    assert case.steps.get(action="recheck").actor == people["third"]
    assert told_of(Declaration.objects.get()).title == "核实属实，正在办理"
    check_declarations({found.number})


def test_what_comes_of_a_household_is_told_to_its_own_people_alone(people: Mapping[str, User]) -> None:
    office, found = Office(people), verified(behalf="neighbour", about="冉大田")
    doing.link(found.number, office.order("township"), "H1", ["illness"], False)
    assert told_of(Declaration.objects.get()).title == "已转给村里上门核实"
    dismissed(people, found, "township")
    told = told_of(Declaration.objects.get())
    assert (told.title, told.reasons, told.refused) == ("已经有人上门看过", (), False)
    with pytest.raises(NotOpen):
        office.appeal(found.number)


def test_a_report_about_a_household_that_was_refused_is_asked_afresh(people: Mapping[str, User]) -> None:
    Desk(people).bring(open_clue(), "closed")
    look_after(ON)
    Case.objects.update(stage="refused", refusal="收入高于监测线")
    found = verified()
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    assert Clue.objects.filter(state="open").get().number == "H1-02"


def test_a_report_about_a_case_in_hand_joins_it_and_tells_how_that_stands(people: Mapping[str, User]) -> None:
    closed_clue = Desk(people).bring(open_clue(), "closed")
    look_after(ON)
    found = verified()
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    assert Clue.objects.get() == closed_clue
    assert told_of(Declaration.objects.get()).title == "核实属实，正在办理"
    Case.objects.update(stage="included", included_on=ON, monitor_type="marginal")
    assert told_of(Declaration.objects.get()).good
