"""The groups that a sweep may go to, each a declared query over what the register, the clues and the cases know.

DOMAIN B11 (the key groups, composed there from several sources). A further group is a further line here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.areas.reading import prefixes, within
from shouwang.cases.models import Case
from shouwang.cases.models import Stage as CaseStage
from shouwang.clues.models import Channel, Clue, ClueSource
from shouwang.households.models import Household, Person

A_YEAR = timedelta(days=365)
ABLE = ("普通劳动力", "技能劳动力")


@dataclass(frozen=True)
class Group:
    """`of` gives the condition on households on a day."""

    title: Any
    of: Callable[[date], Q]


def _present(**more: Any) -> Q:
    """Households with a present member of some kind."""
    return Q(Exists(Person.objects.filter(household=OuterRef("pk"), left_on=None, **more)))


def _standing_clue(**more: Any) -> Q:
    states = (Clue.State.OPEN, Clue.State.CONFIRMED, Clue.State.MONITORED)
    return Q(Exists(Clue.objects.filter(household=OuterRef("pk"), state__in=states, **more)))


def _monitored(**more: Any) -> Q:
    return Q(Exists(Case.objects.filter(household=OuterRef("pk"), stage=CaseStage.INCLUDED, **more)))


def _reported(on: date) -> Q:
    told = ClueSource.objects.filter(
        clue__household=OuterRef("pk"), channel=Channel.SELF_REPORT, received_on__gte=on - A_YEAR
    )
    return Q(Exists(told))


GROUPS: Mapping[str, Group] = {
    "all": Group(_("全部农户"), lambda on: Q()),
    "low_income": Group(_("收入低于监测线"), lambda on: _standing_clue(rules__icontains='"income.')),
    "income_unknown": Group(_("收入不明"), lambda on: Q(income_known=False)),
    "serious_illness": Group(_("有人患大病"), lambda on: _present(health="患有大病")),
    "chronic_illness": Group(_("有人长期慢性病"), lambda on: _present(health="长期慢性病")),
    "disabled": Group(_("有残疾人"), lambda on: _present(health="残疾") | _standing_clue(risk_type="disability")),
    "no_labour": Group(_("没有劳动力"), lambda on: Q(member_count__gt=0) & ~_present(labour__in=ABLE)),
    "single": Group(_("单人户"), lambda on: Q(member_count=1)),
    "out_of_school": Group(_("有失学的人"), lambda on: _present(dropout_reason__gt="")),
    "unstable_employment": Group(_("务工不稳"), lambda on: _standing_clue(risk_type="unstable_employment")),
    "shock": Group(_("受灾或出意外"), lambda on: _standing_clue(risk_type__in=["natural_disaster", "accident"])),
    "large_assistance": Group(
        _("大额临时救助"), lambda on: _standing_clue(rules__icontains='"assistance.large_temporary"')
    ),
    "resettled": Group(_("易地搬迁户"), lambda on: _present(resettlement_site__gt="")),
    "lifted": Group(_("脱贫户"), lambda on: Q(household_type="脱贫户")),
    "monitored": Group(_("监测对象"), lambda on: _monitored()),
    "long_monitored": Group(_("纳入监测一年以上未消除"), lambda on: _monitored(included_on__lt=on - A_YEAR)),
    "open_clue": Group(
        _("有未办结的线索"),
        lambda on: Q(Exists(Clue.objects.filter(household=OuterRef("pk"), state=Clue.State.OPEN))),
    ),
    "self_reported": Group(_("一年内自主申报过"), _reported),
}


def households_in(places: Iterable[Area]) -> QuerySet[Household]:
    """The households of places, those of the areas that they replaced included."""
    inside = [within(prefix, "area_id") for place in places for prefix in prefixes(place)]
    found = Household.objects.filter(member_count__gt=0)
    return found.filter(reduce(or_, inside)) if inside else found.none()


def households_of(group: str, places: Iterable[Area], on: date) -> QuerySet[Household]:
    """The households of a group in places on a day."""
    return households_in(places).filter(GROUPS[group].of(on)).order_by()


def how_many(groups: Iterable[str], places: Iterable[Area], on: date) -> int:
    """How many households a campaign would go to."""
    conditions = [GROUPS[group].of(on) for group in groups]
    return households_in(places).filter(reduce(or_, conditions)).count() if conditions else 0
