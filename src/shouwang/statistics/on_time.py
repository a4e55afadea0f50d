"""按时率: for every stage that has a clock how many steps took a matter on from there, and how many of them kept the clock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from shouwang.clues.models import Stage
from shouwang.proceedings.table import Lifecycle
from shouwang.statistics.declaration import Additive, Ratio, Statistic
from shouwang.statistics.models import Cut

PROCEDURE = "渝府办发〔2021〕149号 第五章；政策包 办理时限"
ONE_STEP = _("次")


@dataclass(frozen=True)
class Steps:
    """The steps of one kind of matter: `matter` is the field that leads to it, `area` the way to its village.

    `by_itself` are actions by which the program ends a matter whose ground is gone, which nobody did in time or late.
    """

    model: Any
    lifecycle: Lifecycle
    matter: str
    group: str
    area: str
    cuts: Mapping[Cut, Any] = field(default_factory=dict)
    by_itself: tuple[str, ...] = ()

    def taken(self, stage: str, *, in_time: bool) -> QuerySet[Any]:
        """The steps that took a matter on from a stage that had a last day; with `in_time`, those that kept it.

        The last day is the one with which the matter came to that desk: urging and rising set the next one, but what was
        late stays late. Nearly always that is the step just before, so the search for another is asked of the few that
        follow such a one.
        """
        kept = {"due_on__gte": OuterRef("on")} if in_time else {"due_on__isnull": False}
        earlier = self.model.objects.filter(**{self.matter: OuterRef(self.matter)}).order_by()
        before, harmless = earlier.filter(number=OuterRef("number") - 1), Q(action__in=self.lifecycle.harmless)
        arrival = earlier.filter(~harmless, number__lt=OuterRef("number")).order_by("-number").values("due_on")[:1]
        steps = self.model.objects.filter(stage_from=stage).exclude(stage_to__in=[stage, Stage.MERGED])
        later = Q(last_day__gte=F("on")) if in_time else Q(last_day__isnull=False)
        return (
            steps.exclude(action__in=self.by_itself)
            .alias(last_day=Subquery(arrival))
            .filter(Exists(before.filter(~harmless, **kept)) | (Q(Exists(before.filter(harmless))) & later))
        )


def steps_on_time(*kinds: Steps) -> list[Statistic]:
    """For each stage with a clock of each kind: steps taken, those in time, and the rate of the two."""
    return [each for kind in kinds for each in _of_kind(kind)]


def _of_kind(kind: Steps) -> Iterable[Statistic]:
    titles = dict(kind.model._meta.get_field("stage_to").flatchoices)
    for stage in map(str, kind.lifecycle.level_of):
        title, code = titles[stage], f"{kind.group}.{stage}"
        every = Additive(
            f"{code}.taken", kind.group, format_lazy(_("{title}：办理"), title=title), ONE_STEP,
            format_lazy(_("当月在“{title}”环节办完、交到下一环节的次数，退回的也算"), title=title), PROCEDURE,
            _rows(kind, stage, in_time=False), "on", kind.area, cuts=kind.cuts,
        )  # fmt: skip
        prompt = Additive(
            f"{code}.in_time", kind.group, format_lazy(_("{title}：按时办理"), title=title), ONE_STEP,
            format_lazy(_("其中在办理期限最后一天以前办完的"), title=title), PROCEDURE,
            _rows(kind, stage, in_time=True), "on", kind.area, cuts=kind.cuts,
        )  # fmt: skip
        rate = Ratio(
            f"{code}.timely", kind.group, format_lazy(_("{title}：按时率"), title=title), prompt, every,
            format_lazy(_("在“{title}”环节办完的，有多少没有超过办理期限"), title=title), PROCEDURE,
        )  # fmt: skip
        yield from (every, prompt, rate)


def _rows(kind: Steps, stage: str, *, in_time: bool) -> Callable[[date], QuerySet[Any]]:
    return lambda on: kind.taken(stage, in_time=in_time)
