"""The groups that a sweep may go to, each a declared query over what the register, the clues and the cases know.

DOMAIN B11 (the key groups, composed there from several sources). A further group is a further line here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True)
class Terms:
    """What the policy pack means on a day: the labour skills of whoever can work, the types of households that were poor once,
    and from which day on something was lately; before it, it was long ago."""

    able: tuple[str, ...]
    lifted: tuple[str, ...]
    lately: date


@dataclass(frozen=True)
class Group:
    """`of` gives the condition on households by the terms of a day."""

    title: Any
    of: Callable[[Terms], Q]


def _present(**more: Any) -> Q:
    """Households with a present member of some kind."""
    return Q(Exists(Person.objects.filter(household=OuterRef("pk"), left_on=None, **more)))


def _standing_clue(**more: Any) -> Q:
    states = (Clue.State.OPEN, Clue.State.CONFIRMED, Clue.State.MONITORED)
    return Q(Exists(Clue.objects.filter(household=OuterRef("pk"), state__in=states, **more)))


def _monitored(**more: Any) -> Q:
    return Q(Exists(Case.objects.filter(household=OuterRef("pk"), stage=CaseStage.INCLUDED, **more)))


def _reported(terms: Terms) -> Q:
    told = ClueSource.objects.filter(
        clue__household=OuterRef("pk"), channel=Channel.SELF_REPORT, received_on__gte=terms.lately
    )
    return Q(Exists(told))


GROUPS: Mapping[str, Group] = {
    "all": Group(_("全部农户"), lambda terms: Q()),
    "low_income": Group(_("收入低于监测线"), lambda terms: _standing_clue(rules__icontains='"income.')),
    "income_unknown": Group(_("收入不明"), lambda terms: Q(income_known=False)),
    "serious_illness": Group(_("有人患大病"), lambda terms: _present(health="患有大病")),
    "chronic_illness": Group(_("有人长期慢性病"), lambda terms: _present(health="长期慢性病")),
    "disabled": Group(_("有残疾人"), lambda terms: _present(health="残疾") | _standing_clue(risk_type="disability")),
    "no_labour": Group(_("没有劳动力"), lambda terms: Q(member_count__gt=0) & ~_present(labour__in=terms.able)),
    "single": Group(_("单人户"), lambda terms: Q(member_count=1)),
    "out_of_school": Group(_("有失学的人"), lambda terms: _present(dropout_reason__gt="")),
    "unstable_employment": Group(_("务工不稳"), lambda terms: _standing_clue(risk_type="unstable_employment")),
    "shock": Group(_("受灾或出意外"), lambda terms: _standing_clue(risk_type__in=["natural_disaster", "accident"])),
    "large_assistance": Group(
        _("大额临时救助"), lambda terms: _standing_clue(rules__icontains='"assistance.large_temporary"')
    ),
    "resettled": Group(_("易地搬迁户"), lambda terms: _present(resettlement_site__gt="")),
    "lifted": Group(_("脱贫户"), lambda terms: Q(household_type__in=terms.lifted)),
    "monitored": Group(_("监测对象"), lambda terms: _monitored()),
    "long_monitored": Group(_("长期监测没有消除"), lambda terms: _monitored(included_on__lt=terms.lately)),
    "open_clue": Group(
        _("有未办结的线索"),
        lambda terms: Q(Exists(Clue.objects.filter(household=OuterRef("pk"), state=Clue.State.OPEN))),
    ),
    "self_reported": Group(_("近期自主申报过"), _reported),
}


def households_in(places: Iterable[Area]) -> QuerySet[Household]:
    """The households of places, those of the areas that they replaced included."""
    inside = [within(prefix, "area_id") for place in places for prefix in prefixes(place)]
    found = Household.objects.filter(member_count__gt=0)
    return found.filter(reduce(or_, inside)) if inside else found.none()


def households_of(group: str, places: Iterable[Area], terms: Terms) -> QuerySet[Household]:
    """The households of a group in places."""
    return households_in(places).filter(GROUPS[group].of(terms)).order_by()


def how_many(groups: Iterable[str], places: Iterable[Area], terms: Terms) -> int:
    """How many households a campaign would go to."""
    conditions = [GROUPS[group].of(terms) for group in groups]
    return households_in(places).filter(reduce(or_, conditions)).count() if conditions else 0
