"""线索详情: what was found, compared with what, and on which lines it rests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name
from shouwang.audit.record import record_alone
from shouwang.cases.reading import case_about
from shouwang.clues.models import Action, Channel, Clue, ClueStep, MonitoringNote, Stage
from shouwang.clues.reading import (
    clue_visible_to,
    latest_as_of,
    merged_with,
    notes_of,
    others_visible_to,
    sees_all_about,
    sources_of,
    steps_of,
)
from shouwang.exchange.reading import deliveries_visible_to
from shouwang.households.reading import names_in
from shouwang.web.doors import door, may_open
from shouwang.web.evidence import findings_of, source_rows
from shouwang.web.handling import in_hand

CONCLUDING = {Action.CONFIRM, Action.DISMISS}


@dataclass(frozen=True)
class Step:
    """One day, or one moment, in the life of a clue; with the last day that it set."""

    on: date
    words: str
    at: str = ""
    due_on: date | None = None


@door(Permission.SEE_HOUSEHOLDS)
def clue(request: HttpRequest, number: str) -> HttpResponse:
    """One clue with its evidence; a department reads what rests on its own rows."""
    try:
        found = clue_visible_to(request.user, number)
    except Clue.DoesNotExist:
        raise Http404 from None
    record_alone(request.user, "clue_viewed", found)
    names = names_in(found.household_id)
    findings = findings_of(found.evidence, names)
    flags = source_rows(found.flags, names)
    today = localdate()
    scope = scope_of(request.user, today)
    fully = sees_all_about(scope, found)
    if not fully:
        findings = [each for each in findings if any(scope.may_upload(row.owner) for row in each.rows)]
        flags = [row for row in flags if scope.may_upload(row.owner)]
    named = {row.delivery for finding in findings for row in finding.rows} | {row.delivery for row in flags}
    open_to_user = set(deliveries_visible_to(request.user).filter(number__in=named).values_list("number", flat=True))
    notes = [each for each in notes_of(found) if fully or each.channel == Channel.SCREENING]
    sources = sources_of(found) if fully else []
    steps = steps_of(found)
    done = {step.action for step in steps}
    return render(
        request,
        "desk/clue.html",
        {
            "clue": found,
            "place": full_name(found.area),
            "findings": findings,
            "channels": list(dict.fromkeys(each.get_channel_display() for each in sources)),
            "declarations_open": may_open(scope, "declaration"),
            "reports": [each for each in sources if each.channel != Channel.SCREENING],
            "flags": flags,
            "open_deliveries": open_to_user,
            "others": others_visible_to(request.user, found),
            "notes": notes,
            "hand": in_hand(found, scope, today),
            "fully": fully,
            "household_open": scope.covers(found.area_id),
            "finding": found.findings.first() if fully and done & CONCLUDING else None,
            "visits": found.visits.prefetch_related("photos") if fully and Action.VISIT in done else [],
            "case": case_about(request.user, found) if fully else None,
            "merged": merged_with(found),
            "history": history_of(found, steps, fully, notes),
            "latest": latest_as_of() if found.rules and found.state == Clue.State.OPEN else None,
        },
    )


def history_of(
    found: Clue, handled: Sequence[ClueStep], fully: bool, found_again: Sequence[MonitoringNote]
) -> list[Step]:
    """What became of the clue, the latest first; why people did what they did is for whoever sees all of it."""
    steps = [Step(found.opened_on, _("首次发现"))]
    if found.rules and found.last_seen_on != found.opened_on:
        steps.append(Step(found.last_seen_on, _("最近一次筛查仍然存在")))
    steps += [Step(note.as_of, _said_again(found, note)) for note in found_again]
    if found.dismissed_on and not found.version:
        steps.append(
            Step(
                found.dismissed_on, _("核实后排除：{dismissed_reason}").format(dismissed_reason=found.dismissed_reason)
            )
        )
    by_day = sorted(steps, key=lambda step: step.on, reverse=True)
    return [_handled(each, found, fully) for each in handled] + by_day


def _said_again(found: Clue, note: MonitoringNote) -> str:
    since = _("核实属实后") if found.state == Clue.State.CONFIRMED else _("监测期间")
    if note.channel == Channel.SCREENING:
        said = _("{notes}再次筛查到：{reasons}").format(notes=since, reasons=note.reasons)
        if note.last_seen_on is None or note.last_seen_on == note.as_of:
            return said
        return _("{said}（到{day}筛查时仍是如此）").format(said=said, day=f"{note.last_seen_on:%Y-%m-%d}")
    return _("{since}又有{channel}：{reasons}").format(
        since=since, channel=note.get_channel_display(), reasons=note.reasons
    )


def _handled(step: ClueStep, found: Clue, fully: bool) -> Step:
    moment = localtime(step.at)
    return Step(
        step.on, _words_of(step, found, fully), f"{moment:%H:%M}" if moment.date() == step.on else "", step.due_on
    )


def _words_of(step: ClueStep, found: Clue, fully: bool) -> str:
    who = _("{actor}（{post}）").format(actor=step.actor, post=step.post) if step.actor else _("系统")
    onward = f" → {step.desk_to.name}" if step.desk_to and step.desk_to_id != step.desk_from_id else ""
    if step.stage_to == Stage.CLOSED:
        onward = _("，{state}").format(state=found.get_state_display())
    reason = _("：{reason}").format(reason=step.reason) if step.reason and fully else ""
    done = _("{who}：{action}").format(who=who, action=step.get_action_display())
    return f"{done}{onward}{reason}"
