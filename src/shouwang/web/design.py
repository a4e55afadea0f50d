"""The page of components: every part of the design system once, to look at and to test."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shouwang.clues.models import Level
from shouwang.web.charts.trend import months_back, trend
from shouwang.web.doors import SIGNED_IN, door
from shouwang.web.icons import ICONS


@door(SIGNED_IN)
def components(request: HttpRequest) -> HttpResponse:
    """The components with made-up figures that belong to nobody."""
    months = months_back(date(2024, 6, 30), 6)
    counts = {month: {"red": place, "orange": 2 * place + 1, "yellow": 9 - place} for place, month in enumerate(months)}
    return render(
        request,
        "desk/components.html",
        {"levels": Level.values, "trend": trend(counts, months), "icons": sorted(ICONS)},
    )
