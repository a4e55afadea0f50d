"""Illness and its bills, insurance gaps, new disability, accidents."""

import numpy as np
import polars as pl

from shouwang.world.calendar import NEVER, day_number
from shouwang.world.draws import (
    NO_AMOUNT,
    NO_DAY,
    Flags,
    Floats,
    Ints,
    between,
    days,
    fen,
    happens,
    pick,
    words,
)
from shouwang.world.people import CHRONIC, DISABLED, County
from shouwang.world.story import Story

HISTORY_DAYS = 365
"""Bills of the year before the start are sent with the first file: the first screening looks back twelve months."""
DAYS_TO_SETTLE = 12
CARE = ("住院", "普通门诊", "门诊慢特病")
INPATIENT, OUTPATIENT, CHRONIC_OUTPATIENT = range(3)
ADMISSIONS_A_YEAR, VISITS_A_YEAR = 0.085, 0.16
ON_PROGRAMME = 0.24
HEAVY_PROGRAMME = 0.028
SERIOUS_A_YEAR = 0.0042
UNINSURED_HOUSEHOLDS, UNINSURED_MEMBERS = 0.007, 0.0012
DISABILITIES = ("肢体", "视力", "听力", "言语", "智力", "精神", "多重")
GRADES = ("一级", "二级", "三级", "四级")
ACCIDENTS_A_YEAR = 0.0007


def illness(county: County, story: Story) -> None:
    """Settlements of the year before and of every month; serious illness costs a household its savings."""
    rng = county.stream("illness")
    first = county.calendar.first_day - HISTORY_DAYS
    years = (county.calendar.end_day - first) / 365
    age = county.age(county.calendar.first_day)
    weight = np.interp(age, [0, 5, 30, 60, 90], [1.2, 0.5, 0.6, 1.6, 2.6]) * np.where(county.health == 0, 0.85, 1.9)
    for care, rate in ((INPATIENT, ADMISSIONS_A_YEAR), (OUTPATIENT, VISITS_A_YEAR)):
        who = np.repeat(np.arange(county.size), rng.poisson(rate * years * weight))
        when = between(rng, first, county.calendar.end_day - 1, len(who))
        middle = 3600.0 if care == INPATIENT else 140.0
        total = middle * np.exp(rng.normal(0, 0.5, len(who)))
        _settle(county, story, rng, who, when, care, total, _own_share(county, rng, who, care))
    _programme(county, story, rng, first)
    _serious(county, story, rng, first, weight)


def _own_share(county: County, rng: np.random.Generator, who: Ints, care: int) -> Floats:
    """What people pay themselves: less where medical assistance reaches them."""
    poor = county.h_relieved[county.household[who]]
    middle = np.where(poor, 0.14, 0.27) if care == INPATIENT else np.where(poor, 0.32, 0.42)
    return np.asarray(np.clip(middle + rng.normal(0, 0.05, len(who)), 0.04, 0.8))


def _programme(county: County, story: Story, rng: np.random.Generator, first: int) -> None:
    """Monthly bills of people on the programme for chronic disease; for a few they are heavy."""
    ill = np.flatnonzero((county.health == CHRONIC) & happens(rng, ON_PROGRAMME, county.size))
    months = int(np.ceil((county.calendar.end_day - first) / 30.4))
    heavy = happens(rng, HEAVY_PROGRAMME, len(ill))
    begins = between(rng, -6, 12, len(ill)) * heavy
    keeps = rng.random((len(ill), months)) < np.where(heavy, 0.97, 0.55)[:, None]
    place, month = np.nonzero(keeps & (np.arange(months)[None, :] >= begins[:, None]))
    start = day_number(county.calendar.month(-12))
    when = start + (month * 30.4375).astype(np.int64) + rng.integers(2, 26, len(month))
    who, strong = ill[place], heavy[place]
    total = np.where(strong, 1900.0, 210.0) * np.exp(rng.normal(0, 0.12, len(who)))
    inside = when < county.calendar.end_day
    own = np.where(strong, 0.37, 0.36) + rng.normal(0, 0.02, len(who))
    _settle(county, story, rng, who[inside], when[inside], CHRONIC_OUTPATIENT, total[inside], own[inside])
    sick = ill[heavy]
    since = start + np.maximum(begins[heavy], 0) * 30
    nobody = np.zeros(len(sick), dtype=np.int64)
    story.trouble("illness", county.household[sick], since, nobody, sick, np.ones(len(sick), dtype=bool))
    story.own_costs[county.household[sick]] += 8000


def _serious(county: County, story: Story, rng: np.random.Generator, first: int, weight: Floats) -> None:
    """Cancer, stroke, kidney failure: months of treatment, a share of it never covered."""
    years = (county.calendar.end_day - first) / 365
    who = np.flatnonzero(happens(rng, SERIOUS_A_YEAR * years * weight / 1.2, county.size))
    since = between(rng, first, county.calendar.end_day - 1, len(who))
    stays = between(rng, 2, 7, len(who))
    again = np.repeat(np.arange(len(who)), stays)
    order = np.arange(len(again)) - np.repeat(np.cumsum(stays) - stays, stays)
    when = since[again] + order * 31 + rng.integers(0, 12, len(again))
    cost = np.exp(rng.normal(np.log(16_000), 0.5, len(who)))
    inside = when < county.calendar.end_day
    again, when = again[inside], when[inside]
    total = cost[again] * rng.uniform(0.7, 1.3, len(again))
    own = np.where(county.h_relieved[county.household[who[again]]], 0.15, 0.29) + rng.normal(0, 0.03, len(again))
    _settle(county, story, rng, who[again], when, INPATIENT, total, np.clip(own, 0.05, 0.9))
    lasts = since + stays * 31 + 60
    until = np.where(lasts < county.calendar.end_day, lasts, NO_DAY)
    hidden = happens(rng, 0.06, len(who))
    story.trouble("illness", county.household[who], since, until, who, ~hidden)
    story.ill_since[who] = since
    story.loses_income(county.household[who], 0.12, since)
    np.add.at(story.own_costs, county.household[who], cost * stays * 0.06)


def _settle(
    county: County,
    story: Story,
    rng: np.random.Generator,
    who: Ints,
    when: Ints,
    care: int,
    total: Floats,
    own_share: Floats,
) -> None:
    """Bills whose parts add up to the fen."""
    total_fen, own = fen(total), fen(total * own_share)
    covered = total_fen - own
    poor = county.h_relieved[county.household[who]]
    serious = fen(np.where((care == INPATIENT) & (total > 15_000), total * 0.12, 0.0))
    help_paid = fen(np.where(poor & (care == INPATIENT), total * 0.10, 0.0))
    serious = np.minimum(serious, covered)
    help_paid = np.minimum(help_paid, covered - serious)
    story.tell(
        "medical_settlement",
        who,
        county.calendar.arrival("medical_settlement", when + between(rng, 1, DAYS_TO_SETTLE, len(who))),
        settlement_no=_bill_numbers(county, story, len(who)),
        settled_on=days(when),
        care_type=words(CARE, np.full(len(who), care)),
        total_cost=total_fen,
        basic_paid=covered - serious - help_paid,
        serious_illness_paid=np.where(serious > 0, serious, NO_AMOUNT),
        assistance_paid=np.where(help_paid > 0, help_paid, NO_AMOUNT),
        out_of_pocket=own,
    )


def _bill_numbers(county: County, story: Story, size: int) -> pl.Series:
    start = story.take_numbers("medical_settlement", size)
    return f"JS{county.code}" + pl.Series(np.arange(start, start + size)).cast(pl.String).str.zfill(9)


def enrolment(county: County, story: Story) -> None:
    """The insured of each year: everybody but a few households and persons, some of whom join late."""
    rng = county.stream("enrolment")
    age = county.age(county.calendar.first_day)
    gone = happens(rng, UNINSURED_HOUSEHOLDS, county.households)[county.household] & happens(rng, 0.55, county.size)
    gone |= happens(rng, UNINSURED_MEMBERS, county.size)
    staff = (age >= 20) & (age < 60) & (county.health == 0) & happens(rng, 0.07, county.size)
    everybody, nobody = np.arange(county.size), np.zeros(county.size, dtype=bool)
    for month in county.calendar.months_of_year_start():
        lapsed = gone & happens(rng, 0.35, county.size)
        _enrol(county, story, everybody[~gone | lapsed], month, month, staff, lapsed)
        late = np.flatnonzero(gone & happens(rng, 0.25, county.size))
        _enrol(county, story, late, month, month + between(rng, 1, 8, len(late)), staff, nobody)
        lost = np.flatnonzero(staff & ~gone & happens(rng, 0.01, county.size))
        stops = month + between(rng, 1, 10, len(lost))
        _enrol(county, story, lost, month, stops, staff, staff)
        soon = len(lost) * 3 // 4
        _enrol(county, story, lost[:soon], month, stops[:soon], nobody, nobody)
    without = np.flatnonzero(gone & (county.health >= CHRONIC))
    zero = np.zeros(len(without), dtype=np.int64)
    since = np.full(len(without), county.calendar.first_day)
    story.trouble("illness", county.household[without], since, zero, without, zero == 0)


def _enrol(
    county: County, story: Story, who: Ints, year_month: int, arrives: int | Ints, staff: Flags, lapsed: Flags
) -> None:
    when = np.broadcast_to(np.asarray(arrives, dtype=np.int64), len(who))
    story.tell(
        "medical_enrolment",
        who,
        np.where(when < county.calendar.count, when, NEVER),
        year=np.full(len(who), county.calendar.month(year_month).year),
        scheme=words(("居民", "职工"), staff[who].astype(np.int64)),
        status=words(("正常", "中断"), lapsed[who].astype(np.int64)),
    )


def disability(county: County, story: Story) -> None:
    """Certificates held at the start, and new ones, some of them severe."""
    rng = county.stream("disability")
    held = np.flatnonzero((county.health == DISABLED) & happens(rng, 0.9, county.size))
    issued = county.calendar.first_day - between(rng, 120, 3000, len(held))
    issued = np.maximum(issued, county.birth_day[held] + 30)
    issued = np.minimum(issued, county.calendar.first_day - 100)
    older = county.birth_day[held] < issued
    _certify(county, story, rng, held[older], issued[older], pick(rng, (8, 20, 34, 38), int(older.sum())))
    span = county.calendar.end_day - county.calendar.first_day
    new = np.flatnonzero((county.health != DISABLED) & happens(rng, 0.0022 * span / 365, county.size))
    when = between(rng, county.calendar.first_day, county.calendar.end_day - 1, len(new))
    grade = pick(rng, (9, 17, 34, 40), len(new))
    _certify(county, story, rng, new, when, grade)
    severe = grade < 2
    still = np.zeros(int(severe.sum()), dtype=np.int64)
    story.trouble("disability", county.household[new[severe]], when[severe], still, new[severe], still == 0)
    story.loses_income(county.household[new[severe]], 0.08, when[severe])


def _certify(county: County, story: Story, rng: np.random.Generator, who: Ints, issued: Ints, grade: Ints) -> None:
    kind = words(DISABILITIES, pick(rng, (46, 12, 12, 3, 11, 11, 5), len(who)))
    story.tell(
        "disability_certificate",
        who,
        county.calendar.arrival("disability_certificate", issued + between(rng, 2, 20, len(who))),
        category=kind,
        grade=words(GRADES, grade),
        issued_on=days(issued),
        status=words(("有效", "注销"), happens(rng, 0.004, len(who)).astype(np.int64)),
    )


def accidents(county: County, story: Story) -> None:
    """Accidents at work and on the road; the dead leave the household by the vital events of their month."""
    rng = county.stream("accidents")
    years = (county.calendar.end_day - county.calendar.first_day) / 365
    grown = county.age(county.calendar.first_day) >= 12
    who = np.flatnonzero(grown & happens(rng, ACCIDENTS_A_YEAR * years, county.size))
    when = between(rng, county.calendar.first_day, county.calendar.end_day - 1, len(who))
    dead = happens(rng, 0.3, len(who))
    story.tell(
        "accident_report",
        who,
        county.calendar.arrival("accident_report", when + between(rng, 1, 10, len(who))),
        outcome=words(("伤残", "死亡"), dead.astype(np.int64)),
        happened_on=days(when),
    )
    story.left_on[who[dead]] = when[dead]
    lasts = when + between(rng, 90, 300, len(who))
    until = np.where(lasts < county.calendar.end_day, lasts, NO_DAY)
    story.trouble("accident", county.household[who], when, until, who, np.ones(len(who), dtype=bool))
    story.loses_income(county.household[who], 0.2, when)
