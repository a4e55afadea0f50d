"""What somebody has to do about clues: whatever lies on their desk, and what is overdue below them; soonest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Reach, Scope, scope_of
from shouwang.areas.models import Area
from shouwang.clues.flow import IN_HAND, LEVEL_OF, ON_THE_WAY
from shouwang.clues.models import RANK, Clue, Stage, Visit
from shouwang.questions import stacked

SOONEST = ("due_on", RANK, "number")
WORKING = (
    Permission.DISPATCH,
    Permission.VERIFY,
    Permission.SUBMIT,
    Permission.CONSENT,
    Permission.CONFIRM_RED,
)
AT_DESK = {
    Permission.SUBMIT: (Stage.VILLAGE,),
    Permission.CONSENT: (Stage.TOWNSHIP_REVIEW,),
    Permission.CONFIRM_RED: (Stage.COUNTY_REVIEW,),
}


@dataclass(frozen=True)
class Task:
    """One clue to do something about: what, by when, and why it is on this desk."""

    clue: Clue
    what: str
    why: str
    days_left: int

    @property
    def overdue(self) -> bool:
        return self.days_left < 0

    @property
    def group(self) -> str:
        return _("已逾期") if self.days_left < 0 else _("今天到期") if self.days_left == 0 else _("接下来")


@dataclass(frozen=True)
class Load:
    """How much there is to do: overdue, due today, later; `whole` with what has no day."""

    overdue: int
    today: int
    later: int
    whole: int

    @property
    def total(self) -> int:
        return self.overdue + self.today + self.later


def works_on_clues(scope: Scope) -> bool:
    return any(scope.may(permission) for permission in WORKING)


class CluesToDo:
    """What lies with somebody on a day; a slice of it are the soonest and gravest, in their order.

    It is asked for in parts, each of which an index gives in order, and no two of which have a clue in common: of a city's whole
    first screening, which lies on one desk, a page reads no more than it shows.

    Args:
        which: conditions that all of them meet.
    """

    def __init__(self, user: User, on: date, **which: date) -> None:
        conditions = [q for reach in scope_of(user, on).reaches for q in _of_reach(reach, on)]
        clues = Clue.objects.filter(stage__in=IN_HAND, **which)
        self._parts = [clues.filter(q, *(~before for before in conditions[:n])) for n, q in enumerate(conditions)]

    def days(self) -> QuerySet[Clue, tuple[date | None, int]]:
        """Their last days, each with how many of a part there are."""
        parts = [part.order_by().values_list("due_on").annotate(number=Count("pk")) for part in self._parts]
        return parts[0].union(*parts[1:], all=True) if parts else Clue.objects.none()

    def __getitem__(self, wanted: slice) -> QuerySet[Clue]:
        start = wanted.start or 0
        first = stacked(
            (
                "told.*",
                part.annotate(rank=RANK).order_by(*SOONEST).values("pk", "due_on", "rank", "number")[: wanted.stop],
            )
            for part in self._parts
        )
        if not first:
            return Clue.objects.none()
        keys = RawSQL(
            f"SELECT pk FROM ({first.sql}) AS k ORDER BY due_on, rank, number LIMIT %s OFFSET %s",
            [*first.given, wanted.stop - start, start],
        )
        visited = Exists(Visit.objects.filter(clue=OuterRef("pk")))
        found = Clue.objects.filter(pk__in=keys).defer("evidence", "flags").annotate(visited=visited)
        return found.select_related("household").order_by(*SOONEST)


def _of_reach(reach: Reach, on: date) -> list[Q]:
    """The conditions under which a clue is for a post to act on, each of one desk or of what is few."""
    here, found = Q(desk=reach.area), []
    inside = reach.inside("desk_id")
    if reach.may(Permission.DISPATCH):
        found.append(here & Q(stage__in=[stage for stage in ON_THE_WAY if LEVEL_OF[stage] == reach.area.level]))
        # It stays with every level that it has risen to: a township is not rid of it because the county hears of it too.
        found.append(inside & Q(raised_to__lte=reach.area.level, due_on__lt=on))
    for permission, stages in AT_DESK.items():
        if reach.may(permission):
            found.append(here & Q(stage__in=stages))
    if reach.may(Permission.VERIFY) and not reach.may(Permission.SUBMIT):
        found.append(inside & Q(stage=Stage.VILLAGE) & ~Exists(Visit.objects.filter(clue=OuterRef("pk"))))
    return found


def load_of(days: Iterable[tuple[date | None, int]], on: date) -> Load:
    """How much `CluesToDo.days` found."""
    found = list(days)
    dated = [(day, number) for day, number in found if day is not None]
    return Load(
        overdue=sum(number for day, number in dated if day < on),
        today=sum(number for day, number in dated if day == on),
        later=sum(number for day, number in dated if day > on),
        whole=sum(number for _, number in found),
    )


def task_of(clue: Clue, scope: Scope, on: date) -> Task:
    """What is to be done about one of `CluesToDo`, in words. Asks the database nothing."""
    left = (clue.due_on - on).days if clue.due_on else 0
    desk = clue.desk.name if clue.desk else ""
    own = {reach.area.pk for reach in scope.reaches}
    level = Area.LEVELS[clue.raised_to - 1][1] if clue.raised_to else ""
    if clue.desk_id not in own and clue.stage != Stage.VILLAGE:
        return Task(clue, _("催办或改派"), _("{desk}逾期未办，已上报到{level}").format(desk=desk, level=level), left)
    if clue.desk_id not in own and any(reach.may(Permission.DISPATCH) for reach in scope.reaches):
        return Task(
            clue, _("催办或改派"), _("{desk}逾期未入户核实，已上报到{level}").format(desk=desk, level=level), left
        )
    return Task(clue, *_WORDS[Stage(clue.stage)](clue), left)


def _village_words(clue: Clue) -> tuple[str, str]:
    if getattr(clue, "visited", False):
        return _("报送核实结果"), _("已有走访记录，还没有报送结论")
    return _("入户核实"), _("上级下发到村，等待入户")


_WORDS = {
    Stage.CITY: lambda clue: (_("下发"), _("筛查新提出，等待市级下发")),
    Stage.COUNTY: lambda clue: (_("下发"), _("市级已下发，等待区县下发")),
    Stage.TOWNSHIP: lambda clue: (
        _("下发"),
        _("区县已下发，等待乡镇下发") if clue.rules else _("农户申报或干部排查反映，等待派人核实"),
    ),
    Stage.VILLAGE: _village_words,
    Stage.TOWNSHIP_REVIEW: lambda clue: (_("审核"), _("村里已报送核实结果，等待乡镇审核")),
    Stage.COUNTY_REVIEW: lambda clue: (_("复核"), _("红色线索，乡镇已审核，等待区县复核")),
}
