"""线索详情: what was found, compared with what, and on which lines it rests."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name
from shouwang.audit.record import record_alone
from shouwang.clues.models import Clue
from shouwang.clues.reading import clue_visible_to, clues_visible_to, latest_as_of
from shouwang.exchange.reading import deliveries_visible_to
from shouwang.households.reading import persons_of
from shouwang.web.doors import door
from shouwang.web.evidence import findings_of, source_rows


@dataclass(frozen=True)
class Step:
    """One day in the life of a clue."""

    on: Any
    words: str


@door(Permission.SEE_HOUSEHOLDS)
def clue(request: HttpRequest, number: str) -> HttpResponse:
    """One clue with its evidence; a department reads what rests on its own rows."""
    try:
        found = clue_visible_to(request.user, number)
    except Clue.DoesNotExist:
        raise Http404 from None
    record_alone(request.user, "clue_viewed", found)
    names = dict(persons_of(found.household).values_list("key", "name"))
    findings = findings_of(found.evidence, names)
    flags = source_rows(found.flags, names)
    scope = scope_of(request.user, localdate())
    if not scope.covers_fully(found.area_id):
        findings = [each for each in findings if any(scope.may_upload(row.owner) for row in each.rows)]
        flags = [row for row in flags if scope.may_upload(row.owner)]
    named = {row.delivery for finding in findings for row in finding.rows} | {row.delivery for row in flags}
    open_to_user = set(deliveries_visible_to(request.user).filter(number__in=named).values_list("number", flat=True))
    others = clues_visible_to(request.user).filter(household_id=found.household_id).exclude(pk=found.pk)
    return render(
        request,
        "desk/clue.html",
        {
            "clue": found,
            "place": full_name(found.area),
            "findings": findings,
            "flags": flags,
            "open_deliveries": open_to_user,
            "others": others.order_by("-last_seen_on", "number").defer("evidence", "flags"),
            "notes": found.notes.all(),
            "history": history_of(found),
            "latest": latest_as_of(),
        },
    )


def history_of(found: Clue) -> list[Step]:
    """What became of the clue, the latest first."""
    steps = [Step(found.opened_on, "首次发现")]
    if found.last_seen_on != found.opened_on:
        steps.append(Step(found.last_seen_on, "最近一次筛查仍然存在，证据已更新"))
    steps += [Step(note.as_of, f"监测期间再次筛查到：{note.reasons}") for note in found.notes.all()]
    if found.dismissed_on:
        steps.append(Step(found.dismissed_on, f"核实后排除：{found.dismissed_reason}"))
    return sorted(steps, key=lambda step: step.on, reverse=True)
