"""Whoever gets a matter into their hands is told, in one message for each desk however many came; contacts hear of visits due."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from assisting import included_case
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from helping import HelpOffice, make_helpers
from offices import ON

from shouwang.accounts.models import User
from shouwang.assistance.contacts import Named, name_contact
from shouwang.assistance.models import DepartmentTask, Plan
from shouwang.assistance.opening import open_plans
from shouwang.assistance.reminding import remind_contacts
from shouwang.households.models import Household
from shouwang.jobs.handling import clocks_of, look_after
from shouwang.notifications.models import Message, Sending
from shouwang.notifications.reading import messages_for
from shouwang.notifications.sms import words_of
from shouwang.proceedings.arrivals import SETTLED, tell_arrivals
from shouwang.proceedings.lifecycles import lifecycles

pytestmark = pytest.mark.usefixtures("households", "home")


@pytest.fixture
def people(households: object) -> Mapping[str, User]:
    return make_helpers()


@pytest.fixture
def office(people: Mapping[str, User]) -> HelpOffice:
    tell_arrivals(ON, now() + SETTLED)  # from here on
    return HelpOffice(people)


def arrived(minutes: int = 0) -> int:
    return tell_arrivals(ON, now() + SETTLED + timedelta(minutes=minutes))


def news(people: Mapping[str, User], who: str) -> list[str]:
    """What somebody was told has arrived, line by line, the latest message first."""
    told = messages_for(people[who], ON).filter(key__startswith="arrived-")
    return [line for each in told for line in each.text.split("\n")]


def test_a_plan_goes_from_hand_to_hand_and_each_is_told(office: HelpOffice) -> None:
    plan = office.plan()
    assert arrived() == 1
    assert news(office.people, "village") == ["帮扶计划“待制定帮扶计划”（建立帮扶计划） 1"]
    office.act(plan, "submit_plan", "village")
    arrived()
    assert news(office.people, "township") == ["帮扶计划“帮扶计划待乡镇审核”（报送帮扶计划） 1"]
    office.act(plan, "send_back", "township")
    arrived()
    assert news(office.people, "village")[0].endswith("（退回修改） 1")
    assert arrived() == 0
    assert news(office.people, "foreign_village") == []
    titles = Message.objects.filter(key__startswith="arrived-").values_list("title", flat=True)
    assert set(titles) == {"新到 1 件，请及时办理"}


def test_whoever_is_urged_hears_of_it(office: HelpOffice) -> None:
    plan = office.plan()
    arrived()
    Plan.objects.update(due_on=ON - timedelta(days=1), help_due_on=None)
    office.act(plan, "urge", "township")
    assert (arrived(), arrived()) == (1, 0)
    assert news(office.people, "village")[0] == "帮扶计划“待制定帮扶计划”（催办） 1"
    assert "上级催办 1 件，请及时办理" in Message.objects.values_list("title", flat=True)


def test_many_tasks_at_once_are_one_message_for_their_department_alone(office: HelpOffice) -> None:
    for household in ("H1", "H2", "H3"):
        running = HelpOffice(office.people)
        included_case(Household.objects.get(pk=household), ON)
    open_plans(office.requirements, ON)
    plan = Plan.objects.get(case__household_id="H1")
    for action, who in (("submit_plan", "village"), ("agree", "township"), ("approve", "county")):
        running.act(plan, action, who)
    arrived()
    tasks = DepartmentTask.objects.count()
    assert tasks
    assert news(office.people, "department") == [f"任务“待部门接收”（交办） {tasks}"]
    assert news(office.people, "civil_affairs") == []
    task = DepartmentTask.objects.get()
    office.act(task, "return", "department")
    arrived()
    assert news(office.people, "county")[0] == "任务“部门退回，待区县处理”（退回） 1"


def test_a_need_reaches_the_county_its_organisations_and_whoever_pledged(office: HelpOffice) -> None:
    need = office.need(office.running())
    arrived()
    assert any("提出" in line for line in news(office.people, "county")), news(office.people, "county")
    office.act(need, "publish", "county")
    arrived()
    assert len(news(office.people, "organisation")) == len(news(office.people, "organisation_too")) == 1
    for action, who in (("pledge", "organisation"), ("match", "county")):
        need.refresh_from_db()
        office.act(need, action, who)
    own = Message.objects.get(user=office.people["organisation"])
    assert (own.link, need.number in own.title) == (f"/needs/{need.number}/", True)
    assert not messages_for(office.people["organisation_too"], ON).filter(key__startswith="need-").exists()


def test_what_has_gone_on_already_is_not_told(office: HelpOffice) -> None:
    plan = office.plan()
    office.act(plan, "submit_plan", "village")
    arrived()
    assert news(office.people, "village") == []
    assert len(news(office.people, "township")) == 1


def test_a_step_that_may_still_be_overtaken_waits(office: HelpOffice) -> None:
    office.plan()
    assert tell_arrivals(ON, now()) == 0
    assert arrived() == 1


def test_the_first_time_nothing_is_told(people: Mapping[str, User]) -> None:
    HelpOffice(people).plan()
    assert arrived() == 0
    assert arrived(1) == 0


def test_the_background_process_tells_it(office: HelpOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.plan()
    monkeypatch.setattr("shouwang.jobs.handling.now", lambda: now() + SETTLED)
    look_after(ON)
    assert len(news(office.people, "village")) == 1


def test_the_number_of_queries_is_that_of_the_kinds(office: HelpOffice) -> None:
    office.plan()
    with CaptureQueriesContext(connection) as few:
        arrived()
    for household in ("H2", "H3", "H4"):
        included_case(Household.objects.get(pk=household), ON)
    open_plans(office.requirements, ON)
    with CaptureQueriesContext(connection) as more:
        arrived()
    assert len(more) <= len(few) <= 6 * len(lifecycles()) + 8


def test_contacts_hear_once_of_the_visits_that_come_due(office: HelpOffice) -> None:
    for household in ("H1", "H2"):
        included_case(Household.objects.get(pk=household), ON)
    open_plans(office.requirements, ON)
    cases = [plan.case_id for plan in Plan.objects.all()]
    for kind, phone in (("monitoring_contact", "13900000001"), ("assistance_contact", "02312345678")):
        named = Named(kind, "张明", "村委会", phone)
        name_contact(cases, named, acting_user=office.people["township"], on=ON, key=kind)
    due = Plan.objects.first().visit_due_on
    before = Sending.objects.count()
    assert remind_contacts(clocks_of(ON), ON) == 0
    assert remind_contacts(clocks_of(due), due) == 1
    assert Sending.objects.count() == before + 1
    relay = Message.objects.filter(kind=Message.Kind.RELAY).latest("pk")
    told = list(words_of(relay) or ())
    assert any("2 户监测对象" in each and f"{due:%Y-%m-%d}" in each for each in told)
    assert remind_contacts(clocks_of(due), due) == 0
    Plan.objects.update(visit_due_on=due + timedelta(days=30))
    assert remind_contacts(clocks_of(due), due) == 0
    later = due + timedelta(days=30)
    assert remind_contacts(clocks_of(later), later) == 1
