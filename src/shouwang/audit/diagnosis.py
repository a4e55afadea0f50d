"""What was done to an entry that does not hold: edited, deleted, inserted, swapped, or everything from it on recomputed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.audit import chain
from shouwang.audit.models import Entry

_PREVIOUS, _ANCHORED = chain.FIELDS.index("previous"), chain.FIELDS.index("anchored")
# What reading a row may end with whose values were replaced by something else.
UNREADABLE = (ValueError, TypeError, AttributeError, DatabaseError)
TITLES = {
    "edited": _("被修改"),
    "deleted": _("被删除"),
    "inserted": _("被插入"),
    "swapped": _("被调换"),
    "recomputed": _("被重新计算"),
    "truncated": _("被截断"),
    "older_copy": _("数据库是较旧的副本"),
    "unlinked": _("与前一条接不上"),
    "head_edited": _("链头被修改"),
    "anchors_edited": _("锚点文件被修改"),
    "anchors_cut": _("锚点文件被截断"),
    "anchors_differ": _("两处锚点不一致"),
}


@dataclass(frozen=True)
class Fault:
    """The first place that is wrong: what was done (a code of `TITLES`), to which entry, and in words."""

    kind: str
    sequence: int
    words: str


@dataclass(frozen=True)
class Row:
    """One entry as it lies in the database: the values of `chain.FIELDS`, and its hash."""

    values: tuple[Any, ...]

    @classmethod
    def unreadable(cls, sequence: int) -> "Row":
        return cls((sequence, *[None] * (len(chain.FIELDS) - 1), ""))

    @property
    def sequence(self) -> Any:
        return self.values[0]

    @property
    def previous(self) -> Any:
        return self.values[_PREVIOUS]

    @property
    def anchored(self) -> Any:
        return self.values[_ANCHORED]

    @property
    def hash(self) -> Any:
        return self.values[-1]

    def holds(self, key: bytes, sequence: int | None = None) -> bool:
        """Whether the hash is that of the content, under the number that the row has or another one."""
        return chain.hash_of(key, self.values[:-1], sequence) == self.hash

    def follows(self, key: bytes, number: int, before: str) -> bool:
        """Whether this is the true entry of that number after the entry with the hash `before`."""
        return self.sequence == number and self.previous == before and self.holds(key)


def place(first: int, last: int) -> str:
    return (
        gettext("第 {first} 条").format(first=first)
        if first == last
        else gettext("第 {first} 至第 {last} 条").format(first=first, last=last)
    )


def diagnosed(key: bytes, row: Row, number: int, before: str, anchored: str | None, head: int, last: int) -> Fault:
    """What happened at `number`, where `row` lies and does not follow on the entry with the hash `before`.

    `anchored` is the hash that an anchor knows for the number, `head` the number of the last entry by the head's account,
    `last` the highest number that there ever was by anybody's account.
    """
    if row.sequence != number:
        if isinstance(row.sequence, int) and row.sequence > number:
            return Fault(
                "deleted", number, gettext("{sequence}被删除").format(sequence=place(number, row.sequence - 1))
            )
        return Fault("inserted", number, gettext("第 {number} 条之前被插入了条目").format(number=number))
    return (
        _moved(key, row, number, before)
        or _renumbered(key, row, number, last)
        or _changed(key, row, number, anchored, head)
    )


def _moved(key: bytes, row: Row, number: int, before: str) -> Fault | None:
    """The true entry lies further on: it was pushed there by insertions, or has changed places with this one."""
    for true in rows_of(Entry.objects.filter(previous=before, sequence__gt=number).order_by("sequence")[:10]):
        if true.holds(key, number):
            if row.holds(key, true.sequence):
                return Fault(
                    "swapped",
                    number,
                    gettext("第 {number} 条和第 {sequence} 条被调换").format(number=number, sequence=true.sequence),
                )
            return Fault(
                "inserted",
                number,
                gettext("{sequence}是插入的，原来的条目被改了号").format(sequence=place(number, true.sequence - 1)),
            )
    return None


def _renumbered(key: bytes, row: Row, number: int, last: int) -> Fault | None:
    """The row is a true entry with a later number: those in between are gone."""
    for true in range(number + 1, last + 1):
        if row.holds(key, true):
            return Fault(
                "deleted", number, gettext("{true}被删除，后面的条目被改了号").format(true=place(number, true - 1))
            )
    return None


def _changed(key: bytes, row: Row, number: int, anchored: str | None, head: int) -> Fault:
    if number > head:
        return Fault(
            "inserted", number, gettext("第 {number} 条是插入的：链头只到第 {head} 条").format(number=number, head=head)
        )
    if row.holds(key):
        return Fault(
            "unlinked",
            number,
            gettext("第 {number} 条与第 {number_2} 条接不上：其中一条被换成了别处的条目").format(
                number=number, number_2=number - 1
            ),
        )
    successor = next(rows_of(Entry.objects.filter(sequence=number + 1)), None)
    if row.hash != anchored and successor and successor.previous == row.hash and not successor.holds(key):
        return Fault(
            "recomputed",
            number,
            gettext("第 {number} 条起被改动，之后的条目都被重新计算过，但没有审计密钥").format(number=number),
        )
    return Fault("edited", number, gettext("第 {number} 条被修改").format(number=number))


def rows_of(found: "QuerySet[Entry]") -> Iterator[Row]:
    """The rows of a query one after the other; one that cannot be read ends them."""
    try:
        for values in found.values_list(*chain.FIELDS, "hash"):
            yield Row(tuple(values))
    except UNREADABLE:
        return
