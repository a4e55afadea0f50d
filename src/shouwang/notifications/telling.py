"""Telling a desk or somebody something: once for each key, in the transaction of whatever it is about.

    notify(village, Permission.SUBMIT, kind=Kind.TASK, title="…", text="…", link="/cases/H1-J01/", on=today, key="case-7-back")

Titles and texts may be read over a shoulder and are counted on lock screens: identity numbers, telephone numbers and words
about health are masked in titles, numbers in texts. Names do not belong into titles; callers write counts and numbers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.notifications.models import Message

Kind = Message.Kind
PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
HEALTH = re.compile(r"因病|因残|患有|大病|重病|慢性病|残疾|癌症|肿瘤|精神障碍|住院|透析|艾滋病|结核|肝炎|失能|半失能")
HIDDEN = "＊＊"
BATCH = 500


@dataclass(frozen=True)
class Note:
    """One message that is to be told; `area` with `permission` (and perhaps `department`) names a desk, `user` a person."""

    kind: str
    title: str
    text: str
    link: str
    on: date
    key: str
    area: Area | str | None = None
    permission: str = ""
    department: str = ""
    user: User | None = None


def notify(
    area: Area | str,
    permission: Permission,
    *,
    kind: str,
    title: str,
    text: str,
    link: str,
    on: date,
    key: str,
    department: str = "",
) -> None:
    """Tells the desk of an area something: whoever holds the permission in a post of that very area.

    Args:
        kind: of `Message.Kind`.
        link: the address within the desk of what it is about; empty where there is none.
        key: told again under the same key it stays the one message that it was, with its first words.
        department: the department whose desk it is; without one it is the area's own office.

    Raises:
        ValueError: the link leads out of the desk, or the kind is none.
    """
    tell([Note(kind, title, text, link, on, key, area, permission, department)])


def notify_user(user: User, *, kind: str, title: str, text: str, link: str, on: date, key: str) -> None:
    """Tells one person something about a matter of their own. Raises ValueError as `notify`."""
    tell([Note(kind, title, text, link, on, key, user=user)])


def tell(notes: Iterable[Note]) -> None:
    """Tells many at once, in one statement for each five hundred; what was told before stays as it was."""
    Message.objects.bulk_create([_message(note) for note in notes], BATCH, ignore_conflicts=True)


def _message(note: Note) -> Message:
    if note.kind not in Kind.values:
        raise ValueError(f"{note.kind} is no kind of message")
    if note.link and (not note.link.startswith("/") or note.link.startswith("//")):
        raise ValueError(f"{note.link} is no address of the desk")
    return Message(
        area_id=note.area.pk if isinstance(note.area, Area) else note.area,
        permission=note.permission,
        department=note.department,
        user=note.user,
        kind=note.kind,
        title=guarded(note.title)[:200],
        text=without_numbers(note.text),
        link=note.link,
        on=note.on,
        key=note.key,
    )


def without_numbers(text: str) -> str:
    """A text in which identity and telephone numbers are masked."""
    return PHONE.sub(r"\1****\2", mask_identity_numbers(text.replace("\0", "")))


def guarded(title: str) -> str:
    """A title that says nothing about anybody's numbers or health."""
    return HEALTH.sub(HIDDEN, without_numbers(title))
