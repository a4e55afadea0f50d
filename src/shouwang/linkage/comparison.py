"""How a row and a registered person are compared: the levels of likeness, how often each occurs, and its words.

For each level, m is how often it occurs between a row and its own person, u between a row and anybody else. The
m-values are set by hand from how rows come to lack a usable number: taken down by ear over the telephone, copied by
somebody of another office, or with a number that is wrong in several digits. The u-values are counted on the register.
`shouwang linkage measure` shows how well both do.
"""

from collections.abc import Sequence
from dataclasses import replace

from shouwang.linkage.features import MASKED
from shouwang.linkage.population import Population, agreement
from shouwang.linkage.scoring import RARE, Comparison, Level


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


NAME = Comparison(
    "name",
    "canonical_l is null or canonical_r is null",
    (
        Level(_equal("canonical"), "姓名相同", 0.86, frequency_of="canonical"),
        Level(_equal("folded"), "姓名为异体字或繁体字写法", 0.03, frequency_of="folded"),
        Level(_equal("sound"), "姓名同音", 0.05, frequency_of="sound"),
        Level(_equal("local_sound"), "姓名近音（川渝口音）", 0.02, frequency_of="local_sound"),
        Level(" or ".join(_equal(f"but_{place}") for place in range(MASKED)), "姓名一字不同", 0.03),
        Level(_equal("surname"), "仅姓氏相同", 0.005),
        Level(None, "姓名不同", 0.005),
    ),
)
PLACE = Comparison(
    "place",
    "county_l is null or county_r is null",
    (
        Level("village_l = village_r", "同村", 0.85),
        Level("township_l = township_r and (village_l is null or village_r is null)", "同乡镇（未写明村）", 0.93),
        Level("township_l = township_r", "同乡镇不同村", 0.08),
        Level("county_l = county_r and (township_l is null or township_r is null)", "同区县（未写明乡镇）", 0.97),
        Level("county_l = county_r", "同区县不同乡镇", 0.04),
        Level(None, "不同区县", 0.03),
    ),
)
BIRTH = Comparison(
    "birth",
    "birth_l is null or birth_r is null",
    (
        Level(_equal("birth"), "出生日期相同", 0.72),
        Level("damerau_levenshtein(birth_l::varchar, birth_r::varchar) = 1", "出生日期一位不同或两位颠倒", 0.22),
        Level(_equal("birth_year"), "出生年份相同", 0.02),
        Level(None, "出生日期不同", 0.04),
    ),
)
SEX = Comparison(
    "sex",
    "sex_l is null or sex_r is null",
    (Level(_equal("sex"), "性别相同", 0.97), Level(None, "性别不同", 0.03)),
)
COMPARISONS = (NAME, PLACE, BIRTH, SEX)

# A pair is looked at where it agrees on one of these; the first six keep a city of millions within reach.
BLOCKS = (
    ("sound", "county"),
    ("local_sound", "township"),
    ("village", "surname_sound"),
    ("village", "given_sound"),
    ("township", "given_sound", "surname_sound"),
    ("birth", "surname_sound"),
    ("birth", "village"),
    ("canonical", "birth_year"),
)


def counted(population: Population) -> tuple[Comparison, ...]:
    """The comparisons with u-values as often as two registered persons drawn at random agree."""
    return (
        _counted_names(population),
        _counted_places(population),
        _counted_births(population),
        _with(SEX, [agreement(population.sexes, "sex")]),
    )


def _counted_names(population: Population) -> Comparison:
    names = population.names
    spelling, folded, sound, local = (
        agreement(names, each) for each in ("canonical", "folded", "sound", "local_sound")
    )
    surname = agreement(names, "surname")
    one_off = sum(max(agreement(names, f"but_{place}") - folded, 0) for place in range(MASKED))
    return _with(
        NAME, [spelling, folded - spelling, sound - folded, local - sound, one_off, surname - folded - one_off]
    )


def _counted_places(population: Population) -> Comparison:
    village, township, county = (agreement(population.places, each) for each in ("village", "township", "county"))
    return _with(PLACE, [village, township, township - village, county, county - township], rest=1 - county)


def _counted_births(population: Population) -> Comparison:
    day, year = agreement(population.births, "birth"), agreement(population.births, "birth_year")
    # About 60 of a date's neighbours by one digit or swap are dates too.
    return _with(BIRTH, [day, 60 * day, year - day])


def _with(comparison: Comparison, values: Sequence[float], rest: float | None = None) -> Comparison:
    bounded = [min(max(value, RARE), 1 - RARE) for value in values]
    last = rest if rest is not None else 1 - sum(bounded)
    levels = [
        replace(level, u=value) for level, value in zip(comparison.levels, [*bounded, max(last, RARE)], strict=True)
    ]
    return replace(comparison, levels=tuple(levels))
