"""Who may be meant by a row that names somebody without a usable number: candidates for people to decide.

Probabilistic linkage after Fellegi and Sunter with Splink. A proposal never links by itself.
"""

import threading
from collections.abc import Iterator
from typing import Any, Protocol

import duckdb
import polars as pl

from shouwang.kernel.limits import database_memory
from shouwang.linkage.comparison import BLOCKS, COMPARISONS, NAME, Comparison, counted, masks, places
from shouwang.linkage.names import name_forms

REGISTERED_SHARE = 0.9
"""How many of the rows that name somebody are about a registered person; a prior, before anything is compared."""
THRESHOLD = 0.1
MOST_CANDIDATES = 5
ROWS_AT_ONCE = 20_000
MEMORY_SHARE = 0.4
SLICE = 500_000
"""How many of the register are looked at together."""
POPULATION_AT_LEAST, POPULATION_AT_MOST = 2_000, 100_000
PROPOSAL_SCHEMA = {"line": pl.Int64, "person": pl.Int64, "probability": pl.Float64, "evidence": pl.String}

_ONE_AT_A_TIME = threading.Lock()


class Register(Protocol):
    """Everybody who is registered, a person once: person (Int64), name, division_code (String), birth_date (Date), sex."""

    @property
    def height(self) -> int: ...

    def is_empty(self) -> bool: ...

    def iter_slices(self, n_rows: int) -> Iterator[pl.DataFrame]: ...


def propose(rows: pl.DataFrame, register: Register, *, threshold: float = THRESHOLD) -> pl.DataFrame:
    """Registered persons who may be meant by each row, most likely first.

    Args:
        rows: line (integer, unique), name (String), division_code (String of 12 digits, any level, or null),
            birth_date (Date or null), sex (男, 女 or null).
        register: everybody, a slice at a time.
        threshold: probability from which a candidate is worth a person's time.

    Returns:
        line, person, probability, evidence: what agrees and what does not, in words. At most five candidates a line;
        a line without any is missing. The probabilities of a line and of its being nobody registered sum to one.
    """
    if rows.is_empty() or register.is_empty():
        return pl.DataFrame(schema=PROPOSAL_SCHEMA)
    parts = [
        _propose(rows.slice(start, ROWS_AT_ONCE), register, threshold) for start in range(0, rows.height, ROWS_AT_ONCE)
    ]
    return pl.concat(parts)


def _propose(rows: pl.DataFrame, register: Register, threshold: float) -> pl.DataFrame:
    asked = _features(rows.with_columns(pl.col("line").cast(pl.Int64).alias("unique_id")))
    known = _within_reach(asked, register)
    if known.is_empty():
        return pl.DataFrame(schema=PROPOSAL_SCHEMA)
    divisions = _divisions(register)
    population = _features(_population(rows, register, divisions).with_columns(pl.col("person").alias("unique_id")))
    comparisons = counted(population, divisions)
    prior = REGISTERED_SHARE / register.height
    with _ONE_AT_A_TIME:
        pairs = _scored(asked, known, _frequencies(known, population), comparisons, prior)
    return _best(pairs, threshold)


def _divisions(register: Register) -> pl.DataFrame:
    """division_code, count: how many are registered in each."""
    parts = [each.group_by("division_code").agg(count=pl.len()) for each in register.iter_slices(SLICE)]
    return pl.concat(parts).group_by("division_code").agg(pl.col("count").sum()).sort("division_code")


def _population(rows: pl.DataFrame, register: Register, divisions: pl.DataFrame) -> pl.DataFrame:
    """The people among whom frequencies are counted: of the rows' counties, for names keep to their country."""
    county = pl.col("division_code").str.slice(0, 6)
    counties = rows.select(county).to_series().drop_nulls().unique()
    local = county.is_in(counties.implode())
    height = int(divisions.filter(local)["count"].sum())
    if height < POPULATION_AT_LEAST:
        local, height = pl.lit(True), register.height
    every, seen, parts = -(-height // POPULATION_AT_MOST), 0, []
    for each in register.iter_slices(SLICE):
        people = each.filter(local)
        parts.append(people.gather_every(every, -seen % every))
        seen += people.height
    return pl.concat(parts)


def _frequencies(known: pl.DataFrame, population: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """For each way of writing or hearing a name, its share among people, counting the one at hand."""
    shares = {}
    for column in (level.frequency_of for level in NAME.levels if level.frequency_of):
        counts = population.drop_nulls(column).group_by(column).agg(count=pl.len())
        values = known.select(column).drop_nulls().unique(maintain_order=True)
        share = (pl.col("count").fill_null(0) + 1) / (population.height + 1)
        found = values.join(counts, on=column, how="left", maintain_order="left")
        shares[column] = found.select(column, share.alias(f"tf_{column}"))
    return shares


def _within_reach(asked: pl.DataFrame, register: Register) -> pl.DataFrame:
    """The features of those registered persons who agree with some row on one of `BLOCKS`."""
    found = []
    for each in register.iter_slices(SLICE):
        people = _features(each.with_columns(pl.col("person").alias("unique_id")))
        near = pl.repeat(False, people.height, eager=True)
        for columns in BLOCKS:
            keys = asked.select(columns).drop_nulls().unique()
            met = people.select(columns).join(
                keys.with_columns(met=True), on=columns, how="left", maintain_order="left"
            )
            near = near | met["met"].fill_null(False)
        found.append(people.filter(near))
    return pl.concat(found)


def _features(people: pl.DataFrame) -> pl.DataFrame:
    """unique_id and the columns that comparisons and blocks name."""
    born = pl.col("birth_date").dt.strftime("%Y%m%d")
    return people.join(name_forms(people["name"]), on="name", how="left", maintain_order="left").select(
        "unique_id",
        *("canonical", "folded", "surname", "sound", "local_sound", "surname_sound"),
        pl.col("given_sound").replace("", None),
        *masks(),
        *places(),
        born.alias("birth"),
        born.str.slice(0, 4).alias("birth_year"),
        "sex",
    )


def _scored(
    asked: pl.DataFrame,
    known: pl.DataFrame,
    frequencies: dict[str, pl.DataFrame],
    comparisons: tuple[Comparison, ...],
    prior: float,
) -> pl.DataFrame:
    """line, person, weight and a column a comparison with the level that the pair reached."""
    from splink import DuckDBAPI, Linker

    with duckdb.connect(config={"temp_directory": "", "memory_limit": database_memory(MEMORY_SHARE)}) as connection:
        database = DuckDBAPI(connection)
        tables = [
            database.register(frame.to_arrow(), dataset_display_name=name)
            for name, frame in (("a_rows", asked), ("b_register", known))
        ]
        linker = Linker(tables, _settings(comparisons, prior), log_level=None, validate_settings=False)
        for column, shares in frequencies.items():
            linker.table_management.register_term_frequency_lookup(database.register(shares.to_arrow()), column)
        found = linker.inference.predict(threshold_match_weight=-12, warning_mode="never")
        levels = ", ".join(f"gamma_{comparison.subject} as {comparison.subject}" for comparison in COMPARISONS)
        pairs = connection.sql(
            f"""
            select unique_id_l as line, unique_id_r as person, match_weight as weight, {levels}
            from {found.physical_name}
            """
        )
        return pl.DataFrame(pl.from_arrow(pairs.to_arrow_table()))


def _settings(comparisons: tuple[Comparison, ...], prior: float) -> Any:
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=prior,
        comparisons=[_as_splink(comparison) for comparison in comparisons],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
    )


def _as_splink(comparison: Comparison) -> dict[str, Any]:
    missing = {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    levels = [
        {
            "sql_condition": level.condition or "ELSE",
            "label_for_charts": level.words,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        | (
            {"tf_adjustment_column": level.frequency_of, "disable_tf_exact_match_detection": True}
            if level.frequency_of
            else {}
        )
        for level in comparison.levels
    ]
    return {"output_column_name": comparison.subject, "comparison_levels": [missing, *levels]}


def _best(pairs: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """A row means one person or nobody: the odds of a line's candidates are weighed against each other."""
    odds = pl.lit(2.0).pow("weight")
    return (
        pairs.sort("line", "person")  # sums of floating numbers depend on their order
        .with_columns(odds.alias("odds"))
        .with_columns(probability=pl.col("odds") / (1 + pl.col("odds").sum().over("line")))
        .filter(pl.col("probability") >= threshold)
        .sort(["line", "probability", "person"], descending=[False, True, False])
        .group_by("line", maintain_order=True)
        .head(MOST_CANDIDATES)
        .with_columns(evidence=pl.concat_str([_words(each) for each in COMPARISONS], separator="；", ignore_nulls=True))
        .select(*(pl.col(name).cast(dtype) for name, dtype in PROPOSAL_SCHEMA.items()))
    )


def _words(comparison: Comparison) -> pl.Expr:
    """Splink counts levels from nought for the last; a missing value says nothing."""
    words = {len(comparison.levels) - 1 - i: level.words for i, level in enumerate(comparison.levels)}
    return pl.col(comparison.subject).replace_strict(words, default=None, return_dtype=pl.String)
