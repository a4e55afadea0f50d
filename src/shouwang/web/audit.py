"""审计: who did what, when, from where; searched by auditors, and every search is itself an entry."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.areas.reading import full_names
from shouwang.audit.catalogue import ACTIONS, DETAILS, PARTS, SUBJECTS
from shouwang.audit.models import Entry
from shouwang.audit.reading import Search, entries_visible_to
from shouwang.audit.record import anchor_files, record_alone
from shouwang.audit.verified import last_verified
from shouwang.web.doors import door

PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """An entry as people read it."""

    entry: Entry
    action: str
    subject: str
    place: str
    details: list[tuple[str, str]]


@door(Permission.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """The entries within scope that fit the filters, the latest first; older ones follow by number."""
    search = Search.read(request.GET)
    before = _number(request.GET.get("before", ""))
    found = search.apply(entries_visible_to(request.user)).order_by("-sequence")
    entries = list((found.filter(sequence__lt=before) if before else found)[: PER_PAGE + 1])
    shown = entries[:PER_PAGE]
    record_alone(request.user, "audit_searched", ("audit", "全部"), search=search.words or "无", rows=len(shown))
    places = full_names(sorted({entry.area for entry in shown if entry.area}))
    return render(
        request,
        "desk/audit.html",
        {
            "lines": [_line(entry, places) for entry in shown],
            "older": shown[-1].sequence if len(entries) > PER_PAGE else None,
            "before": before,
            "search": search,
            "parts": [(part, [(code, kind.title) for code, kind in of.items()]) for part, of in PARTS.items()],
            "subjects": list(SUBJECTS.items()),
            "results": Entry.Result.choices,
            "verified": last_verified(anchor_files(settings.HOME)),
        },
    )


def _line(entry: Entry, places: dict[str, str]) -> Line:
    kind = ACTIONS.get(entry.action)
    subject = " ".join(
        str(each) for each in (SUBJECTS.get(entry.subject_type, entry.subject_type), entry.subject) if each
    )
    details = [(DETAILS.get(name, name), _words(value)) for name, value in json.loads(entry.detail).items()]
    return Line(entry, kind.title if kind else entry.action, subject, places.get(entry.area, ""), details)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "，".join(f"{DETAILS.get(name, name)} {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "、".join(map(_words, value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return _("空") if value is None else str(value)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
