"""What an office does with a campaign: plans it, starts it, adds households, closes it; each is one step of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import prefixes
from shouwang.households.models import Household
from shouwang.households.reading import households_visible_to
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, words
from shouwang.sweeps.groups import GROUPS, Terms, households_of
from shouwang.sweeps.models import Action, Campaign, CampaignStep, Stage, SweepTask
from shouwang.sweeps.steps import Order, Stepping, one_step

LONGEST_TITLE = 100
LONGEST_CAMPAIGN = timedelta(days=366)
NAMED = 20  # unfinished households that the entry of the audit names


@dataclass(frozen=True)
class Plan:
    """What a campaign is to be; `places` are codes of areas within the organiser's own, nothing: all of it."""

    title: str
    groups: Sequence[str]
    places: Sequence[str]
    starts_on: date
    ends_on: date


@transaction.atomic
def plan(office: Area, told: Plan, order: Order) -> Campaign:
    """Writes a campaign down; the same form sent again is the same campaign.

    Raises:
        NotOpen: the acting user organises nothing in that area.
        InputError: the days, groups or places make no sense.
    """
    scope = scope_of(order.acting_user, order.on)
    if not any(reach.area == office for reach in scope.holding(Permission.DISPATCH)):
        raise NotOpen(_("只能为自己的单位组织排查"), _("选择自己的单位"))
    before = CampaignStep.objects.filter(key=order.key, action=Action.PLAN).first() if order.key else None
    if before is not None:
        return before.campaign
    title = words(told.title, _("名称"))[:LONGEST_TITLE]
    late, long = told.starts_on - order.on > LONGEST_CAMPAIGN, told.ends_on - told.starts_on > LONGEST_CAMPAIGN
    if told.ends_on < max(told.starts_on, order.on) or late or long:
        raise InputError(_("排查的日期不对"), _("一年以内开始，截止日期不早于今天和开始日期，一次不超过一年"))
    groups = [each for each in dict.fromkeys(told.groups) if each in GROUPS]
    if not groups or len(groups) != len(set(told.groups)):
        raise InputError(_("请选择重点人群"), _("至少选一类"))
    places = _places_within(office, told.places)
    made = Campaign.objects.create(
        number=order.key or f"plan-{office.pk}-{order.on}",
        title=title,
        area=office,
        desk=office,
        groups=groups,
        places=[each.pk for each in places],
        starts_on=told.starts_on,
        ends_on=told.ends_on,
        stage=Stage.PLANNED,
        version=0,
    )
    made.number = f"PC{made.pk:06d}"
    made.save(update_fields=["number"])
    stepping = Stepping(order.acting_user, order.requirements, order.on, order.key)
    stepping.take(made, Action.PLAN)
    stepping.finish()
    return made


def _places_within(office: Area, codes: Sequence[str]) -> list[Area]:
    found = list(Area.objects.filter(pk__in=codes).order_by("code"))
    if len(found) != len(set(codes)) or any(not each.pk.startswith(tuple(prefixes(office))) for each in found):
        raise InputError(_("有的区域不在本单位之内"), _("重新选择"))
    return found or [office]


def places_of(campaign: Campaign) -> list[Area]:
    return list(Area.objects.filter(pk__in=campaign.places).order_by("code"))


@one_step(Action.START)
def start(found: Campaign, stepping: Stepping) -> CampaignStep:
    """Fixes the households and begins. Raises InputError where there are none."""
    if stepping.on < found.starts_on:
        raise NotOpen(_("排查 {day} 才开始").format(day=found.starts_on), _("到那天再开始"))
    added = _fill(found, stepping.requirements.terms)
    if not added:
        raise InputError(_("选定的区域里没有这些人群的农户"), _("换一些人群或区域"))
    step: CampaignStep = stepping.take(
        found,
        Action.START,
        stage=Stage.RUNNING,
        desk=found.desk,
        changes={"due_on": found.ends_on, "rises_on": found.ends_on + timedelta(days=1), "batches": found.batches},
        told={"households": added},
    )
    return step


def _fill(found: Campaign, terms: Terms) -> int:
    """One statement a group writes its households down; one that stands already only gets the further reason. How many came."""
    before = found.tasks.count()
    found.batches += 1
    places, table = places_of(found), connection.ops.quote_name(SweepTask._meta.db_table)
    with connection.cursor() as cursor:
        for group in found.groups:
            rows, values = households_of(group, places, terms).values_list("pk", "area_id").query.sql_with_params()
            cursor.execute(
                f"WITH fitting (household_no, area_id) AS ({rows})"
                f" INSERT INTO {table} (campaign_id, batch, household_id, area_id, reasons)"
                f" SELECT %s, %s, household_no, area_id, %s FROM fitting WHERE 1 = 1"
                f" ON CONFLICT (campaign_id, household_id) DO UPDATE SET reasons = {table}.reasons || %s"
                f" WHERE {table}.batch = %s",
                [*values, found.pk, found.batches, f"|{group}|", f"{group}|", found.batches],
            )
    return found.tasks.count() - before


@one_step(Action.ADD)
def add(found: Campaign, stepping: Stepping, household_no: str) -> CampaignStep:
    """Adds one household, or without a number whatever fits the groups by now.

    Raises:
        InputError: there is no such household, it is in already, or nothing came.
    """
    number = household_no.strip()
    added = (
        _add_one(found, _visible(stepping.user, found, number)) if number else _fill(found, stepping.requirements.terms)
    )
    if not added:
        raise InputError(_("没有要补充的农户"), _("都已经在这次排查里"))
    step: CampaignStep = stepping.take(
        found, Action.ADD, changes={"batches": found.batches}, told={"households": added}
    )
    return step


def _visible(user: User, found: Campaign, number: str) -> Household:
    household = households_visible_to(user).filter(pk=number).first()
    if household is None or not household.area_id.startswith(tuple(prefixes(found.area))):
        raise InputError(_("没有找到这一户"), _("核对户编号"))
    return household


def _add_one(found: Campaign, household: Household) -> int:
    found.batches += 1
    made = SweepTask.objects.get_or_create(
        campaign=found, household=household, defaults={"area_id": household.area_id, "batch": found.batches}
    )
    return int(made[1])


def unfinished(campaign: Campaign) -> QuerySet[SweepTask]:
    """The households that nobody has been to."""
    return campaign.tasks.filter(outcome="").select_related("household", "area")


@one_step(Action.CLOSE)
def close(found: Campaign, stepping: Stepping, reason: str) -> CampaignStep:
    """Ends it. With unfinished households a reason is needed; they stay named as what they are.

    Raises:
        InputError: households are unfinished and there is no reason.
    """
    open_ones = unfinished(found)
    left = open_ones.count()
    said = words(reason, _("还有 {left} 户没有排查的理由").format(left=left), needed=bool(left))
    named = list(open_ones.values_list("household_id", flat=True)[:NAMED])
    step: CampaignStep = stepping.take(
        found,
        Action.CLOSE,
        stage=Stage.CLOSED,
        desk=found.desk,
        reason=said,
        changes={"closed_on": stepping.on, "closed_reason": said, "due_on": None, "rises_on": None},
        told={"households": left, "unfinished": named} if left else {},
    )
    return step


@transaction.atomic
def follow_households() -> int:
    """Households that moved and that nobody has been to are for whoever goes to the new place, where the campaign goes there
    too; returns how many. What was found in a home stays where it was found."""
    waiting = SweepTask.objects.filter(outcome="", campaign__stage__in=[Stage.PLANNED, Stage.RUNNING])
    moved = waiting.exclude(area=F("household__area")).select_related("campaign__area", "household")
    found = [task for task in moved if task.household.area_id.startswith(tuple(prefixes(task.campaign.area)))]
    for task in found:
        task.area_id = task.household.area_id
    SweepTask.objects.bulk_update(found, ["area"], 500)
    return len(found)
