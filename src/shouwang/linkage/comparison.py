"""How a row and a registered person are compared: the levels of likeness, how often each occurs, and its words.

For each level, m is how often it occurs between a row and its own person, u between a row and anybody else. The
m-values are set by hand from how rows come to lack a usable number: taken down by ear over the telephone, copied by
somebody of another office, or with a number that is wrong in several digits. The u-values are counted on the register.
`shouwang linkage measure` shows how well both do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

RARE = 1e-6
MASKED = 4
"""Characters of a name, from the first, one of which may differ; edit distance in DuckDB counts bytes."""


@dataclass(frozen=True)
class Level:
    """One degree of likeness; `condition` is SQL over the columns of both sides, None for everything else."""

    condition: str | None
    words: str
    m: float
    u: float = RARE
    frequency_of: str | None = None
    """The column whose frequency in the register says how telling an agreement on this level is."""


@dataclass(frozen=True)
class Comparison:
    """Levels in the order in which they are tried; a pair with `missing` is told nothing by it."""

    subject: str
    missing: str
    levels: tuple[Level, ...]


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
        Level("damerau_levenshtein(birth_l, birth_r) = 1", "出生日期一位不同或两位颠倒", 0.22),
        Level("left(birth_l, 4) = left(birth_r, 4)", "出生年份相同", 0.02),
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


def places() -> list[pl.Expr]:
    """village, township and county of `division_code`, as far down as it goes."""
    code = pl.col("division_code")
    return [
        pl.when(code.str.slice(9, 3) != "000").then(code).alias("village"),
        pl.when(code.str.slice(6, 3) != "000").then(code.str.slice(0, 9)).alias("township"),
        code.str.slice(0, 6).alias("county"),
    ]


def masks() -> list[pl.Expr]:
    """but_0, but_1, …: `folded` without that character, null where the name is too short to tell anything then."""
    folded = pl.col("folded")
    length = folded.str.len_chars()
    return [
        pl.when((length >= 3) & (length > place))
        .then(pl.concat_str(folded.str.slice(0, place), pl.lit("?"), folded.str.slice(place + 1)))
        .alias(f"but_{place}")
        for place in range(MASKED)
    ]


def counted(population: pl.DataFrame, divisions: pl.DataFrame) -> tuple[Comparison, ...]:
    """The comparisons with u-values as often as two persons drawn at random agree.

    Args:
        population: people with the columns that the conditions name, without `_l` and `_r`.
        divisions: division_code, count: how many of the register live in each.
    """
    everywhere = divisions.select(*places(), "count")
    return (
        _counted_names(population),
        _counted_places(everywhere),
        _counted_births(population),
        _counted_sexes(population),
    )


def _counted_names(people: pl.DataFrame) -> Comparison:
    spelling, folded, sound, local = (
        _agreement(people, name) for name in ("canonical", "folded", "sound", "local_sound")
    )
    surname = _agreement(people, "surname")
    one_off = sum(max(_agreement(people, f"but_{place}") - folded, 0) for place in range(MASKED))
    return _with(
        NAME, [spelling, folded - spelling, sound - folded, local - sound, one_off, surname - folded - one_off]
    )


def _counted_places(everywhere: pl.DataFrame) -> Comparison:
    village, township, county = (_agreement_of_many(everywhere, name) for name in ("village", "township", "county"))
    return _with(PLACE, [village, township, township - village, county, county - township], rest=1 - county)


def _counted_births(people: pl.DataFrame) -> Comparison:
    day, year = _agreement(people, "birth"), _agreement(people, "birth_year")
    # About 60 of a date's neighbours by one digit or swap are dates too.
    return _with(BIRTH, [day, 60 * day, year - day])


def _counted_sexes(people: pl.DataFrame) -> Comparison:
    return _with(SEX, [_agreement(people, "sex")])


def _agreement(people: pl.DataFrame, column: str) -> float:
    """How often two different persons drawn at random are the same in a column; a missing value is like none."""
    return _agreement_of_many(people.select(column).with_columns(count=pl.lit(1)), column)


def _agreement_of_many(groups: pl.DataFrame, column: str) -> float:
    """`_agreement` of groups of as many persons as their `count` says."""
    counts = groups.drop_nulls(column).group_by(column).agg(pl.col("count").sum())["count"].cast(pl.Float64)
    total = float(groups["count"].sum())
    return float((counts * (counts - 1)).sum()) / (total * (total - 1)) if total > 1 else 0.0


def _with(comparison: Comparison, values: Sequence[float], rest: float | None = None) -> Comparison:
    bounded = [min(max(value, RARE), 1 - RARE) for value in values]
    last = rest if rest is not None else 1 - sum(bounded)
    levels = [
        replace(level, u=value) for level, value in zip(comparison.levels, [*bounded, max(last, RARE)], strict=True)
    ]
    return replace(comparison, levels=tuple(levels))
