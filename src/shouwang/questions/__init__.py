"""Questions that are composed once: what is kept are the words of a query, never an answer.

To compose a question in the ORM takes a page five to fifty times as long as to ask it. Whoever asks the same again and again
keeps the `Question`, with a `Blank` for what differs:

    POSTS = Question(lambda: Post.objects.filter(user=Blank("user")).order_by("pk"))
    POSTS.ask(user=user.pk)

The words of a question follow from the code and from what they are composed for. What somebody may see is part of that: words
that were composed for their posts are kept by their posts (`Kept`), so that other posts are other words.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Field, QuerySet

R = TypeVar("R")
T = TypeVar("T")


class Blank(Expression):
    """A place in a question that is filled when it is asked; `kind` is that of the value."""

    def __init__(self, name: str, kind: Field | None = None) -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:
        return "%s", [self]

    def filled(self, given: Mapping[str, Any]) -> Any:
        value = given[self.name]
        return value if self.kind is None else self.kind.get_db_prep_value(value, connection)


@dataclass(frozen=True)
class Words:
    """What the database reads, with the values and blanks that stand in its places."""

    sql: str
    given: tuple[Any, ...]

    def filled(self, given: Mapping[str, Any]) -> list[Any]:
        return [each.filled(given) if isinstance(each, Blank) else each for each in self.given]

    def ask(self, **given: Any) -> list[tuple[Any, ...]]:
        """The rows as the database gives them."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.filled(given))
            return list(cursor.fetchall())


class Question(Generic[R]):
    """One question about some rows, put into words when it is first asked; what it prefetches is asked each time.

    A module gives the rows by a function: when it is read, not every model is known.
    """

    def __init__(self, rows: QuerySet[Any, R] | Callable[[], QuerySet[Any, R]]) -> None:
        self._rows = rows

    @cached_property
    def _composed(self) -> tuple[QuerySet[Any, R], Any, Words | None]:
        rows = self._rows if isinstance(self._rows, QuerySet) else self._rows()
        compiler = rows.query.get_compiler(connection=connection)
        try:
            sql, given = compiler.as_sql()
        except EmptyResultSet:
            return rows, compiler, None
        return rows, compiler, Words(sql, tuple(given))

    def ask(self, **given: Any) -> list[R]:
        """The rows as they are now."""
        rows, compiler, words = self._composed
        if words is None:
            return []
        answer, asking, filled = rows.all(), copy(compiler), words.filled(given)
        asking.connection, asking.as_sql = connection, lambda *_, **__: (words.sql, filled)
        answer.query.get_compiler = lambda *_, **__: asking  # type: ignore[method-assign]
        return list(answer)

    def one(self, **given: Any) -> R | None:
        """The first of them; None where there is none."""
        return next(iter(self.ask(**given)), None)


class Kept:
    """What was composed lately, by what it was composed for."""

    def __init__(self, most: int) -> None:
        self._most, self._by_key, self._lock = most, OrderedDict[Hashable, Any](), Lock()

    def of(self, key: Hashable, compose: Callable[[], T]) -> T:
        """What is kept under a key; composed now where nothing is."""
        with self._lock:
            if key in self._by_key:
                self._by_key.move_to_end(key)
                found: T = self._by_key[key]
                return found
        made = compose()
        with self._lock:
            self._by_key[key] = made
            while len(self._by_key) > self._most:
                self._by_key.popitem(last=False)
        return made


def several(keys: Mapping[str, QuerySet[Any]], counts: Mapping[str, QuerySet[Any]]) -> Words:
    """Many questions in one: rows of a name and a number, which is the key of a row, or how many rows there are."""
    found = stacked(
        (f"'{name}', {what}", rows.values("pk"))
        for what, rows_by_name in (("told.*", keys), ("count(*)", counts))
        for name, rows in rows_by_name.items()
    )
    return found or Words("SELECT '', 0 WHERE 1 = 0", ())


def stacked(parts: Iterable[tuple[str, QuerySet[Any]]]) -> Words | None:
    """What is told (`told.*`, or more) of the rows of each part, one below the other; None where no part can have any."""
    selects, given = [], []
    for what, rows in parts:
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        selects.append(f"SELECT {what} FROM ({sql}) AS told")
        given += values
    return Words(" UNION ALL ".join(selects), tuple(given)) if selects else None
