"""The statistics as a spreadsheet: what the address shows, area by area and month by month."""

import io

import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.audit.record import record_alone
from shouwang.statistics.models import Cut
from shouwang.statistics.reading import Series, series_by_area, statistics_by
from shouwang.web.doors import door
from shouwang.web.places import below
from shouwang.web.statistics import View, asked_view
from shouwang.web.templatetags.desk import figure
from shouwang.web.worklist_sheet import SHEET


@door(Permission.EXPORT)
def sheet(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The area and, one level below, every area's figures; each export is in the audit.

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
    content = _book(view, areas, held_back)
    record_alone(
        request.user, "list_exported", ("list", "statistics"), area=view.area, rows=len(areas), search=view.query
    )
    response = HttpResponse(content, content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="statistics-{view.area.pk}-{localdate():%Y%m%d}.xlsx"'
    return response


def _book(view: View, areas: list[Area], held_back: bool) -> bytes:
    stream = io.BytesIO()
    months = view.asked.months
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        page, bold = book.add_worksheet(gettext("统计")), book.add_format({"bold": True})
        head = [
            gettext("区域"),
            gettext("指标"),
            gettext("单位"),
            gettext("合计"),
            *(f"{month:%Y-%m}" for month in months),
        ]
        for column, words in enumerate(head):
            page.write_string(0, column, words, bold)
        row, known = 1, series_by_area(areas, statistics_by(view.asked.cut), view.asked)
        for area in areas:
            for line in _lines(view, area, known[area.pk]):
                for column, cell in enumerate(line):
                    page.write_string(row, column, cell)
                row += 1
        if held_back:
            page.write_string(row + 1, 0, gettext("按风险类型分组的统计只导出到乡镇，以免从数字认出是哪一户"))
        page.freeze_panes(1, 2)
        page.set_column(0, 1, 22)
    return stream.getvalue()


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
