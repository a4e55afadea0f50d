"""The worklist as a spreadsheet, and the views of it that a user keeps."""

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_names
from shouwang.clues.models import Clue
from shouwang.clues.reading import channels_of, clues_to_export
from shouwang.clues.standing import remove_view, save_view
from shouwang.jobs.outputs import limits, mark_of
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.outputs.models import Content
from shouwang.outputs.requesting import Limits, let_out
from shouwang.outputs.workbook import Mark, one_sheet
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.worklist import FILTERS, SORTS, asked_filters, channels_open_to, matching

MOST_ROWS = 20_000
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = (
    _("线索编号"),
    _("户编号"),
    _("户主"),
    _("所在村"),
    _("风险类型"),
    _("级别"),
    _("发现渠道"),
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
    """What the filters in the address find, in the order of the screen; numbered, marked, and in the audit."""
    filters = asked_filters(request.user, request.GET)
    found = matching(clues_to_export(request.user), filters).order_by(*SORTS[filters.sort][1])
    used = "，".join(name for name in FILTERS if request.GET.get(name))
    area = filters.area or scope_of(request.user, localdate()).holding(Permission.EXPORT)[0].area
    try:
        taken = let_out(
            request.user,
            Content.CLUE_LIST,
            area,
            found.count(),
            limits_of_a_sheet(localdate()),
            action="clues_exported",
            search=used,
        )
    except InputError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(f"{reverse('worklist')}?{request.GET.urlencode()}")
    shows = bool(channels_open_to(scope_of(request.user, localdate())))
    content = _sheet(list(found.defer("evidence", "flags")), mark_of(taken), shows)
    response = HttpResponse(content, content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="clues-{localdate():%Y%m%d}.xlsx"'
    return response


def limits_of_a_sheet(on: date) -> Limits:
    """What a page that is written while somebody waits may let out: fewer rows than an export in the background."""
    allowed = limits(on)
    return replace(allowed, most_rows=min(MOST_ROWS, allowed.most_rows))


def _sheet(clues: list[Clue], mark: Mark, shows_channels: bool) -> bytes:
    """By which doors a clue came is not for departments: their column is empty."""
    places = full_names(sorted({clue.area_id for clue in clues}))
    channels = channels_of(clues) if shows_channels else {}
    rows = (_cells(clue, places[clue.area_id], "、".join(channels.get(clue.pk, []))) for clue in clues)
    widths = [*[16] * (len(HEADERS) - 1), 60]
    return one_sheet(mark, gettext("线索"), [str(header) for header in HEADERS], rows, widths)


def _cells(clue: Clue, place: str, channels: str) -> list[str]:
    return [
        clue.number,
        clue.household_id,
        clue.household.head_name,
        place,
        clue.get_risk_type_display(),
        clue.get_level_display(),
        channels,
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
