"""What comes from the ground and the sky: floods and slides, unsafe houses, dry taps."""

import numpy as np
import polars as pl

from shouwang.world.calendar import NEVER
from shouwang.world.draws import NO_DAY, Ints, between, days, fen, happens, pick, words
from shouwang.world.people import County
from shouwang.world.story import Story

KINDS = ("洪涝", "地质", "干旱", "气象", "生物")
FLOOD, SLIDE, DROUGHT, STORM, PEST = range(5)
MONTH_CHANCE = {
    FLOOD: (0, 0, 0, 0.01, 0.03, 0.09, 0.10, 0.06, 0.03, 0.01, 0, 0),
    SLIDE: (0, 0, 0, 0.005, 0.01, 0.03, 0.03, 0.02, 0.015, 0.005, 0, 0),
    DROUGHT: (0, 0, 0, 0, 0, 0, 0.02, 0.03, 0.01, 0, 0, 0),
    STORM: (0.01, 0.005, 0.01, 0.02, 0.02, 0.01, 0.01, 0.01, 0, 0, 0.005, 0.02),
    PEST: (0, 0, 0, 0.005, 0.01, 0.01, 0.01, 0.005, 0, 0, 0, 0),
}
"""Chance that a village is struck in a calendar month, January first."""
STRUCK = {FLOOD: (0.02, 0.16), SLIDE: (0.01, 0.05), DROUGHT: (0.03, 0.15), STORM: (0.02, 0.1), PEST: (0.01, 0.06)}
"""Smallest and largest share of a struck village's households."""
MIDDLE_LOSS = {FLOOD: 2600.0, SLIDE: 4200.0, DROUGHT: 1300.0, STORM: 1500.0, PEST: 900.0}
DAMAGE = ("无", "一般损坏", "严重损坏", "倒塌")
NONE, SLIGHT, HEAVY, COLLAPSED = range(4)
DAMAGE_SHARES = {
    FLOOD: (70, 24, 5, 1),
    SLIDE: (45, 35, 15, 5),
    DROUGHT: (1, 0, 0, 0),
    STORM: (80, 18, 2, 0),
    PEST: (1, 0, 0, 0),
}
GRADES = ("A", "B", "C", "D")
APPRAISED = 0.09
UNSAFE_A_YEAR = 0.004
VILLAGE_FAULTS_A_YEAR, HOUSEHOLD_FAULTS_A_YEAR = 0.35, 0.012


def disasters(county: County, story: Story) -> None:
    """Villages are struck by the season; in each, some households lose crops, animals or the house."""
    rng = county.stream("disasters")
    calendar = county.calendar
    for index in range(calendar.count):
        first = calendar.month(index)
        for kind, chances in MONTH_CHANCE.items():
            hit = np.flatnonzero(happens(rng, chances[first.month - 1], len(county.plan.villages)))
            for village in hit:
                day = calendar.first_day + (first - calendar.start).days + int(rng.integers(0, 27))
                _strike(county, story, rng, kind, int(village), day)


def _strike(county: County, story: Story, rng: np.random.Generator, kind: int, village: int, day: int) -> None:
    calendar = county.calendar
    there = np.flatnonzero(county.h_village == village)
    low, high = STRUCK[kind]
    where = there[happens(rng, float(rng.uniform(low, high)), len(there))]
    if not len(where):
        return
    who = county.head_of(where)
    loss = MIDDLE_LOSS[kind] * np.exp(rng.normal(0, 0.8, len(where)))
    damage = pick(rng, DAMAGE_SHARES[kind], len(where))
    loss = np.where(damage >= HEAVY, loss * 3, loss)
    story.tell(
        "disaster_report",
        who,
        calendar.arrival("disaster_report", day + between(rng, 1, 9, len(where))),
        kind=words(KINDS, np.full(len(where), kind)),
        happened_on=days(np.full(len(where), day)),
        loss=fen(np.maximum(loss, 100.0)),
        house_damage=words(DAMAGE, damage),
    )
    hard = np.flatnonzero((loss >= 5000) | (damage >= HEAVY))
    lasts = day + between(rng, 80, 260, len(hard))
    since = np.full(len(hard), day)
    until = np.where(lasts < calendar.end_day, lasts, NO_DAY)
    story.trouble("natural_disaster", where[hard], since, until, who[hard], np.ones(len(hard), dtype=bool))
    story.loses_income(where[hard], 0.12, since)
    broken = np.flatnonzero(damage >= HEAVY)
    grade = np.where(damage[broken] == COLLAPSED, 3, 2)
    _appraise(county, story, rng, where[broken], np.full(len(broken), day) + between(rng, 3, 30, len(broken)), grade)


def houses(county: County, story: Story) -> None:
    """Houses appraised before the world began, most of the unsafe ones mended; and those found unsafe within it."""
    rng = county.stream("houses")
    calendar = county.calendar
    old = np.flatnonzero(happens(rng, APPRAISED, county.households))
    grade = pick(rng, (48, 43, 7, 2), len(old))
    when = calendar.first_day - between(rng, 60, 900, len(old))
    unsafe = grade >= 2
    mended = np.where(unsafe & happens(rng, 0.93, len(old)), np.minimum(when + 200, calendar.first_day - 20), NO_DAY)
    _tell_house(county, story, old, calendar.arrival("housing_appraisal", when + 30), grade, when, mended)
    left = np.flatnonzero(unsafe & (mended == NO_DAY))
    _mending(county, story, rng, old[left], when[left], grade[left])
    years = (calendar.end_day - calendar.first_day) / 365
    new = np.flatnonzero(happens(rng, UNSAFE_A_YEAR * years, county.households))
    found = between(rng, calendar.first_day, calendar.end_day - 1, len(new))
    _appraise(county, story, rng, new, found, pick(rng, (0, 0, 75, 25), len(new)))


def _appraise(county: County, story: Story, rng: np.random.Generator, where: Ints, when: Ints, grade: Ints) -> None:
    """A house found unsafe, told first as it is and again when it is mended."""
    told = county.calendar.arrival("housing_appraisal", when + between(rng, 2, 20, len(where)))
    _tell_house(county, story, where, told, grade, when, np.full(len(where), NO_DAY))
    _mending(county, story, rng, where, when, grade)


def _mending(county: County, story: Story, rng: np.random.Generator, where: Ints, when: Ints, grade: Ints) -> None:
    calendar = county.calendar
    done = np.maximum(when, calendar.first_day) + between(rng, 60, 240, len(where))
    mended = done < calendar.end_day
    told = np.where(mended, calendar.arrival("housing_appraisal", done + 8), NEVER)
    _tell_house(county, story, where, told, grade, when, done)
    until = np.where(mended, done, NO_DAY)
    known = np.ones(len(where), dtype=bool)
    story.trouble("unsafe_housing", where, when, until, county.head_of(where), known)


def _tell_house(county: County, story: Story, where: Ints, told: Ints, grade: Ints, when: Ints, mended: Ints) -> None:
    story.tell(
        "housing_appraisal",
        county.head_of(where),
        told,
        grade=words(GRADES, grade),
        appraised_on=days(when),
        mended_on=days(mended),
    )


def water(county: County, story: Story) -> None:
    """Pipes that burst and springs that dry up: of a whole village for days, of one house for longer."""
    rng = county.stream("water")
    calendar = county.calendar
    years = (calendar.end_day - calendar.first_day) / 365
    villages = np.flatnonzero(happens(rng, VILLAGE_FAULTS_A_YEAR * years, len(county.plan.villages)))
    long = happens(rng, 0.12, len(villages))
    lasts = np.where(long, between(rng, 8, 24, len(villages)), between(rng, 1, 5, len(villages)))
    began = between(rng, calendar.first_day, calendar.end_day - 1, len(villages))
    codes = words([village.code for village in county.plan.villages], villages)
    nobody = np.full(len(villages), -1)
    _fault(county, story, nobody, codes, began, lasts)
    for place in np.flatnonzero(long):
        there = np.flatnonzero(county.h_village == villages[place])
        _dry(county, story, there, np.full(len(there), began[place]), np.full(len(there), lasts[place]))
    where = np.flatnonzero(happens(rng, HOUSEHOLD_FAULTS_A_YEAR * years, county.households))
    lasts = np.where(happens(rng, 0.35, len(where)), between(rng, 10, 70, len(where)), between(rng, 1, 6, len(where)))
    began = between(rng, calendar.first_day, calendar.end_day - 1, len(where))
    _fault(county, story, county.head_of(where), county.village_codes(where), began, lasts)
    slow = lasts >= 7
    _dry(county, story, where[slow], began[slow], lasts[slow])


def _fault(county: County, story: Story, who: Ints, codes: pl.Series, began: Ints, lasts: Ints) -> None:
    """Told in the month's file; where the water was not back by then, told again with the day on which it was."""
    calendar = county.calendar
    first = calendar.arrival("water_fault", began + 2)
    later = calendar.arrival("water_fault", began + lasts)
    at_once = later == first
    restored = np.where(at_once & (first < NEVER), began + lasts, NO_DAY)
    story.tell("water_fault", who, first, division_code=codes, began_on=days(began), restored_on=days(restored))
    again = np.where(at_once, NEVER, later)
    story.tell("water_fault", who, again, division_code=codes, began_on=days(began), restored_on=days(began + lasts))


def _dry(county: County, story: Story, where: Ints, began: Ints, lasts: Ints) -> None:
    ends = began + lasts
    until = np.where(ends < county.calendar.end_day, ends, NO_DAY)
    known = np.ones(len(where), dtype=bool)
    story.trouble("unsafe_water", where, began, until, np.full(len(where), -1), known)
