"""Who may be meant by a row that names somebody without a usable number: candidates for people to decide.

Probabilistic linkage after Fellegi and Sunter. A proposal never links by itself.
"""

from functools import cached_property

import duckdb
import polars as pl

from shouwang.kernel.limits import database_memory
from shouwang.linkage.comparison import BLOCKS, COMPARISONS, NAME, counted
from shouwang.linkage.features import coded_names, features
from shouwang.linkage.population import SLICE, Population, Progress, Register, count_population
from shouwang.linkage.scoring import Comparison, Model

REGISTERED_SHARE = 0.9
"""How many of the rows that name somebody are about a registered person; a prior, before anything is compared."""
THRESHOLD = 0.1
MOST_CANDIDATES = 5
LEAST_WEIGHT = -12.0
"""Odds of one in four thousand: what lies below adds nothing to a row's candidates."""
MEMORY_SHARE = 0.25
PROPOSAL_SCHEMA = {"line": pl.Int64, "person": pl.Int64, "probability": pl.Float64, "evidence": pl.String}


class Proposals:
    """Proposes persons of one register, which is counted once and passes by once for each call of `propose`."""

    def __init__(self, register: Register, progress: Progress) -> None:
        """`progress` hears how many persons were looked at, first while they are counted, then of each passage."""
        self._register, self._progress = register, progress

    @cached_property
    def _population(self) -> Population:
        return count_population(self._register, self._progress)

    def propose(self, rows: pl.DataFrame, *, threshold: float = THRESHOLD) -> pl.DataFrame:
        """Registered persons who may be meant by each row, most likely first.

        What is proposed for a row depends on it and on the register, not on the rows beside it.

        Args:
            rows: line (integer, unique), name (String), division_code (String of 12 digits, any level, or null),
                birth_date (Date or null), sex (男, 女 or null).
            threshold: probability from which a candidate is worth a person's time.

        Returns:
            line, person, probability, evidence: what agrees and what does not, in words. At most five candidates a
            line; a line without any is missing. The probabilities of a line and of its being nobody registered sum to
            one.
        """
        if rows.is_empty() or self._register.is_empty():
            return pl.DataFrame(schema=PROPOSAL_SCHEMA)
        return _best(self.pairs(rows), threshold)

    def pairs(self, rows: pl.DataFrame) -> pl.DataFrame:
        """line, person, weight and, by its subject, the place of the level that the pair reached in each comparison."""
        population = self._population
        asked = features(rows, coded_names(rows["name"]), "line")
        shares = [population.shares(asked, form).alias(f"tf_{form}") for form in FREQUENCIES]
        asked = asked.with_columns(*shares)
        model = Model(counted(population), BLOCKS, REGISTERED_SHARE / population.height)
        statement = model.weighed("asked", "known", LEAST_WEIGHT)
        parts, seen = [], 0
        with duckdb.connect(config={"temp_directory": "", "memory_limit": database_memory(MEMORY_SHARE)}) as connection:
            connection.register("asked", asked.to_arrow())
            for people in self._register.iter_slices(SLICE):
                connection.register("known", features(people, population.names, "person").to_arrow())
                parts.append(pl.DataFrame(pl.from_arrow(connection.sql(statement).to_arrow_table())))
                seen += people.height
                self._progress(seen)
        return pl.concat(parts).rename({"id_l": "line", "id_r": "person"})


FREQUENCIES = tuple(level.frequency_of for level in NAME.levels if level.frequency_of)


def propose(rows: pl.DataFrame, register: Register, *, threshold: float = THRESHOLD) -> pl.DataFrame:
    """`Proposals.propose` of a register that is asked once."""
    return Proposals(register, lambda seen: None).propose(rows, threshold=threshold)


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
    """A missing value says nothing."""
    words = {place: level.words for place, level in enumerate(comparison.levels)}
    return pl.col(comparison.subject).replace_strict(words, default=None, return_dtype=pl.String)
