"""Work away from home and projects at home: jobs begun, lost and found again, wages not paid, harvests not sold."""

import numpy as np

from shouwang.world.calendar import NEVER
from shouwang.world.draws import NO_DAY, Flags, Floats, Ints, between, days, fen, happens, pick, words
from shouwang.world.people import ORDINARY, SKILLED, County
from shouwang.world.story import Story

WORKING_AWAY = 0.58
LEAVES_A_YEAR = 0.10
FINDS_WORK_SOON = 0.72
UNPAID_A_YEAR = 0.0035
SETBACKS_A_YEAR = 0.014
EMPLOYERS = (
    "广东省东莞市电子厂", "浙江省温州市鞋业公司", "福建省晋江市服装厂", "重庆市主城建筑劳务公司", "重庆市家政服务部",
    "本县蔬菜专业合作社", "江苏省昆山市包装厂", "贵州省公路工程队", "本县工业园区食品厂", "本村公益性岗位",
)  # fmt: skip
PROJECTS = (
    "生猪养殖",
    "中蜂养殖",
    "脆李种植",
    "花椒种植",
    "辣椒种植",
    "山羊养殖",
    "中药材种植",
    "高山蔬菜",
    "土鸡养殖",
)
SITUATIONS = ("项目失败", "产品滞销", "价格下跌")


def jobs(county: County, story: Story) -> None:
    """Who works away from home, who comes back without work, and whose wages are kept back."""
    rng = county.stream("jobs")
    calendar = county.calendar
    age = county.age(calendar.first_day)
    able = np.isin(county.labour, (ORDINARY, SKILLED)) & (age >= 18) & (age < 60)
    who = np.flatnonzero(able & happens(rng, WORKING_AWAY, county.size))
    started = calendar.first_day - between(rng, 20, 1500, len(who))
    started = np.maximum(started, county.birth_day[who] + 18 * 366)
    employer = rng.integers(0, len(EMPLOYERS), len(who))
    wage = np.exp(rng.normal(8.25, 0.25, len(who)))
    late = between(rng, 3, 25, len(who))
    months = calendar.arrival("employment_record", started + late)
    none = np.full(len(who), NO_DAY)
    _employ(story, who, months, employer, wage, started, none, none)
    years = (calendar.end_day - calendar.first_day) / 365
    leaving = happens(rng, LEAVES_A_YEAR * years, len(who))
    left = np.maximum(between(rng, calendar.first_day, calendar.end_day - 1, len(who)), started + 10)
    at = np.flatnonzero(leaving & (left < calendar.end_day))
    told = calendar.arrival("employment_record", left[at] + between(rng, 1, 20, len(at)))
    _employ(story, who[at], told, employer[at], wage[at], started[at], left[at], none[at])
    _afterwards(county, story, rng, who[at], left[at], wage[at])
    _unpaid(county, story, rng, who, employer, wage, started, leaving)


def _afterwards(county: County, story: Story, rng: np.random.Generator, who: Ints, left: Ints, wage: Floats) -> None:
    """Most find work again within weeks; the others' households are in trouble until they do."""
    calendar = county.calendar
    soon = happens(rng, FINDS_WORK_SOON, len(who))
    gap = np.where(soon, between(rng, 5, 40, len(who)), between(rng, 70, 330, len(who)))
    again = left + gap
    at = np.flatnonzero(again < calendar.end_day)
    told = calendar.arrival("employment_record", again[at] + between(rng, 3, 20, len(at)))
    employer = rng.integers(0, len(EMPLOYERS), len(at))
    none = np.full(len(at), NO_DAY)
    _employ(story, who[at], told, employer, wage[at] * 0.97, again[at], none, none)
    hard = np.flatnonzero(~soon)
    until = np.where(again[hard] < calendar.end_day, again[hard], NO_DAY)
    households = county.household[who[hard]]
    known = np.ones(len(hard), dtype=bool)
    story.trouble("unstable_employment", households, left[hard], until, who[hard], known)
    story.loses_income(households, 0.22, left[hard])


def _unpaid(
    county: County,
    story: Story,
    rng: np.random.Generator,
    who: Ints,
    employer: Ints,
    wage: Floats,
    started: Ints,
    leaving: Flags,
) -> None:
    """Wages kept back for some months, and in the end mostly paid."""
    calendar = county.calendar
    years = (calendar.end_day - calendar.first_day) / 365
    at = np.flatnonzero(~leaving & (started < calendar.first_day - 60) & happens(rng, UNPAID_A_YEAR * years, len(who)))
    begins = between(rng, 0, max(calendar.count - 1, 0), len(at))
    behind = between(rng, 1, 5, len(at))
    none = np.full(len(at), NO_DAY)
    _employ(story, who[at], begins, employer[at], wage[at], started[at], none, behind)
    paid = begins + between(rng, 2, 5, len(at))
    paid = np.where((paid < calendar.count) & happens(rng, 0.8, len(at)), paid, NEVER)
    _employ(story, who[at], paid, employer[at], wage[at], started[at], none, np.zeros(len(at), dtype=np.int64))
    bad = np.flatnonzero(behind >= 2)
    since = np.array([calendar.received_on("employment_record", int(month)).toordinal() for month in begins[bad]])
    since = (since - 719163).astype(np.int64)
    ends = np.where(paid[bad] < NEVER, since + 30 * (paid[bad] - begins[bad]), NO_DAY)
    known = np.ones(len(bad), dtype=bool)
    story.trouble("unstable_employment", county.household[who[at[bad]]], since, ends, who[at[bad]], known)


def _employ(
    story: Story, who: Ints, months: Ints, employer: Ints, wage: Floats, started: Ints, left: Ints, unpaid: Ints
) -> None:
    story.tell(
        "employment_record",
        who,
        months,
        employer=words(EMPLOYERS, employer),
        monthly_wage=fen(wage),
        started_on=days(started),
        left_on=days(left),
        unpaid_months=unpaid.astype(np.int64),
    )


def setbacks(county: County, story: Story) -> None:
    """Animals that died and harvests that nobody bought."""
    rng = county.stream("setbacks")
    calendar = county.calendar
    years = (calendar.end_day - calendar.first_day) / 365
    where = np.flatnonzero(happens(rng, SETBACKS_A_YEAR * years, county.households))
    who = county.head_of(where)
    when = between(rng, calendar.first_day, calendar.end_day - 1, len(where))
    loss = np.exp(rng.normal(np.log(3200), 0.8, len(where)))
    story.tell(
        "industry_setback",
        who,
        calendar.arrival("industry_setback", when + between(rng, 2, 25, len(where))),
        project=words(PROJECTS, rng.integers(0, len(PROJECTS), len(where))),
        situation=words(SITUATIONS, pick(rng, (2, 5, 3), len(where))),
        loss=fen(np.maximum(loss, 50.0)),
        happened_on=days(when),
    )
    heavy = np.flatnonzero(loss >= 4000)
    lasts = when[heavy] + between(rng, 120, 320, len(heavy))
    until = np.where(lasts < calendar.end_day, lasts, NO_DAY)
    known = np.ones(len(heavy), dtype=bool)
    story.trouble("industry_failure", where[heavy], when[heavy], until, who[heavy], known)
    story.loses_income(where[heavy], 0.1, when[heavy])
