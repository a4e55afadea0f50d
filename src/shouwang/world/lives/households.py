"""The household itself: its income statements, who died or moved away, and its rows in the register."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from shouwang.world import families as fam
from shouwang.world.calendar import NEVER, day_number
from shouwang.world.draws import NO_AMOUNT, NO_DAY, Flags, Floats, Ints, between, days, fen, happens, pick, words
from shouwang.world.people import (
    DISABLED,
    HEALTH,
    LABOUR,
    LOST,
    SERIOUS,
    County,
    addresses,
    ethnic_names,
    phones,
    sites,
)
from shouwang.world.story import Story

DEATHS_BY_AGE = ((0, 20, 50, 65, 75, 85, 97), (0.0008, 0.0004, 0.002, 0.009, 0.03, 0.08, 0.2))
MOVES_A_YEAR = 0.004
JOINS_LATER = 0.006
HALF_YEAR = 6
RELATIONS = ("户主", "配偶", "子", "女", "儿媳", "女婿", "父母", "岳父母", "公婆", "孙子女", "兄弟姐妹", "其他")
EDUCATION = ("学龄前", "小学", "初中", "高中", "大专及以上", "文盲或半文盲")
REASONS = ("因病", "因残")


def incomes(county: County, story: Story) -> None:
    """The statement of the year before for everybody; at half-year again for relieved and struck households."""
    rng = county.stream("incomes")
    calendar = county.calendar
    everybody = np.arange(county.households)
    year = calendar.start.year
    period = (date(year - 1, 1, 1), date(year - 1, 12, 31))
    _state(county, story, rng, everybody, 0, period, struck_by=calendar.first_day)
    if calendar.count > HALF_YEAR:
        half = calendar.month(HALF_YEAR)
        end = day_number(half) - 1
        struck = (story.income_lost > 0) & (story.income_lost_since < end)
        where = np.flatnonzero(county.h_relieved | struck)
        period = (half.replace(year=half.year - 1), half - timedelta(days=1))
        _state(county, story, rng, where, HALF_YEAR, period, struck_by=end)
    low = np.flatnonzero(county.h_income * (1 - story.income_lost) < 6000)
    since = np.where(story.income_lost[low] > 0, story.income_lost_since[low], calendar.first_day)
    since = np.minimum(since, calendar.end_day - 1)
    still, nobody = np.full(len(low), NO_DAY), np.full(len(low), -1)
    story.trouble("other", low, since, still, nobody, np.ones(len(low), dtype=bool))


def _state(
    county: County,
    story: Story,
    rng: np.random.Generator,
    where: Ints,
    month: int,
    period: tuple[date, date],
    struck_by: int,
) -> None:
    size = len(where)
    lost = np.where(story.income_lost_since[where] < struck_by, story.income_lost[where], 0.0)
    net = county.h_income[where] * county.h_size[where] * np.exp(rng.normal(0, 0.05, size)) * (1 - lost)
    wages, business, transfers = _split(county, story, rng, where)
    cost = net * business * rng.uniform(0.15, 0.45, size)
    owned = net * rng.uniform(0.0, 0.03, size)
    spent = story.own_costs[where] + np.exp(rng.normal(6.2, 0.7, size))
    claims = np.where(happens(rng, 0.03, size), np.exp(rng.normal(7.3, 0.6, size)), 0.0)
    story.tell(
        "income_statement",
        county.head_of(where),
        np.full(size, month),
        household_no=county.h_number.gather(where),
        period_start=_same_day(period[0], size),
        period_end=_same_day(period[1], size),
        wage_income=_optional(fen(net * wages)),
        business_income=fen(net * business + cost),
        property_income=_optional(fen(np.where(happens(rng, 0.4, size), owned, 0.0))),
        transfer_income=fen(np.maximum(net * transfers, 120.0)),
        business_cost=fen(cost),
        claims_income=_optional(fen(claims)),
        compliant_out_of_pocket=_optional(fen(np.where(spent > 700, spent, 0.0))),
    )


def _split(county: County, story: Story, rng: np.random.Generator, where: Ints) -> tuple[Floats, Floats, Floats]:
    """Shares of wages, own business and transfers; the weak live on transfers."""
    size = len(where)
    working = county.anyone(np.isin(county.labour, (0, 1)))[where]
    wages = np.where(working, rng.uniform(0.45, 0.8, size), rng.uniform(0.0, 0.15, size))
    transfers = np.where(working, rng.uniform(0.03, 0.15, size), rng.uniform(0.5, 0.8, size))
    transfers = np.where(story.standing_support[where], np.maximum(transfers, 0.35), transfers)
    wages = np.minimum(wages, 1 - transfers)
    return wages, 1 - wages - transfers, transfers


def _same_day(day: date, size: int) -> pl.Series:
    return pl.Series([day], dtype=pl.Date).new_from_index(0, size)


def _optional(amounts: Ints) -> Ints:
    """Nought is left empty, as people fill in such sheets."""
    return np.asarray(np.where(amounts == 0, NO_AMOUNT, amounts))


def vital_events(county: County, story: Story) -> None:
    """Deaths by age, people who move their registration away; the police tells of both."""
    rng = county.stream("vital events")
    calendar = county.calendar
    years = (calendar.end_day - calendar.first_day) / 365
    age = county.age(calendar.first_day)
    chance = np.interp(age, *DEATHS_BY_AGE) * years * np.where(county.health == SERIOUS, 5.0, 1.0)
    before = story.left_on > 0
    dies = happens(rng, chance, county.size) & ~before
    young = np.where((age >= 18) & (age < 35), MOVES_A_YEAR * years, 0.0)
    moves = happens(rng, young, county.size) & ~dies & ~before
    moves &= county.slot != fam.HEAD
    when = np.where(before, story.left_on, between(rng, calendar.first_day, calendar.end_day - 1, county.size))
    who = np.flatnonzero(dies | moves | before)
    told = calendar.arrival("vital_event", when[who] + between(rng, 3, 35, len(who)))
    story.left_on[who] = when[who]
    story.tell(
        "vital_event",
        who,
        told,
        kind=words(("死亡", "迁出"), moves[who].astype(np.int64)),
        happened_on=days(when[who]),
    )


def register(county: County, story: Story) -> None:
    """Everybody at the start but a few who join later, what changes month by month, and the whole again at half-year."""
    rng = county.stream("register")
    calendar = county.calendar
    ready = _Register(county, story)
    joins = np.isin(county.slot, (fam.SPOUSE, fam.IN_LAW, fam.GRANDCHILD_2)) & happens(rng, JOINS_LATER, county.size)
    month = np.where(joins & (calendar.count > 1), between(rng, 1, max(calendar.count - 1, 1), county.size), 0)
    story.registered_from[:] = month
    ready.tell(np.arange(county.size), month, now=calendar.first_day)
    changed = np.flatnonzero(_ill_later(county, story))
    told = calendar.arrival("household_register", story.ill_since[changed] + between(rng, 20, 90, len(changed)))
    told = np.where(told > month[changed], told, NEVER)
    ready.tell(changed, told, now=calendar.end_day)
    if calendar.count > HALF_YEAR:
        there = (story.left_on == NO_DAY) | (
            story.left_on > day_number(calendar.received_on("household_register", HALF_YEAR))
        )
        again = np.flatnonzero(there & (month < HALF_YEAR))
        ready.tell(again, np.full(len(again), HALF_YEAR), now=day_number(calendar.month(HALF_YEAR)))


def _ill_later(county: County, story: Story) -> Flags:
    return np.asarray(story.ill_since > county.calendar.first_day)


class _Register:
    """What the register's columns say of each person, as far as it does not change."""

    def __init__(self, county: County, story: Story) -> None:
        rng = county.stream("register columns")
        self.county, self.story = county, story
        age = county.age(county.calendar.first_day)
        home = county.household
        self.fixed = {
            "household_no": county.h_number.gather(home),
            "division_code": county.village_codes(home),
            "household_type": words(("一般农户", "脱贫户"), county.h_relieved[home].astype(np.int64)),
            "relation": words(RELATIONS, _relations(county)),
            "sex": words(("女", "男"), county.male.astype(np.int64)),
            "birth_date": days(county.birth_day),
            "ethnicity": words(ethnic_names(county.plan.code), county.ethnicity),
            "education": words(EDUCATION, _education(rng, age)),
            "phone": phones(county),
            "resettlement_site": sites(county).gather(home),
            "address": addresses(county).gather(home),
        }

    def tell(self, who: Ints, told: Ints, now: int) -> None:
        """Rows about `who` as things stand on day `now`."""
        county, story = self.county, self.story
        ill = (story.ill_since > 0) & (story.ill_since < now)
        health = np.where(ill & (county.health < SERIOUS), SERIOUS, county.health)
        age = county.age(now)
        labour = np.where(ill & (age >= 16) & (county.labour <= 2), LOST, county.labour)
        labour = np.where((age == 16) & (county.labour == 4) & (health < SERIOUS), 0, labour)
        away = story.dropped_ill & (age >= 6) & (age < 16)
        reason = words(REASONS, (health == DISABLED).astype(np.int64)).set(pl.Series(~away), None)
        at_school = np.where(away, 1, np.where((age >= 6) & (age < 15), 2, np.where((age >= 15) & (age < 18), 3, 0)))
        columns = self.fixed | {
            "school_status": words(("非在校生", "失学", "义务教育在校", "高中阶段在校"), at_school),
            "dropout_reason": reason,
            "health": words(HEALTH, health),
            "labour": words(LABOUR, labour),
        }
        chosen = {field: column.gather(who) for field, column in columns.items()}
        story.tell("household_register", who, told, **chosen)


def _relations(county: County) -> Ints:
    """Index into `RELATIONS` by place in the household, sex, and whose parents live there."""
    slot, male = county.slot, county.male
    head_male = male[county.head_of(county.household)]
    through = county.in_laws
    relation = np.full(county.size, 11)
    relation[slot == fam.HEAD] = 0
    relation[slot == fam.SPOUSE] = 1
    children = np.isin(slot, (fam.FIRST, fam.SECOND, fam.THIRD))
    relation[children] = np.where(male, 2, 3)[children]
    relation[slot == fam.IN_LAW] = np.where(male, 5, 4)[slot == fam.IN_LAW]
    relation[np.isin(slot, (fam.GRANDCHILD, fam.GRANDCHILD_2))] = 9
    parents = np.isin(slot, (fam.FATHER, fam.MOTHER))
    relation[parents] = np.where(~through, 6, np.where(head_male, 7, 8))[parents]
    relation[slot == fam.SIBLING] = 10
    return relation


def _education(rng: np.random.Generator, age: Ints) -> Ints:
    size = len(age)
    grown = np.where(age < 40, pick(rng, (0, 8, 52, 24, 15, 1), size), pick(rng, (0, 46, 38, 7, 2, 7), size))
    level = np.where(age < 6, 0, np.where(age < 12, 1, np.where(age < 15, 2, np.where(age < 18, 3, grown))))
    return np.asarray(level)
