"""What a desk is told: once, to whoever sits there, without numbers or health in its title, and nothing out of scope."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from small_city import COUNTY, FOREIGN_VILLAGE, TOWNSHIP, VILLAGE, make_clue, make_household, make_user

from conftest_numbers import number
from runtime_role import emptied
from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue
from shouwang.notifications.models import Message
from shouwang.notifications.reading import message_for, messages_for, unread_count
from shouwang.notifications.telling import Kind, Note, guarded, notify, notify_user, tell
from signed_in import sign_in

TODAY = localdate()


@pytest.fixture(autouse=True)
def empty_desks(city: SimpleNamespace) -> None:
    emptied(Message.objects.all())


def told(
    title: str = "3 条线索今天到期", area: str = VILLAGE, key: str = "k", link: str = "/today/", **more: object
) -> None:
    named = {"kind": Kind.DUE, "text": "", "on": TODAY} | more
    notify(area, Permission.SUBMIT, title=title, link=link, key=key, **named)  # type: ignore[arg-type]


def test_a_desk_is_told_once_however_often(city: SimpleNamespace) -> None:
    for _ in range(3):
        told()
        told("别的话")
    assert [each.title for each in Message.objects.all()] == ["3 条线索今天到期"]
    told(area=TOWNSHIP)
    notify_user(city.users["village"], kind=Kind.RESULT, title="已同意", text="", link="", on=TODAY, key="k")
    notify_user(city.users["village"], kind=Kind.RESULT, title="已同意", text="", link="", on=TODAY, key="k")
    assert Message.objects.count() == 3


@pytest.mark.parametrize(
    ("who", "reads"),
    [("village", True), ("township", False), ("county", False), ("department", False), ("postless", False)],
)
def test_only_the_desk_reads_it(who: str, reads: bool, city: SimpleNamespace) -> None:
    told()
    assert messages_for(city.users[who], TODAY).exists() is reads


def test_departments_have_desks_of_their_own(city: SimpleNamespace) -> None:
    tell([Note(Kind.TASK, "有任务", "", "", TODAY, "d", COUNTY, Permission.SEE_HOUSEHOLDS, "医保")])
    readers = [name for name, user in city.users.items() if messages_for(user, TODAY).exists()]
    assert readers == ["department"]


def test_the_desk_of_a_merged_village_goes_to_its_heir(city: SimpleNamespace) -> None:
    Area.objects.create(
        code="500101001009", name="旧村", level=4, parent_id=TOWNSHIP, scope="500101001009", successor_id=VILLAGE,
        valid_to=date(2021, 1, 1),
    )  # fmt: skip
    told(area="500101001009")
    assert messages_for(city.users["village"], TODAY).count() == 1


def test_titles_say_nothing_about_numbers_and_health(city: SimpleNamespace) -> None:
    told(f"{number(7)} 电话13812345678 因病住院", text=f"{number(7)} 13812345678")
    message = Message.objects.get()
    assert number(7) not in message.title + message.text
    assert "12345678" not in message.title + message.text
    assert "因病" not in message.title
    assert "住院" not in message.title
    assert guarded("3 条线索今天到期") == "3 条线索今天到期"


@pytest.mark.parametrize("link", ["https://example.org/", "//example.org/", "clues/1"])
def test_a_link_does_not_lead_out(link: str, city: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="no address"):
        told(link=link)


def test_each_reads_for_themselves(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    colleague = make_user("colleague", VILLAGE, "resident_team")
    told()
    message = Message.objects.get()
    client = at_desk("village")
    assert "1 条未读" in client.get("/today/").content.decode()
    assert message.title in client.get("/messages/").content.decode()
    for _ in range(3):
        assert client.get(f"/messages/{message.pk}/").status_code == 200
    assert message.marks.count() == 1
    assert message.title not in client.get("/messages/").content.decode()
    assert message.title in client.get("/messages/?show=all").content.decode()
    assert "未读" not in client.get("/today/").content.decode().split("</header>")[0]
    assert unread_count(colleague, TODAY, scope_of(colleague, TODAY)) == 1
    with pytest.raises(Message.DoesNotExist):
        message_for(city.users["foreign"], message.pk, TODAY)


def test_all_that_was_shown_is_read_and_what_came_since_is_not(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    told(key="1")
    last = Message.objects.get().pk
    told(key="2")
    client = at_desk("village")
    for _ in range(3):
        assert client.post("/messages/read/", {"last": str(last)}).status_code == 302
    assert [each.key for each in messages_for(city.users["village"], TODAY).filter(unread=True)] == ["2"]
    client.post("/messages/read/", {"last": "一"})
    assert messages_for(city.users["village"], TODAY).filter(unread=True).count() == 1


def test_what_left_the_scope_shows_no_content(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    clue = city.clue
    told("张三家的线索被退回", link=f"/clues/{clue.number}/", text="补充病历")
    told("别处的案件", key="2", link="/cases/H-none-J01/", text="说明")
    told("不认识的地方", key="3", link="/photos/abc/", text="说明")
    client, pk = at_desk("village"), Message.objects.get(key="k").pk
    assert "张三家" in client.get("/messages/").content.decode()
    Clue.objects.filter(pk=clue.pk).update(area_id=FOREIGN_VILLAGE, desk_id=FOREIGN_VILLAGE)
    for page in (client.get("/messages/"), client.get(f"/messages/{pk}/")):
        said = page.content.decode()
        assert "不再显示" in said
        for secret in ("张三家", "病历", "别处的案件", "不认识的地方", clue.number):
            assert secret not in said


def test_queries_do_not_grow_with_the_inbox(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/messages/?show=all").status_code == 200
        return len(captured)

    client = at_desk("village")
    told(link=f"/clues/{city.clue.number}/")
    few = queries()
    for place in range(40):
        clue = make_clue(make_household(f"H-{place}", VILLAGE, "向明", 100 + place), 100 + place)
        told(key=f"n{place}", link=f"/clues/{clue.number}/")
    assert queries() <= few
    page = client.get("/messages/?show=all").context["page"]
    assert (len(page), page.paginator.count) == (30, 41)


def test_a_hundred_unread_are_said_to_be_many(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    for place in range(101):
        told(key=str(place))
    assert "99+" in at_desk("village").get("/messages/").content.decode()


def test_administrators_have_an_inbox_and_no_household_in_it(city: SimpleNamespace) -> None:
    admin = make_user("admin", COUNTY, "system_admin")
    system = {"kind": Kind.SYSTEM, "text": "", "on": TODAY}
    notify(COUNTY, Permission.RUN_SYSTEM, title="磁盘将满", link="/system/", key="s", **system)  # type: ignore[arg-type]
    link = f"/clues/{city.clue.number}/"
    notify(COUNTY, Permission.RUN_SYSTEM, title="秘密", link=link, key="t", **system)  # type: ignore[arg-type]
    said = sign_in(Client(), admin).get("/messages/").content.decode()
    assert "磁盘将满" in said
    assert "秘密" not in said
    assert Entry.objects.filter(action="access_refused").count() == 0
