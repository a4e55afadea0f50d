"""Pages of a long list."""

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 30


def page_of(request: HttpRequest, rows: QuerySet | list, per_page: int = PER_PAGE) -> Page:
    """The page that the address asks for; a number that does not exist gives the nearest one."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
