"""The people of one county at the start: numbers, names, households, and what the register says of each."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from shouwang.world import families as fam
from shouwang.world.calendar import Calendar
from shouwang.world.draws import NO_DAY, Flags, Floats, Ints, between, days, happens, pick, stream, words
from shouwang.world.names import full_names, surnames_of
from shouwang.world.numbers import identity_numbers, place_codes
from shouwang.world.places import KEY_COUNTIES, MINORITY_COUNTIES, SUPPORTED_COUNTIES, CountyPlan

PERSON_SPAN = 10_000_000
"""The person's index in the world is county code × span + order within the county."""
RELIEVED_SHARE = {"key": 0.32, "supported": 0.28, "other": 0.20}
ETHNIC_SHARES = {
    True: {"土家族": 0.46, "汉族": 0.33, "苗族": 0.19, "彝族": 0.006, "侗族": 0.008, "蒙古族": 0.003, "回族": 0.003},
    False: {"汉族": 0.975, "土家族": 0.012, "苗族": 0.006, "彝族": 0.003, "回族": 0.004},
}
HEALTHY, CHRONIC, SERIOUS, DISABLED = 0, 1, 2, 3
HEALTH = ("健康", "长期慢性病", "患有大病", "残疾")
ORDINARY, SKILLED, WEAK, LOST, NO_LABOUR = range(5)
LABOUR = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "丧失劳动力", "无劳动力")
FIRST_PHONE = 19_900_000_000
"""Numbers of the 199 0 series in rising order: plainly made up."""
SITE_SHARE = 0.12


@dataclass
class County:
    """The people of one county. Arrays of persons come first, those of households (`h_`) after them."""

    seed: int
    plan: CountyPlan
    calendar: Calendar
    household: Ints
    slot: Ints
    birth_day: Ints
    male: Flags
    health: Ints
    labour: Ints
    in_laws: Flags
    names: pl.Series
    ids: pl.Series
    ethnicity: Ints
    h_size: Ints
    h_village: Ints
    h_relieved: Flags
    h_income: Floats
    h_number: pl.Series

    @property
    def code(self) -> int:
        return int(self.plan.code)

    @property
    def size(self) -> int:
        return len(self.household)

    @property
    def households(self) -> int:
        return len(self.h_size)

    def stream(self, topic: str) -> np.random.Generator:
        return stream(self.seed, topic, self.code)

    def age(self, day: int | Ints) -> Ints:
        """Years of life on a day, by average years: near enough for chances, not for law."""
        return np.asarray(np.floor((day - self.birth_day) / 365.2425).astype(np.int64))

    def head_of(self, households: Ints) -> Ints:
        """The person who heads each of these households."""
        heads = np.flatnonzero(self.slot == fam.HEAD)
        return np.asarray(heads[households])

    def anyone(self, flags: Flags) -> Flags:
        """Per household: whether some member has the flag."""
        return np.bincount(self.household[flags], minlength=self.households) > 0

    def village_codes(self, households: Ints) -> pl.Series:
        return words([village.code for village in self.plan.villages], self.h_village[households])


def people_of(seed: int, plan: CountyPlan, calendar: Calendar) -> County:
    """Everybody who lives in the county on the first day."""
    made = fam.make_families(seed, int(plan.code), plan.total)
    rng = stream(seed, "people", int(plan.code))
    village = _villages(made.sizes, plan)
    birth = calendar.first_day - made.age_days
    birth[birth == NO_DAY] = NO_DAY + 1
    births = days(birth)
    poor = happens(rng, RELIEVED_SHARE[_kind(plan.code)], len(made.sizes))
    surnames = surnames_of(rng, len(made.sizes) * fam.SLOTS)[made.household * fam.SLOTS + made.surname_slot]
    ethnicity = _ethnicities(rng, plan.code, made)
    yi = list(ETHNIC_SHARES[plan.code in MINORITY_COUNTIES]).index("彝族")
    married_in = np.isin(made.slot, (fam.SPOUSE, fam.IN_LAW))
    health = _health(rng, made.age_days / 365.2425, poor[made.household])
    return County(
        seed=seed,
        plan=plan,
        calendar=calendar,
        household=made.household,
        slot=made.slot,
        birth_day=birth,
        male=made.male,
        health=health,
        labour=_labour(rng, made.age_days / 365.2425, health),
        in_laws=made.in_laws,
        names=full_names(
            seed, int(plan.code), surnames, births.dt.year().to_numpy().astype(np.int64), made.male, ethnicity == yi
        ),
        ids=identity_numbers(
            seed, int(plan.code), place_codes(seed, int(plan.code), married_in), births, made.male
        ),
        ethnicity=ethnicity,
        h_size=made.sizes,
        h_village=village,
        h_relieved=poor,
        h_income=_incomes(rng, poor),
        h_number=_household_numbers(plan, village),
    )  # fmt: skip


def ethnic_names(code: str) -> list[str]:
    return list(ETHNIC_SHARES[code in MINORITY_COUNTIES])


def phones(county: County) -> pl.Series:
    """Every household one number or two; children and the very old have none of their own."""
    base = FIRST_PHONE + (county.code % 1000) * 100_000
    number = base + np.arange(county.size) % 100_000
    age = county.age(county.calendar.first_day)
    return pl.Series(number).cast(pl.String).set(pl.Series((age < 14) | (age > 78)), None)


def addresses(county: County) -> pl.Series:
    """Per household: township, village, group and house, marked as synthetic."""
    rng = county.stream("addresses")
    village = [area.name.removesuffix("村民委员会").removesuffix("居民委员会") for area in county.plan.villages]
    village = [name if name.endswith(("村", "社区")) else f"{name}村" for name in village]
    places = [
        f"重庆市{county.plan.name}{township}{name}"
        for township, name in zip(county.plan.townships, village, strict=True)
    ]
    group = pl.Series(between(rng, 1, 9, county.households)).cast(pl.String)
    house = pl.Series(between(rng, 1, 120, county.households)).cast(pl.String)
    return words(places, county.h_village) + group + "组" + house + "号（合成数据）"


def sites(county: County) -> pl.Series:
    """Per household: the resettlement site of some relieved households, else null."""
    rng = county.stream("sites")
    moved = county.h_relieved & happens(rng, SITE_SHARE, county.households)
    names = words([f"{township}集中安置点" for township in county.plan.townships], county.h_village)
    return names.set(pl.Series(~moved), None)


def _kind(code: str) -> str:
    return "key" if code in KEY_COUNTIES else "supported" if code in SUPPORTED_COUNTIES else "other"


def _villages(sizes: Ints, plan: CountyPlan) -> Ints:
    """Households fill the villages one after the other; a household belongs to where its first member falls."""
    starts = np.cumsum(sizes) - sizes
    return np.asarray(np.searchsorted(np.cumsum(plan.persons), starts, side="right"), dtype=np.int64)


def _household_numbers(plan: CountyPlan, village: Ints) -> pl.Series:
    """Village code and a serial of four digits."""
    serial = np.arange(len(village)) - np.searchsorted(village, village) + 1
    codes = words([area.code for area in plan.villages], village)
    return codes + pl.Series(serial).cast(pl.String).str.zfill(4)


def _ethnicities(rng: np.random.Generator, code: str, made: fam.Families) -> Ints:
    """One for a household, but for those who married in."""
    shares = list(ETHNIC_SHARES[code in MINORITY_COUNTIES].values())
    per_household = pick(rng, shares, len(made.sizes))
    own = pick(rng, shares, len(made.household))
    married = np.isin(made.slot, (fam.SPOUSE, fam.IN_LAW, fam.MOTHER)) & happens(rng, 0.4, len(made.slot))
    return np.asarray(np.where(married, own, per_household[made.household]))


def _health(rng: np.random.Generator, age: Floats, poor: Flags) -> Ints:
    chronic = np.interp(age, [0, 30, 50, 70, 95], [0.004, 0.02, 0.09, 0.28, 0.4]) * np.where(poor, 1.2, 1.0)
    disabled = np.interp(age, [0, 20, 60, 95], [0.008, 0.018, 0.05, 0.09]) * np.where(poor, 1.3, 1.0)
    serious = np.interp(age, [0, 30, 60, 95], [0.001, 0.003, 0.012, 0.02]) * np.where(poor, 1.3, 1.0)
    draw = rng.random(len(age))
    health = np.full(len(age), HEALTHY)
    health[draw < chronic + disabled + serious] = CHRONIC
    health[draw < disabled + serious] = DISABLED
    health[draw < serious] = SERIOUS
    return health


def _labour(rng: np.random.Generator, age: Floats, health: Ints) -> Ints:
    size = len(age)
    labour = np.full(size, NO_LABOUR)
    working = (age >= 16) & (age < 60)
    labour[working] = np.where(happens(rng, 0.13, size), SKILLED, ORDINARY)[working]
    older = (age >= 60) & (age < 72)
    labour[older] = np.where(happens(rng, np.where(age < 66, 0.72, 0.35), size), ORDINARY, WEAK)[older]
    oldest = (age >= 72) & (age < 80)
    labour[oldest] = np.where(happens(rng, 0.4, size), WEAK, NO_LABOUR)[oldest]
    hurt = (health >= SERIOUS) & (age >= 16)
    labour[hurt] = np.where(happens(rng, 0.35, size), LOST, WEAK)[hurt]
    return labour


def _incomes(rng: np.random.Generator, poor: Flags) -> Floats:
    """Net income a head of a usual year, in yuan."""
    middle = np.where(poor, 12_400.0, 15_200.0)
    return np.asarray(middle * np.exp(rng.normal(0, 1, len(poor)) * np.where(poor, 0.29, 0.33)))
