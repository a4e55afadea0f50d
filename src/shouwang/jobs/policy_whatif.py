"""What a proposed value would change among the clues or among the steps of their handling, worked out in the background.

The result is kept with the proposal.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.amendments.deciding import NotOpen
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.audit.record import record
from shouwang.clues.reading import latest_as_of
from shouwang.jobs.clock_whatif import clock_whatif
from shouwang.jobs.policy import current_pack
from shouwang.kernel.divisions import TOWNSHIP, code_at
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home, open_home
from shouwang.policy.deadlines import PREFIX
from shouwang.policy.holidays import PREFIX as HOLIDAYS
from shouwang.policy.pack import Pack
from shouwang.screening.whatif import Difference, whatif

logger = logging.getLogger(__name__)
UNFINISHED = (WhatIf.State.WAITING, WhatIf.State.RUNNING)
BROKEN = _("程序内部出错，推演未完成，已记入日志。请联系管理员。")
Counts = dict[str, int]


@transaction.atomic
def ask_for_whatif(amendment: Amendment, *, acting_user: User) -> WhatIf:
    """Queues a what-if as of the day for which the desk speaks; one that is already on its way is returned.

    Raises:
        PermissionDenied: the user neither proposes nor decides.
        NotOpen: it is decided already, or was made for another policy pack.
    """
    scope = scope_of(acting_user, localdate())
    if not (scope.may(Permission.PROPOSE_POLICY) or scope.may(Permission.DECIDE_POLICY)):
        raise PermissionDenied
    if amendment.state != Amendment.State.PROPOSED:
        raise NotOpen(
            gettext("这条建议{state}，不再推演").format(state=amendment.get_state_display()),
            gettext("刷新页面查看最新情况"),
        )
    if amendment.pack != current_pack().id:
        raise NotOpen(gettext("这条建议属于另一个政策包"), gettext("在现在的政策包中重新提出"))
    going = amendment.whatifs.filter(state__in=UNFINISHED).first()
    if going is not None:
        return going
    of_clock = amendment.parameter.startswith(PREFIX)
    as_of = localdate() if of_clock else latest_as_of() or localdate()
    made = WhatIf.objects.create(amendment=amendment, asked_by=acting_user, as_of=as_of)
    record(acting_user, "whatif_run", amendment, as_of=as_of, parameters={amendment.parameter: amendment.value})
    run_whatif.enqueue(made.pk)
    return made


@task()
def run_whatif(pk: int) -> None:
    """Worker: carries out one waiting what-if. Done again after a kill it gives the same."""
    waiting = WhatIf.objects.select_related("amendment").filter(pk=pk, state__in=UNFINISHED).first()
    if waiting is None:
        return
    WhatIf.objects.filter(pk=pk).update(state=WhatIf.State.RUNNING, progress=0)
    try:
        _run(open_home(), waiting)
    except ShouwangError as problem:
        _fail(
            pk,
            gettext("{message}。{advice}").format(message=problem.message, advice=problem.advice)
            if problem.advice
            else problem.message,
        )
    except Exception as problem:
        logger.error("what-if %s ended with %s", pk, type(problem).__name__, exc_info=True)
        _fail(pk, BROKEN)


def _run(home: Home, waiting: WhatIf) -> None:
    pack, amendment = current_pack(), waiting.amendment

    def progress(percent: int) -> None:
        _told(waiting.pk, percent)

    clock = amendment.parameter.removeprefix(PREFIX)
    if amendment.parameter.startswith(HOLIDAYS):
        result = of_holidays(pack, amendment.parameter, amendment.value)
    elif deadline := pack.deadlines.get(clock) if clock != amendment.parameter else None:
        result = clock_whatif(pack, clock, deadline.parse(amendment.value), waiting.as_of, progress=progress)
    else:
        changed = {amendment.parameter: amendment.value}
        result = by_township(whatif(home, pack, waiting.as_of, changed, progress=progress))
    WhatIf.objects.filter(pk=waiting.pk).update(
        state=WhatIf.State.DONE,
        progress=100,
        finished_at=now(),
        pack_version=pack.version,
        decided=len(pack.decided),
        result=result,
    )


def of_holidays(pack: Pack, parameter: str, value: str) -> dict[str, Any]:
    """What another table changes: no clue, and no last day that was set before; only what is counted from then on."""
    known = pack.dated[parameter]
    before, after = known.words(known.at(localdate())), known.words(known.parse(value))
    return {"levels": [], "set": {parameter: [before, after]}, "places": {}}


def _told(pk: int, percent: int) -> None:
    WhatIf.objects.filter(pk=pk).update(progress=min(percent, 99))


def _fail(pk: int, message: str) -> None:
    WhatIf.objects.filter(pk=pk).update(state=WhatIf.State.FAILED, message=message, finished_at=now())


def resume() -> None:
    """Queues again what an earlier worker left."""
    for waiting in WhatIf.objects.filter(state__in=UNFINISHED).order_by("pk"):
        run_whatif.enqueue(waiting.pk)


def by_township(found: Difference) -> dict[str, Any]:
    """A comparison in numbers, by township and level: no household is named in it.

    {"levels": […gravest first], "set": {parameter: [before, after]}, "places": {township: {before, after, come, go: {level:
    clues}, graver, lighter: clues whose level rises or falls}}}.
    """
    rank = {level: place for place, level in enumerate(found.level_ids)}
    places: dict[str, dict[str, Any]] = {}

    def at(division: str) -> dict[str, Any]:
        code = code_at(division, TOWNSHIP)
        return places.setdefault(code, {"graver": 0, "lighter": 0} | {side: {} for side in SIDES})

    for side in SIDES:
        for clue in getattr(found, side):
            counts = at(clue.division_code)[side]
            counts[clue.level] = counts.get(clue.level, 0) + 1
    for old, new in found.moved:
        at(new.division_code)["graver" if rank[new.level] < rank[old.level] else "lighter"] += 1
    values = {name: list(pair) for name, pair in found.parameters.items()}
    return {"levels": list(found.level_ids), "set": values, "places": dict(sorted(places.items()))}


SIDES = ("before", "after", "come", "go")


@dataclass
class Change:
    """What changes in one place: clues by level on each side, and how many become graver or lighter."""

    code: str = ""
    before: Counts = field(default_factory=dict)
    after: Counts = field(default_factory=dict)
    come: Counts = field(default_factory=dict)
    go: Counts = field(default_factory=dict)
    graver: int = 0
    lighter: int = 0

    @property
    def changed(self) -> int:
        return sum(self.come.values()) + sum(self.go.values()) + self.graver + self.lighter

    def add(self, told: Mapping[str, Any]) -> None:
        for side in SIDES:
            counts = getattr(self, side)
            for level, number in told[side].items():
                counts[level] = counts.get(level, 0) + number
        self.graver += told["graver"]
        self.lighter += told["lighter"]


def changes(result: Mapping[str, Any], covers: Callable[[str], bool], level: int) -> tuple[Change, list[Change]]:
    """The sum over the townships that somebody may see, and the places of a level of which something changes.

    The most changed place comes first.
    """
    total, by_place = Change(), dict[str, Change]()
    for code, told in result.get("places", {}).items():
        if covers(code):
            place = code_at(code, level)
            for sum_of in (total, by_place.setdefault(place, Change(place))):
                sum_of.add(told)
    return total, sorted(_changed(by_place.values()), key=lambda each: (-each.changed, each.code))


def _changed(found: Iterable[Change]) -> list[Change]:
    return [each for each in found if each.changed]
