"""The statistics as a spreadsheet: what the address shows, area by area and month by month."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.jobs.outputs import limits, mark_of
from shouwang.kernel.errors import InputError
from shouwang.outputs.models import Listed
from shouwang.outputs.requesting import let_out
from shouwang.outputs.workbook import one_sheet
from shouwang.statistics.models import Cut
from shouwang.statistics.reading import Series, series_by_area, statistics_by
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.places import below
from shouwang.web.statistics import View, asked_view
from shouwang.web.templatetags.desk import figure
from shouwang.web.worklist_sheet import SHEET


@door(Permission.EXPORT)
def sheet(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The area and, one level below, every area's figures; numbered, marked, limited, and in the audit.

    Of a cut by risk the sheet ends with townships: one household of a named village with a named risk is somebody.
    """
    view = asked_view(request, code)
    if not view.scope.may(Permission.EXPORT, view.area.pk):
        raise Http404
    areas = [view.area]
    if not (view.asked.cut == Cut.RISK and view.area.level >= Area.TOWNSHIP):
        areas += below(view.area)
    held_back = len(areas) == 1 and view.area.level < Area.VILLAGE
    if view.asked.cut == Cut.RISK and view.area.level == Area.VILLAGE:
        areas, held_back = [], True
    rows = list(_rows(view, areas, held_back))
    try:
        most = limits(localdate())
        taken = let_out(
            request.user, Listed.STATISTICS, view.area, len(rows), most, action="list_exported", search=view.query
        )
    except InputError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(f"{reverse('statistics-area', args=[view.area.pk])}?{view.query}")
    months = [f"{month:%Y-%m}" for month in view.asked.months]
    heads = [gettext("区域"), gettext("指标"), gettext("单位"), gettext("合计"), *months]
    content = one_sheet(mark_of(taken), gettext("统计"), heads, rows, [22, 22])
    response = HttpResponse(content, content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="statistics-{view.area.pk}-{localdate():%Y%m%d}.xlsx"'
    return response


def _rows(view: View, areas: list[Area], held_back: bool) -> Iterator[list[str]]:
    known = series_by_area(areas, statistics_by(view.asked.cut), view.asked)
    for area in areas:
        yield from _lines(view, area, known[area.pk])
    if held_back:
        yield from ([], [gettext("按风险类型分组的统计只导出到乡镇，以免从数字认出是哪一户")])


def _lines(view: View, area: Area, series: Series) -> list[list[str]]:
    return [
        [
            area.name,
            str(each.title),
            str(each.unit),
            figure(each, series.whole(each)),
            *(figure(each, series.at(each, month)) for month in series.months),
        ]
        for each in statistics_by(view.asked.cut)
    ]
