"""Pages of a long list."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from time import perf_counter
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
PER_PAGE = 30
LONG_SECONDS, KEPT_SECONDS = 0.1, 60


class LongList(Paginator):
    """Pages of rows whose number, where counting took long, is kept for a minute: by the very question that was asked."""

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        try:
            sql, given = self.object_list.order_by().query.sql_with_params()
        except EmptyResultSet:
            return 0
        key = f"count:{sha256(repr((sql, given)).encode()).hexdigest()}"
        kept: int | None = cache.get(key)
        if kept is None:
            began = perf_counter()
            kept = self.object_list.count()
            if perf_counter() - began > LONG_SECONDS:
                cache.set(key, kept, KEPT_SECONDS)
        return kept


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


def first_of(rows: QuerySet[M], most: int | None = None) -> list[M]:
    """The first of some rows, or all. Where there may well be none, their keys are asked for first: a question for whole rows with
    all that stands in their lines takes many times as long to be composed as it takes to find that there is nothing."""
    keys = list(rows.values_list("pk", flat=True)[:most])
    return list(rows.filter(pk__in=keys)) if keys else []
