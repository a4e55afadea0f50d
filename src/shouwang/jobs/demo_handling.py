"""The demonstration's clues brought to life: handed out, visited and agreed by its users, through the same engine as theirs.

Every step is the engine's own, with its row and its audit entry. Done again it does nothing: what has left the first desks
stays where it is.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from PIL import Image, ImageDraw

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.cases.opening import open_cases
from shouwang.clues import handling, verification
from shouwang.clues.flow import IN_HAND
from shouwang.clues.models import Action, Clue, ClueStep, RiskType, Stage
from shouwang.clues.reading import clues_to_dispatch
from shouwang.clues.standing import offices_of, set_rule
from shouwang.clues.today import RANK
from shouwang.clues.verification import Seen, flags_of
from shouwang.jobs.handling import identification_requirements, look_after, requirements
from shouwang.kernel.divisions import SCOPE_DIGITS
from shouwang.kernel.errors import ShouwangError

# Days before today on which each level acted, as far as the clues were there by then.
CITY_ACTED, COUNTY_ACTED, TOWNSHIP_ACTED = (9,), (8,), (7, 5, 2)
VISITED, SUBMITTED, AGREED = 4, 3, 1
AT_ONCE = 7  # what was found true was visited and agreed to as soon as it came, so that its case has gone some way
LEFT_AT_CITY, LEFT_AT_DESK, LEFT_AT_COUNTY = 12, 4, 2
FOUND = (
    "户主住院两次，自付较多，现靠子女务工收入维持",
    "入户查看，收入下降属实，家中仅一人有劳动能力",
    "情况与线索一致，已向户主说明帮扶政策",
)
DISMISSED = ("费用已由商业保险赔付，收入稳定", "劳动力已重新就业，家庭收入高于监测线")


@dataclass(frozen=True)
class _People:
    """One user for each level of the demonstration's line."""

    city: User
    county: User
    township: User
    village: User
    village_area: Area


def hand_out(today: date, first: Callable[[date], None] | None = None) -> dict[str, int]:
    """Brings clues of the demonstration's line to every stage; returns how many clues stand at each.

    `first` is what is done once they have been handed down, before the village sees to the others.

    Nothing happens where the demonstration has no user for some level of the line. Killed half way, it leaves nothing.
    """
    people = _people()
    if people is not None and not ClueStep.objects.filter(actor=people.city).exists():
        with transaction.atomic():
            _hand_down(people, today)
            if first is not None:
                first(today)
            _merge_one(people, today)
            _verify(people, today)
            _set_a_standing_order(people.county)
            for before in range(AT_ONCE, 0, -1):
                day = _day(today, before)
                open_cases(identification_requirements(day), day)
    look_after(today)
    if people is not None:
        _urge_one(people, today)
    counted = Counter(Clue.objects.order_by().values_list("stage", flat=True))
    return {stage: counted[stage] for stage in (*IN_HAND, Stage.MERGED, Stage.CLOSED)}


def _people() -> _People | None:
    users = User.objects.filter(demonstration=True)
    found = {}
    for duty in (Duty.CITY, Duty.COUNTY, Duty.TOWNSHIP, Duty.VILLAGE):
        user = users.filter(posts__duty=duty).order_by("pk").first()
        if user is None:
            return None
        found[duty.value] = user
    village = Area.objects.get(post__user=found["village"], post__duty=Duty.VILLAGE)
    return _People(**found, village_area=village)


def _hand_down(people: _People, today: date) -> None:
    """The newest stay on each desk; one goes back up, so that a return is seen too. What lies outside the line, where the
    demonstration has nobody, the city hands down today."""
    levels = (
        (people.city, Area.COUNTY, CITY_ACTED, LEFT_AT_CITY),
        (people.county, Area.TOWNSHIP, COUNTY_ACTED, LEFT_AT_DESK),
        (people.township, Area.VILLAGE, TOWNSHIP_ACTED, LEFT_AT_DESK),
    )
    for user, level, acted, left in levels:
        line = people.village_area.pk[: SCOPE_DIGITS[level]]
        _dispatch(user, level, _waiting(user, left), [_day(today, each) for each in acted], today, line)
    for user in (people.county, people.township):
        back = clues_to_dispatch(user).order_by("-pk").first()
        if back is not None:
            handling.give_back(back.number, reason="户主反映常住外地，请核对后再下发", **_by(user, back, today))


def _waiting(user: User, left: int) -> list[Clue]:
    return list(clues_to_dispatch(user).defer("evidence", "flags").order_by("-pk"))[left:]


def _dispatch(user: User, level: int, clues: list[Clue], acted: list[date], today: date, line: str) -> None:
    """Those of the line on the days on which this desk acted, in turn, or when they came where that is later."""
    by_day: dict[date, list[str]] = {}
    for place, clue in enumerate(clues):
        day = max(acted[place % len(acted)], clue.arrived_on or today) if clue.area_id.startswith(line) else today
        by_day.setdefault(day, []).append(clue.number)
    for on, numbers in sorted(by_day.items()):
        for start in range(0, len(numbers), handling.AT_ONCE):
            some = numbers[start : start + handling.AT_ONCE]
            handling.dispatch_many(some, acting_user=user, requirements=requirements(on), on=on, to_level=level)


def _merge_one(people: _People, today: date) -> None:
    """Two clues of one household in the village become one visit."""
    first: dict[int, Clue] = {}
    for clue in Clue.objects.filter(stage=Stage.VILLAGE, desk=people.village_area).order_by("pk"):
        main = first.setdefault(clue.household_id, clue)
        if main is not clue:
            by = _by(people.township, clue, _day(today, TOWNSHIP_ACTED[-1]))
            handling.merge(clue.number, into=main.number, reason="同一户，一次入户一并核实", **by)
            return


def _set_a_standing_order(user: User) -> None:
    scope = scope_of(user, localdate())
    office = offices_of(scope)[0]
    set_rule(
        acting_user=user, scope=scope, area=office.pk, level="", risk_type=RiskType.UNSAFE_WATER, to_level=Area.TOWNSHIP
    )


def _urge_one(people: _People, today: date) -> None:
    """The township sets the village a last day for what is overdue the longest."""
    if ClueStep.objects.filter(actor=people.township, action=Action.URGE).exists():
        return
    late = Clue.objects.filter(stage=Stage.VILLAGE, desk=people.village_area, due_on__lt=today).order_by("due_on", "pk")
    if clue := late.first():
        handling.urge(clue.number, reason="请于明日前完成入户", **_by(people.township, clue, today))


def _verify(people: _People, today: date) -> None:
    """Of the village's clues, one in six each: agreed, dismissed, untouched, visited, submitted, sent back.

    The gravest are first, so that a red one comes before the county, be there only one.
    """
    clues = Clue.objects.filter(stage=Stage.VILLAGE, desk=people.village_area).order_by(RANK, "pk")
    for place, clue in enumerate(clues):
        with suppress(ShouwangError):  # a clue that does not fit stays where it is
            for _ in _one(people, clue, place, today):
                clue.refresh_from_db()


def _one(people: _People, clue: Clue, place: int, today: date) -> Iterator[ClueStep]:
    share = (place + 4) % 6
    if share == 0:
        return
    visited, submitted, agreed = (AT_ONCE, AT_ONCE, AT_ONCE) if share == 4 else (VISITED, SUBMITTED, AGREED)
    seen = Seen(
        visited_on=_by(people.village, clue, _day(today, visited))["on"],
        visitors=["村干部甲", "驻村队员乙"],
        place=f"{people.village_area.name}{place % 5 + 1}组院坝",
        findings=FOUND[place % len(FOUND)],
        photos=[sketch(place)],
    )
    yield verification.record_visit(clue.number, seen, **_by(people.village, clue, _day(today, visited)))
    if share == 1:
        return
    conclusion = "dismiss" if share == 5 else "confirm"
    reason = DISMISSED[place % len(DISMISSED)] if share == 5 else "情况属实，建议纳入帮扶"
    answers = dict.fromkeys(flags_of([clue]), "登记在该户名下，实为亲属使用，已看过凭证")
    by = _by(people.village, clue, _day(today, submitted))
    yield verification.submit_finding(clue.number, conclusion, reason=reason, answers=answers, **by)
    if share == 2:
        return
    by = _by(people.township, clue, _day(today, agreed))
    if share == 3:
        yield verification.send_back(clue.number, reason="请补充收入依据", **by)
        return
    yield verification.agree(clue.number, opinion="同意", **by)
    clue.refresh_from_db()
    waiting = Clue.objects.filter(stage=Stage.COUNTY_REVIEW).count()
    if clue.stage == Stage.COUNTY_REVIEW and waiting > LEFT_AT_COUNTY:
        yield verification.agree(clue.number, opinion="同意", **_by(people.county, clue, _day(today, agreed)))


def _by(user: User, clue: Clue, on: date) -> dict[str, Any]:
    """Who acts and when: not before the clue's last step."""
    last = clue.steps.order_by("-number").values_list("on", flat=True).first()
    day = max(on, last) if last else on
    return {"acting_user": user, "requirements": requirements(day), "on": day}


def _day(today: date, before: int) -> date:
    return today - timedelta(days=before)


def sketch(place: int) -> bytes:
    """A drawn house in place of a photo: nobody's home."""
    picture = Image.new("RGB", (640, 480), ("#cfe3ee", "#dfe8d4", "#ece3d0")[place % 3])
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 330, 640, 480), fill="#8fae7a")
    left = 140 + place % 7 * 20
    pen.rectangle((left, 210, left + 260, 370), fill="#e9dcc3", outline="#5b4a3a", width=4)
    pen.polygon([(left - 30, 210), (left + 130, 120), (left + 290, 210)], fill="#6b4f45")
    pen.rectangle((left + 100, 280, left + 150, 370), fill="#7a5a44")
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return stream.getvalue()
