"""What is compared of a row and of a registered person, as integers: a city is joined on numbers and not on texts."""

import polars as pl

from shouwang.kernel.divisions import A_COUNTY
from shouwang.linkage.names import name_forms

MASKED = 4
"""Characters of a name, from the first, one of which may differ; edit distance in DuckDB counts bytes."""
NAME_FORMS = (
    *("canonical", "folded", "surname", "sound", "local_sound", "surname_sound", "given_sound"),
    *(f"but_{place}" for place in range(MASKED)),
)
SEXES = {"男": 1, "女": 2}


def coded_names(names: pl.Series) -> pl.DataFrame:
    """name, each distinct one once, null left out; its `NAME_FORMS` as numbers, equal where the forms are equal.

    `but_0`, `but_1`, … are `folded` without that character, null where the name is too short to tell anything then. The
    numbers are 64 bits of a hash, the same for every call of this process and for no other.
    """
    forms = name_forms(names).with_columns(pl.col("given_sound").replace("", None), *_masks())
    return forms.select("name", *(_number(form) for form in NAME_FORMS))


def _number(form: str) -> pl.Expr:
    return pl.when(pl.col(form).is_not_null()).then(pl.col(form).hash().reinterpret(signed=True)).alias(form)


def _masks() -> list[pl.Expr]:
    folded = pl.col("folded")
    length = folded.str.len_chars()
    return [
        pl.when((length >= 3) & (length > place))
        .then(pl.concat_str(folded.str.slice(0, place), pl.lit("?"), folded.str.slice(place + 1)))
        .alias(f"but_{place}")
        for place in range(MASKED)
    ]


def features(people: pl.DataFrame, names: pl.DataFrame, identity: str) -> pl.DataFrame:
    """What comparisons and blocks name.

    Args:
        people: name, division_code, birth_date, sex and the column `identity`.
        names: `coded_names` of at least these people.

    Returns:
        id (Int64); the forms of the name; village, township, county (as far down as the division goes), birth
        (20210305), birth_year and sex as numbers, null where they are not known.
    """
    joined = people.join(names, on="name", how="left", maintain_order="left")
    return joined.select(
        pl.col(identity).cast(pl.Int64).alias("id"),
        *NAME_FORMS,
        *places(),
        *births(),
        pl.col("sex").replace_strict(SEXES, default=None, return_dtype=pl.Int8),
    )


def places() -> list[pl.Expr]:
    """village, township and county of `division_code`, as far down as it goes."""
    code = pl.col("division_code").cast(pl.Int64)
    return [
        pl.when(code % 1_000 != 0).then(code).alias("village"),
        pl.when(code // 1_000 % 1_000 != 0).then(code // 1_000).alias("township"),
        county(),
    ]


def county() -> pl.Expr:
    return (pl.col("division_code").cast(pl.Int64) // A_COUNTY).cast(pl.Int32).alias("county")


def births() -> list[pl.Expr]:
    """birth (20210305) and birth_year of `birth_date`."""
    born = pl.col("birth_date")
    day = born.dt.year() * 10_000 + born.dt.month().cast(pl.Int32) * 100 + born.dt.day().cast(pl.Int32)
    return [day.alias("birth"), born.dt.year().alias("birth_year")]
