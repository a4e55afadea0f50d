"""School: who is on which roll, who stays away, and what a household pays for those past compulsory school."""

import numpy as np

from shouwang.world.calendar import NEVER, day_number
from shouwang.world.draws import NO_AMOUNT, NO_DAY, Flags, Floats, Ints, between, days, fen, happens, words
from shouwang.world.people import County
from shouwang.world.story import Story

STAGES = ("小学", "初中", "普通高中", "中职", "高职", "本科及以上")
PRIMARY, MIDDLE, HIGH, VOCATIONAL, COLLEGE, UNIVERSITY = range(6)
YEARLY_COST = (0.0, 0.0, 2300.0, 1700.0, 7200.0, 7000.0)
STATES = ("在校", "休学", "疑似辍学", "辍学", "毕业")
PRESENT, PAUSED, SUSPECTED, DROPPED, FINISHED = range(5)
STAYS_AWAY_A_YEAR = 0.008
KINDS_OF_SCHOOL = ("中心小学", "初级中学", "中学", "职业教育中心", "职业技术学院", "师范学院")
DAYS_TO_TELL = 15


def school(county: County, story: Story) -> None:
    """The roll of each autumn, and children who stay away between them: most come back after somebody asked."""
    rng = county.stream("school")
    calendar = county.calendar
    bent = rng.random(county.size)
    for autumn in _autumns(county):
        stage, on_roll = _stages(county, autumn, bent)
        who = np.flatnonzero(on_roll)
        cost = _costs(rng, stage[who])
        told = calendar.arrival("school_roll", np.full(len(who), autumn + DAYS_TO_TELL))
        states = np.where(happens(rng, 0.002, len(who)), PAUSED, PRESENT)
        _enter(county, story, who, told, stage[who], states, np.full(len(who), autumn), cost)
    _staying_away(county, story, rng, bent)


def _autumns(county: County) -> list[int]:
    """1 September of the year before the world and of each year in it, as day numbers."""
    calendar = county.calendar
    years = range(calendar.start.year - 1, calendar.month(calendar.count).year + 1)
    firsts = [day_number(calendar.start.replace(year=year, month=9, day=1)) for year in years]
    return [day for day in firsts if day + DAYS_TO_TELL < calendar.end_day]


def _stages(county: County, autumn: int, bent: Floats) -> tuple[Ints, Flags]:
    """The stage of everybody by age, and who is on a roll; `bent` decides whether somebody goes on after school."""
    age = county.age(autumn)
    stage = np.full(county.size, PRIMARY)
    stage[age >= 12] = MIDDLE
    stage[age >= 15] = np.where(bent < 0.55, HIGH, VOCATIONAL)[age >= 15]
    stage[age >= 18] = np.where(bent < 0.22, UNIVERSITY, COLLEGE)[age >= 18]
    on_roll = (age >= 6) & (age < 15)
    on_roll |= (age >= 15) & (age < 18) & (bent < 0.9)
    on_roll |= (age >= 18) & (age < 22) & (bent < 0.42)
    return stage, on_roll


def _costs(rng: np.random.Generator, stage: Ints) -> Ints:
    middle = np.array(YEARLY_COST)[stage]
    return np.where(middle > 0, fen(middle * np.exp(rng.normal(0, 0.22, len(stage)))), NO_AMOUNT)


def _staying_away(county: County, story: Story, rng: np.random.Generator, bent: Floats) -> None:
    calendar = county.calendar
    years = (calendar.end_day - calendar.first_day) / 365
    age = county.age(calendar.first_day)
    chance = STAYS_AWAY_A_YEAR * years * np.where(age >= 12, 1.8, 0.6) * np.where(county.health > 0, 3.0, 1.0)
    who = np.flatnonzero((age >= 6) & (age < 15) & happens(rng, chance, county.size))
    ill = (county.health[who] > 0) | ((story.ill_since[who] > 0) & (story.ill_since[who] < calendar.end_day))
    story.dropped_ill[who[ill]] = True
    since = between(rng, calendar.first_day + 5, calendar.end_day - 20, len(who))
    dropped = happens(rng, 0.3, len(who))
    stage, _ = _stages(county, calendar.first_day, bent)
    cost = np.full(len(who), NO_AMOUNT)
    told = calendar.arrival("school_roll", since + between(rng, 3, DAYS_TO_TELL, len(who)))
    hidden = happens(rng, 0.08, len(who))
    told = np.where(hidden, NEVER, told)
    _enter(county, story, who, told, stage[who], np.where(dropped, DROPPED, SUSPECTED), since, cost)
    back = since + np.where(dropped, between(rng, 90, 400, len(who)), between(rng, 15, 90, len(who)))
    returns = back < calendar.end_day
    told = calendar.arrival("school_roll", back + between(rng, 3, DAYS_TO_TELL, len(who)))
    told = np.where(returns & ~hidden, told, NEVER)
    _enter(county, story, who, told, stage[who], np.full(len(who), PRESENT), back, cost)
    until = np.where(returns, back, NO_DAY)
    story.trouble("schooling", county.household[who], since, until, who, ~hidden)


def _enter(
    county: County, story: Story, who: Ints, told: Ints, stage: Ints, state: Ints, since: Ints, cost: Ints
) -> None:
    town = words(county.plan.townships, county.h_village[county.household[who]])
    story.tell(
        "school_roll",
        who,
        told,
        school=town + words(KINDS_OF_SCHOOL, stage),
        stage=words(STAGES, stage),
        status=words(STATES, state),
        status_on=days(since),
        self_paid=cost,
    )
