"""The worklist as a spreadsheet, and the views of it that a user keeps."""

import io

import xlsxwriter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.areas.reading import full_names
from shouwang.audit.record import record_alone
from shouwang.clues.models import Clue
from shouwang.clues.reading import clues_to_export
from shouwang.clues.standing import remove_view, save_view
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.worklist import FILTERS, SORTS, asked_filters, matching

MOST_ROWS = 20_000
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = (
    _("线索编号"),
    _("户编号"),
    _("户主"),
    _("所在村"),
    _("风险类型"),
    _("级别"),
    _("状态"),
    _("办理环节"),
    _("办理单位"),
    _("办理期限"),
    _("首次发现"),
    _("最近发现"),
    _("发现了什么"),
)


@door(Permission.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """What the filters in the address find, in the order of the screen; each export is in the audit."""
    filters = asked_filters(request.user, request.GET)
    found = matching(clues_to_export(request.user), filters).order_by(*SORTS[filters.sort][1])
    count = found.count()
    if count > MOST_ROWS:
        messages.error(
            request,
            gettext("一次最多导出 {most_rows} 条，现有 {count} 条。请先筛选。").format(
                most_rows=MOST_ROWS, count=count
            ),
            "bad",
        )
        return HttpResponseRedirect(f"{reverse('worklist')}?{request.GET.urlencode()}")
    clues = list(found.defer("evidence", "flags"))
    used = "，".join(name for name in FILTERS if request.GET.get(name))
    record_alone(request.user, "clues_exported", ("list", "clues"), area=filters.area, rows=count, search=used)
    response = HttpResponse(_sheet(clues), content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="clues-{localdate():%Y%m%d}.xlsx"'
    return response


def _sheet(clues: list[Clue]) -> bytes:
    """Every cell is text: whatever a name begins with, no program takes it for a formula."""
    places = full_names(sorted({clue.area_id for clue in clues}))
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, text = book.add_worksheet(gettext("线索")), book.add_format({"num_format": "@"})
        for column, header in enumerate(HEADERS):
            sheet.write_string(0, column, str(header), book.add_format({"bold": True}))
        for row, clue in enumerate(clues, start=1):
            for column, cell in enumerate(_cells(clue, places[clue.area_id])):
                sheet.write_string(row, column, str(cell), text)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(HEADERS) - 2, 16)
        sheet.set_column(len(HEADERS) - 1, len(HEADERS) - 1, 60)
    return stream.getvalue()


def _cells(clue: Clue, place: str) -> list[str]:
    return [
        clue.number,
        clue.household_id,
        clue.household.head_name,
        place,
        clue.get_risk_type_display(),
        clue.get_level_display(),
        clue.get_state_display(),
        clue.get_stage_display() if clue.version else "",
        clue.desk.name if clue.desk else "",
        f"{clue.due_on:%Y-%m-%d}" if clue.due_on else "",
        f"{clue.opened_on:%Y-%m-%d}",
        f"{clue.last_seen_on:%Y-%m-%d}",
        clue.reasons,
    ]


@door(post=Permission.SEE_HOUSEHOLDS)
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keeps the filters on the screen under a name."""
    asked = QueryDict(request.POST.get("query", "")[:1000])
    kept = QueryDict(mutable=True)
    for name in FILTERS:
        if asked.get(name):
            kept[name] = asked[name]
    try:
        view = save_view(acting_user=request.user, name=request.POST.get("name", ""), query=kept.urlencode())
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(f"{reverse('worklist')}?{kept.urlencode()}")
    messages.success(request, gettext("已保存为“{name}”。").format(name=view.name), "good")
    return HttpResponseRedirect(f"{reverse('worklist')}?{view.query}")


@door(post=Permission.SEE_HOUSEHOLDS)
def drop_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Only one's own views can be dropped; others do not exist."""
    if not remove_view(pk, acting_user=request.user):
        raise Http404
    messages.success(request, gettext("已删去。"), "good")
    return HttpResponseRedirect(reverse("worklist"))
