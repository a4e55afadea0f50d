"""What runs by itself about clues: the first desk, standing orders and overdue steps; and what the pack asks of handling."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.timezone import now

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.assistance.opening import close_plans, open_plans
from shouwang.assistance.reminding import remind_contacts
from shouwang.cases import requirements as identification
from shouwang.cases.opening import open_cases
from shouwang.clues.requirements import Requirements
from shouwang.clues.rising import follow_rules, take_in
from shouwang.clues.standing import tell_of_rules
from shouwang.declarations import steps as declarations
from shouwang.declarations.rising import bring_unverified
from shouwang.declarations.texting import tell_reporters
from shouwang.elimination import requirements as elimination
from shouwang.elimination.watching import propose_roll_backs
from shouwang.jobs.areas import tell_of_posts
from shouwang.jobs.assistance import assistance_requirements
from shouwang.jobs.identification import compare_waiting
from shouwang.jobs.policy import current_pack, in_pack, looked_up_once, names_in_pack
from shouwang.kernel.working_days import Limit
from shouwang.notifications.sms import forget_relayed
from shouwang.notifications.telling import Kind, notify
from shouwang.outputs.files import tidy
from shouwang.policy.expression import Scalar, evaluate, names
from shouwang.policy.holidays import PREFIX as HOLIDAYS
from shouwang.proceedings.arrivals import tell_arrivals
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.following import follow_divisions
from shouwang.proceedings.reminders import remind
from shouwang.proceedings.rising import raise_all
from shouwang.screening.pack_check import NOTICE_AHEAD

VISITORS, PHOTOS = "verification.visitors", "verification.photos"
LEAST_DAYS, STABLE_DAYS = "elimination.least_days", "elimination.stable_days"
WATCH_DAYS, SPENDING_RULES = "elimination.watch_days", "elimination.spending_rules"
MONITORING_LINE, LIFTED_TYPES = "income.monitoring_line", "register.lifted_types"
REVIEW_SHARE = "identification.review_share"
GREEN_CHANNEL_RISKS = "identification.green_channel_risks"
COUNTED = ("publicity_days", "consent_photos", "notice_photos")


@dataclass(frozen=True)
class LookedAfter:
    """Steps taken: clues that came to their first desk; matters of every kind that followed a merged area; clues that went on
    by standing orders; matters of every kind that rose; clues that were taken up into cases; plans of assistance that were
    opened or closed; eliminated households whose roll-back was proposed; desks that were told what is due or new."""

    arrived: int
    followed: int
    sent_on: int
    raised: int
    cases: int
    plans: int
    relapsed: int
    reminded: int


@looked_up_once()
def requirements(on: date) -> Requirements:
    """What the installation's policy pack asks of handling on a day.

    Raises:
        InputError: the pack does not pass its check, or has no value yet on that day.
    """
    visitors, photos = (int(str(in_pack(name, on))) for name in (VISITORS, PHOTOS))
    return Requirements(_limits(on), current_pack().calendar, visitors, photos, partial(_grade, on=on))


def _grade(rules: Collection[str], facts: Mapping[str, Any], risk_types: int, *, on: date) -> str:
    """The level of a reported clue by the pack's own conditions, as far as the desk knows the household.

    What no department said is unknown, as an income is that nobody delivered; the report itself counts as one hit outside
    income.
    """
    pack = current_pack()
    outside = {rule for rule in rules if not rule.startswith(f"{pack.income_area}.")}
    known: dict[str, Scalar] = {name: _scalar(value) for name, value in facts.items()}
    known |= {"risk_types_hit": risk_types, "rules_hit_outside_income": len(outside) + 1}
    for level in pack.levels:
        asked = {name: _scalar(in_pack(name, on)) if "." in name else known.get(name) for name in names(level.when)}
        if evaluate(level.when, asked) is True:
            return level.id
    return pack.levels[-1].id


def _scalar(value: Any) -> Scalar:
    """A fact or a parameter as conditions compare it; None where it is no number."""
    if value is None or isinstance(value, bool):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def look_after(on: date) -> LookedAfter:
    """Does what is due by a day; again on that day does nothing more."""
    taken = take_steps(on)
    clocks = clocks_of(on)
    tell_reporters()
    compare_waiting(settings.HOME, identification_requirements(on), on)
    forget_relayed(on)
    tidy()
    ask_for_holidays(on)
    tell_of_posts(on)
    tell_of_rules(on)
    reminded = remind(clocks, on) + tell_arrivals(on, now())
    remind_contacts(clocks, on)
    return replace(taken, reminded=reminded)


def take_steps(on: date) -> LookedAfter:
    """The steps that matters take by themselves by a day; nobody is reminded yet."""
    asked, of_cases, clocks = requirements(on), identification_requirements(on), clocks_of(on)
    arrived, followed, sent_on = take_in(asked, on), follow_divisions(clocks, on), follow_rules(asked, on)
    begun, relapsed = open_cases(of_cases, on), propose_roll_backs(elimination_requirements(on), on)
    of_help = assistance_requirements(on)
    plans = open_plans(of_help, on) + close_plans(of_help, on)
    bring_unverified(declaration_requirements(on), on)
    return LookedAfter(arrived, followed, sent_on, raise_all(clocks, on), begun, plans, relapsed, reminded=0)


def ask_for_holidays(on: date) -> None:
    """Tells the city, before a year begins, that nobody has set its holidays."""
    for year in current_pack().calendar.assumed(on, on + NOTICE_AHEAD):
        for city in Area.objects.filter(level=Area.CITY):
            notify(
                city,
                Permission.PROPOSE_POLICY,
                kind=Kind.SYSTEM,
                title=f"没有{year}年的节假日安排",
                text="办理期限暂按周一至周五计算。请按国务院办公厅通知提出，由另一位同志审定。",
                link=f"/policy/parameters/{HOLIDAYS}{year}/",
                on=on,
                key=f"holidays-{year}",
            )


@looked_up_once()
def identification_requirements(on: date) -> identification.Requirements:
    """What the pack asks of identifications on a day. Raises InputError as `requirements`."""
    counted = {name: int(str(in_pack(f"identification.{name}", on))) for name in COUNTED}
    line = Decimal(str(in_pack(MONITORING_LINE, on)))
    first = names_in_pack(GREEN_CHANNEL_RISKS, on)
    calendar = current_pack().calendar
    share = Decimal(str(in_pack(REVIEW_SHARE, on)))
    return identification.Requirements(
        _limits(on),
        calendar,
        line=line,
        green_channel_risks=first,
        review_share=share,
        lifted_types=names_in_pack(LIFTED_TYPES, on),
        **counted,
    )


@looked_up_once()
def elimination_requirements(on: date) -> elimination.Requirements:
    """What the pack asks of eliminations on a day. Raises InputError as `requirements`."""
    asked = identification_requirements(on)
    least, stable, watch = (int(str(in_pack(name, on))) for name in (LEAST_DAYS, STABLE_DAYS, WATCH_DAYS))
    return elimination.Requirements(
        **vars(asked),
        least_days=least,
        stable_days=stable,
        watch_days=watch,
        visitors=int(str(in_pack(VISITORS, on))),
        spending_rules=names_in_pack(SPENDING_RULES),
    )


@looked_up_once()
def declaration_requirements(on: date) -> declarations.Requirements:
    """What the pack asks of declarations on a day. Raises InputError as `requirements`."""
    clues, cases = requirements(on), identification_requirements(on)
    return declarations.Requirements(clues.limits, clues.calendar, clues, cases)


@looked_up_once()
def clocks_of(on: date) -> Clocks:
    """All clocks of the pack as they run on a day. Raises InputError as `requirements`."""
    return Clocks(_limits(on), current_pack().calendar)


def _limits(on: date) -> dict[str, Limit]:
    return {name: each.at(on) for name, each in current_pack().deadlines.items()}
