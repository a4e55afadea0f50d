"""What the village found, and whether the township, and for red clues the county, agrees.

Nobody alone: whoever submitted does not agree, and whoever agreed for the township does not agree for the county. A
dismissal is agreed only on the evidence that the village had before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.clues.evidence import has_new_rows, rows_of
from shouwang.clues.handling import above, moved_to
from shouwang.clues.models import Action, Clue, ClueSource, ClueStep, Finding, Level, Photo, Stage, Visit
from shouwang.clues.photos import AT_MOST, keep, redraw
from shouwang.clues.requirements import Requirements
from shouwang.clues.steps import NotOpen, Stepping, group_of, locked, words
from shouwang.kernel.errors import InputError

Flag = tuple[str, str, int]
LONGEST_PLACE = 200
OUTCOME: Mapping[str, Clue.State] = {
    Finding.Conclusion.CONFIRMED: Clue.State.CONFIRMED,
    Finding.Conclusion.DISMISSED: Clue.State.DISMISSED,
}


@dataclass(frozen=True)
class Seen:
    """What a visit found, as somebody writes it down; `photos` are the files' bytes."""

    visited_on: date
    visitors: Sequence[str]
    place: str
    findings: str
    photos: Sequence[bytes] = ()
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@transaction.atomic
def record_visit(
    number: str,
    visit: Seen,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Writes down a visit with its photos; what follows from it is for `submit_finding`.

    Raises:
        InputError: something is missing, or a photo cannot be read.
    """
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.VISIT, seen)
    checked = _checked(visit, clue, requirements, on)
    drawn = [redraw(photo) for photo in visit.photos]
    step = stepping.take(clue, Action.VISIT, told={"photos": len(drawn)})
    made = Visit.objects.create(clue=clue, step=step, **checked)
    for each in drawn:
        keep(made, each)
    stepping.finish()
    return step


def _checked(visit: Seen, clue: Clue, requirements: Requirements, on: date) -> dict[str, Any]:
    if visit.visited_on > on:
        raise InputError(_("走访日期还没有到"), _("填写实际走访的日期"))
    if visit.visited_on < clue.opened_on:
        raise InputError(
            _("走访日期早于线索的首次发现日期 {opened_on}").format(opened_on=clue.opened_on),
            _("填写发现线索之后的走访"),
        )
    visitors = list(dict.fromkeys(words(name, _("走访人员姓名")) for name in visit.visitors if name.strip()))
    if len(visitors) < requirements.visitors:
        raise InputError(
            _("入户核实须有 {visitors} 人以上，现填 {visitors_2} 人").format(
                visitors=requirements.visitors, visitors_2=len(visitors)
            ),
            _("补上同去的人员姓名"),
        )
    if len(visit.photos) > AT_MOST:
        raise InputError(_("一次走访最多 {at_most} 张照片").format(at_most=AT_MOST), _("选最能说明情况的几张"))
    if (visit.latitude is None) != (visit.longitude is None):
        raise InputError(_("经度和纬度要么都填，要么都不填"), _("补上另一个，或都清空"))
    if visit.latitude is not None and not (abs(visit.latitude) <= 90 and abs(visit.longitude or 0) <= 180):
        raise InputError(_("经纬度不在范围内"), _("重新取得当前位置，或清空"))
    return {
        "visited_on": visit.visited_on,
        "visitors": visitors,
        "place": words(visit.place, _("走访地点"))[:LONGEST_PLACE],
        "findings": words(visit.findings, _("走访情况")),
        "latitude": visit.latitude,
        "longitude": visit.longitude,
    }


@transaction.atomic
def submit_finding(
    number: str,
    conclusion: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    reason: str,
    answers: Mapping[Flag, str],
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Submits to the township what the village concludes from its visits, for the clue and those handled with it.

    Args:
        conclusion: of `Finding.Conclusion`.
        answers: by the place of each review flag (source, delivery, line), what explains it.

    Raises:
        InputError: no visit yet, too few photos, or a flag without an answer.
    """
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    if conclusion not in Finding.Conclusion.values:
        raise InputError(_("没有选择核实结论"), _("选择“情况属实”或“建议排除”"))
    action = Action(conclusion)
    stepping.check(clue, action, seen)
    group = group_of(clue)
    answered = _answered(flags_of(group), answers)
    _require_visit(clue, conclusion, requirements)
    said = words(reason, _("结论的理由"))
    stage = moved_to(clue, action)
    step = stepping.take(clue, action, stage=stage, desk=above(clue, stage, on), reason=said)
    Finding.objects.create(
        clue=clue,
        step=step,
        conclusion=conclusion,
        reason=said,
        answers=answered,
        evidence={each.number: rows_of(each.evidence) for each in group},
    )
    stepping.finish()
    return step


def flags_of(group: Sequence[Clue]) -> dict[Flag, dict[str, Any]]:
    """The review flags of clues that are handled together, each once."""
    return {(flag["source"], flag["delivery"], flag["line"]): flag for clue in group for flag in clue.flags}


def _answered(flags: Mapping[Flag, Mapping[str, Any]], answers: Mapping[Flag, str]) -> list[dict[str, Any]]:
    answered = []
    for place, flag in flags.items():
        source, delivery, line = place
        said = words(answers.get(place, ""), _("对“{text}”的说明").format(text=flag.get("text", "")))
        answered.append({"source": source, "delivery": delivery, "line": line, "text": flag["text"], "answer": said})
    return answered


def _require_visit(clue: Clue, conclusion: str, requirements: Requirements) -> None:
    if not clue.visits.exists():
        raise InputError(_("还没有走访记录，不能报送"), _("先记录入户走访"))
    if conclusion == Finding.Conclusion.CONFIRMED:
        photos = Photo.objects.filter(visit__clue=clue).count()
        if photos < requirements.photos:
            raise InputError(
                _("情况属实的须附 {photos} 张以上照片，现有 {photos_2} 张").format(
                    photos=requirements.photos, photos_2=photos
                ),
                _("补上走访时的照片"),
            )


@transaction.atomic
def agree(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    opinion: str = "",
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Agrees with what was submitted: a red clue goes on to the county, every other is closed, those merged with it too.

    Raises:
        NotOpen: the acting user submitted it, or agreed before; evidence or flags have grown since a dismissal was proposed.
    """
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.AGREE, seen)
    finding, group = clue.findings.select_related("step")[0], group_of(clue)
    _require_another(clue, finding, acting_user)
    said = words(opinion, _("意见"), needed=False)
    if finding.conclusion == Finding.Conclusion.DISMISSED:
        _require_known_evidence(group, finding)
        _require_answered_flags(group, finding)
    if clue.stage == Stage.TOWNSHIP_REVIEW and any(each.level == Level.RED for each in group):
        stage = Stage.COUNTY_REVIEW
        step = stepping.take(clue, Action.AGREE, stage=stage, desk=above(clue, stage, on), reason=said)
    else:
        if clue.stage == Stage.COUNTY_REVIEW:
            stepping.tell("red_clue_confirmed", clue, reason=said)
        step = [_close(stepping, each, finding, said) for each in group][0]
    stepping.finish()
    return step


def _require_another(clue: Clue, finding: Finding, acting_user: User) -> None:
    since = clue.steps.filter(number__gte=finding.step.number, action__in=[finding.step.action, Action.AGREE])
    if since.filter(actor=acting_user).exists():
        raise NotOpen(_("报送的人不能自己审核，审核过的人不能再复核"), _("请同单位的另一位同志办理"))


def _require_known_evidence(group: Sequence[Clue], finding: Finding) -> None:
    heard = set(ClueSource.objects.filter(clue__in=group, taken_at__gt=finding.step.at).values_list("clue", flat=True))
    grown = [
        each.number
        for each in group
        if each.pk in heard or has_new_rows(each.evidence, finding.evidence.get(each.number, {}))
    ]
    if grown:
        raise NotOpen(
            _("报送之后线索 {grown} 又有新的依据，不能就此排除").format(grown="、".join(grown)),
            _("退回村里，连同新的依据一起核实"),
        )


def _require_answered_flags(group: Sequence[Clue], finding: Finding) -> None:
    """A flag that screening raised after the village submitted is answered like those before it."""
    answered = {(each["source"], each["delivery"], each["line"]) for each in finding.answers}
    unanswered = [str(flag.get("text", "")) for place, flag in flags_of(group).items() if place not in answered]
    if unanswered:
        raise NotOpen(
            _("报送之后又查到“{unanswered}”，村里还没有说明，不能就此排除").format(unanswered="、".join(unanswered)),
            _("退回村里逐项说明"),
        )


def _close(stepping: Stepping, clue: Clue, finding: Finding, said: str) -> ClueStep:
    outcome = OUTCOME[finding.conclusion]
    changes: dict[str, Any] = {"state": outcome}
    if outcome == Clue.State.DISMISSED:
        changes |= {"dismissed_on": stepping.on, "dismissed_reason": finding.reason}
    step = stepping.take(clue, Action.AGREE, stage=Stage.CLOSED, desk=clue.desk, reason=said, changes=changes)
    stepping.tell(
        "clue_dismissed" if outcome == Clue.State.DISMISSED else "clue_confirmed", clue, reason=finding.reason
    )
    return step


@transaction.atomic
def send_back(
    number: str,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    reason: str,
    seen: int | None = None,
    key: str = "",
) -> ClueStep:
    """Sends what was submitted back: the township to the village that visited, the county to the township."""
    clue, stepping = locked(number), Stepping(acting_user, requirements, on, key)
    if (before := stepping.already(clue)) is not None:
        return before
    stepping.check(clue, Action.SEND_BACK, seen)
    stage = moved_to(clue, Action.SEND_BACK)
    submitted = clue.findings.select_related("step__desk_from", "step__desk_to")[0].step
    desk = submitted.desk_from if stage == Stage.VILLAGE else submitted.desk_to
    step = stepping.take(clue, Action.SEND_BACK, stage=stage, desk=desk, reason=words(reason, _("退回理由")))
    stepping.finish()
    return step
