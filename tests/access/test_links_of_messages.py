"""Every message of the code leads to a page that the inbox knows, and opens for whoever may see it and nobody else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve, reverse
from expectations import holds, is_visible
from small_province import PEOPLE, Province

import shouwang
from addresses import ADDRESSES
from shouwang.notifications.models import Message
from shouwang.web.inbox import told
from shouwang.web.matters import MATTERS

TELLING = {"notify", "notify_user", "Note"}
LINK_OF_A_NOTE = 3
UNREAD = "cannot be read"


def links_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and link of every message that a module tells; a part that is filled in is a digit, so that any address takes it."""
    tree = ast.parse(source)
    telling = {
        name.asname or name.name
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom) and each.module == "shouwang.notifications.telling"
        for name in each.names
        if name.name in TELLING
    }
    for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        named = {
            key.value: value
            for each in ast.walk(function)
            if isinstance(each, ast.Dict)
            for key, value in zip(each.keys, each.values, strict=True)
            if isinstance(key, ast.Constant)
        }
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in telling:
                yield call.lineno, _link(call, named)


def _link(call: ast.Call, named: dict[str, ast.expr]) -> str:
    given = {each.arg: each.value for each in call.keywords if each.arg}
    value = given.get("link")
    if value is None and getattr(call.func, "id", "") == "Note" and len(call.args) > LINK_OF_A_NOTE:
        value = call.args[LINK_OF_A_NOTE]
    if value is None and any(each.arg is None for each in call.keywords):
        value = named.get("link")
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in value.values)
    return UNREAD


def unknown(link: str) -> bool:
    """Whether the inbox would show nobody a message with this link."""
    if not link:
        return False
    try:
        match = resolve(re.split(r"[?#]", link)[0])
    except Resolver404:
        return True
    return bool(match.kwargs or match.args) and match.url_name not in MATTERS


def of_the_code() -> list[tuple[str, str]]:
    root = Path(shouwang.__file__).parent
    return [
        (f"{path.relative_to(root)}:{line}", link)
        for path in sorted(root.rglob("*.py"))
        if "telling import" in (source := path.read_text(encoding="utf-8")) and path.name != "telling.py"
        for line, link in links_in(source)
    ]


def test_every_message_of_the_code_leads_where_the_inbox_knows() -> None:
    found = of_the_code()
    assert {where.split(":")[0] for where, _ in found} >= {
        "cases/board.py",
        "declarations/taking.py",
        "jobs/handling.py",
        "outputs/requesting.py",
        "proceedings/reminders.py",
    }
    assert [(where, link) for where, link in found if unknown(link)] == []


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ('notify(village, may, kind="task", title="", text="", link=f"/photos/{name}/", on=today, key="k")', True),
        ('notify(village, may, kind="task", title="", text="", link="/nowhere/", on=today, key="k")', True),
        ('notify(village, may, kind="task", title="", text="", link=somewhere, on=today, key="k")', True),
        ('tell([Note("task", "", "", f"/nowhere/{pk}/", today, "k")])', True),
        ('told = {"link": f"/uploads/{pk}/x/"}; notify_user(user, **told)', True),
        ('told = {"link": f"/uploads/{pk}/"}; notify_user(user, **told)', False),
        ('tell([Note("task", "", "", "", today, "k")])', False),
    ],
)
def test_a_planted_message_that_nobody_could_read_is_found(call: str, wrong: bool) -> None:
    source = f"from shouwang.notifications.telling import Note, notify, notify_user, tell\ndef do():\n    {call}\n"
    [(line, link)] = links_in(source)
    assert line == 3
    assert unknown(link) is wrong


@pytest.fixture
def province(db: None, small_province: Province) -> Province:
    return small_province


@pytest.mark.parametrize("who", PEOPLE)
def test_a_message_opens_for_whoever_may_see_what_it_is_about(who: str, province: Province) -> None:
    wanted: dict[str, bool] = {}
    for name in MATTERS:
        address = ADDRESSES[name]
        for thing in province.about(address.about):
            wanted[reverse(name, args=thing.args)] = holds(who, address.reading) and is_visible(who, thing)
    messages = [Message(link=link, title="x", kind="task") for link in wanted]
    assert len(messages) > len(MATTERS)
    assert {each.message.link: each.open for each in told(province.users[who], messages)} == wanted


def test_every_kind_of_matter_is_there_to_be_seen(province: Province) -> None:
    assert [name for name in MATTERS if not province.about(ADDRESSES[name].about)] == []
