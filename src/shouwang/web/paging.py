"""Pages of a long list."""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from hashlib import sha256
from time import perf_counter
from typing import Any, Generic, TypeVar

from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.tree import tree
from shouwang.questions import Kept, Question, several

M = TypeVar("M", bound=Model)
T = TypeVar("T")
PER_PAGE = 30
LONG_SECONDS, KEPT_SECONDS, TIMES_AS_LONG, MOST_SECONDS = 0.1, 60, 200, 600
_questions = Kept(4000)


def kept_if_long(asked: tuple[str, Sequence[Any]], count: Callable[[], T]) -> T:
    """What is counted, kept where counting took long: by the very question that is asked, in words and values, for two hundred
    times as long, a minute at least and ten at most, and for all processes of the site."""
    shared, key = caches["shared"], f"count:{sha256(repr(asked).encode()).hexdigest()}"
    kept: T | None = shared.get(key)
    if kept is None:
        began = perf_counter()
        kept = count()
        spent = perf_counter() - began
        if spent > LONG_SECONDS:
            shared.set(key, kept, min(max(KEPT_SECONDS, TIMES_AS_LONG * spent), MOST_SECONDS))
    return kept


class LongList(Paginator):
    """Pages of rows whose number, where counting took long, is kept for some minutes."""

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        try:
            sql, given = self.object_list.order_by().query.sql_with_params()
        except EmptyResultSet:
            return 0
        return kept_if_long((sql, given), self.object_list.count)


def page_of(
    request: HttpRequest, rows: QuerySet | Sequence[Any], per_page: int = PER_PAGE, *, count: int | None = None
) -> Page:
    """The page that the address asks for; a number that does not exist gives the nearest one.

    `count` is how many rows there are, where whoever asks has counted them already.
    """
    pages = LongList(rows, per_page)
    if count is not None:
        pages.count = count
    return pages.get_page(request.GET.get("page"))


class Asked(Generic[M]):
    """A list that people with the same posts ask for with the same filters: its questions are composed once for them all.

    Args:
        user: whose posts they are.
        name: the list and everything that the rows follow from beside the posts and the day.
        rows: composes them, in their order; where the count is always given, whatever gives rows for a slice will do.
    """

    def __init__(self, user: User, name: Hashable, rows: Callable[[], QuerySet[Any, M]]) -> None:
        self._rows, self._for = rows, (scope_of(user, localdate()), tree().number, localdate(), name)

    def ask(self, name: str, compose: Callable[[QuerySet[Any, M]], QuerySet[Any, Any]]) -> list[Any]:
        """The answer to a question about the rows; `name` tells it from others about them."""
        return _questions.of((self._for, name), lambda: Question(compose(self._rows()))).ask()

    @property
    def count(self) -> int:
        """How many rows there are; kept for a minute where counting took long."""
        words = _questions.of((self._for, "count"), lambda: several({}, {"rows": self._rows().order_by()}))
        return kept_if_long((words.sql, words.given), lambda: sum(number for _, number in words.ask()))

    def page(self, request: HttpRequest, count: int | None = None) -> Page:
        """The page that the address asks for; `count` where whoever asks has counted the rows already."""
        page = page_of(request, range(self.count if count is None else count))
        first = (page.number - 1) * PER_PAGE
        shown = (
            self.ask(f"page {page.number}", lambda rows: rows[first : first + PER_PAGE]) if page.paginator.count else []
        )
        page.object_list = shown
        return page
