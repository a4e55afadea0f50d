"""What a registered organisation is told: needs without identity, and where to bring what it has pledged."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Q, QuerySet, When
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance.models import MeasureCategory, Need, NeedStage, Organisation
from shouwang.proceedings.desks import line_of, standing


@dataclass(frozen=True)
class Told:
    """One need as an organisation sees it; `deliver_to` is empty until the county has agreed."""

    number: str
    county: str
    township: str
    category: str
    text: str
    people: int
    wanted_by: date
    stage: str
    stage_title: str
    own: bool
    pledge: str
    deliver_to: str
    version: int


def organisation_of(user: User) -> Organisation | None:
    """The organisation whose account this is."""
    return Organisation.objects.select_related("area").filter(account=user).first()


def _board(own: Organisation) -> QuerySet[Need]:
    county = line_of(own.area, localdate())[Area.COUNTY]
    open_to_all = Q(county=county, stage=NeedStage.PUBLISHED)
    return Need.objects.filter(open_to_all | Q(organisation=own)).select_related("township", "county", "area")


def needs_open_to(own: Organisation) -> QuerySet[Need]:
    """What the county has published and nobody has pledged, the soonest wanted first; told by `as_told`, page by page."""
    return _board(own).filter(stage=NeedStage.PUBLISHED).order_by("wanted_by", "number")


def needs_pledged_by(own: Organisation) -> QuerySet[Need]:
    """What this organisation has pledged, what is still to be done first, of that the soonest wanted."""
    done = Case(When(stage=NeedStage.CONFIRMED, then=1), default=0)
    return _board(own).filter(organisation=own).order_by(done, "wanted_by", "number")


def as_told(needs: Iterable[Need], own: Organisation) -> list[Told]:
    """Needs of its board as an organisation sees them."""
    return [_told(need, own) for need in needs]


def needs_named_to(user: User, numbers: Collection[str]) -> set[str]:
    """Those of some numbers that stand on the board of the user's organisation; none for whoever has none."""
    own = organisation_of(user)
    return set(_board(own).filter(number__in=numbers).values_list("number", flat=True)) if own else set()


def need_told_to(own: Organisation, number: str) -> Told:
    """Raises Need.DoesNotExist for what is neither published by its county nor its own."""
    return _told(_board(own).get(number=number), own)


def _told(need: Need, own: Organisation) -> Told:
    mine = need.organisation_id == own.pk
    to_deliver = mine and need.stage in (NeedStage.MATCHED, NeedStage.DELIVERED)
    return Told(
        number=need.number,
        county=need.county.name,
        township=standing(need.township_id, localdate()).name,
        category=str(MeasureCategory(need.category).label),
        text=need.text,
        people=need.people,
        wanted_by=need.wanted_by,
        stage=need.stage,
        stage_title=str(need.get_stage_display()),
        own=mine,
        pledge=need.pledge if mine else "",
        deliver_to=need.area.name if to_deliver else "",
        version=need.version,
    )
