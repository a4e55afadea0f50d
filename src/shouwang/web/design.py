"""The page of components: every part of the design system once, to look at and to test."""

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from shouwang.clues.models import Level
from shouwang.web.charts.flow import stream
from shouwang.web.charts.incomes import incomes
from shouwang.web.charts.trend import months_back, trend
from shouwang.web.doors import SIGNED_IN, door
from shouwang.web.icons import ICONS

LINE = Decimal(6000)


@door(SIGNED_IN)
def components(request: HttpRequest) -> HttpResponse:
    """The components with made-up figures that belong to nobody."""
    months = months_back(date(2024, 6, 30), 6)
    counts = {month: {"red": place, "orange": 2 * place + 1, "yellow": 9 - place} for place, month in enumerate(months)}
    stages = [(gettext("甲"), 40, 12), (gettext("乙"), 28, 28)]
    return render(
        request,
        "desk/components.html",
        {
            "levels": Level.values,
            "trend": trend(counts, months),
            "icons": sorted(ICONS),
            "incomes": incomes([(date(2023, 12, 31), Decimal(5400), LINE), (date(2024, 12, 31), Decimal(6400), LINE)]),
            "stages": stages,
            "stream": stream([(reached, standing, "step-4") for _, reached, standing in stages]),
            "tiles": [(0, "0"), (1, "2"), (2, "4"), (3, "7"), (4, "12"), (5, "31"), ("unknown", "—")],
        },
    )
