"""The same comparisons, blocks and frequencies by Splink on DuckDB: everybody's features in one table, one prediction.

python -m bench.splink_linkage FOLDER PERSONS ROWS OUT
"""

import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.linkage_city import Calls
from shouwang.kernel.limits import database_memory
from shouwang.linkage.comparison import BLOCKS, counted
from shouwang.linkage.features import coded_names, features
from shouwang.linkage.population import SLICE, Register, count_population
from shouwang.linkage.proposals import FREQUENCIES, LEAST_WEIGHT, REGISTERED_SHARE
from shouwang.linkage.scoring import Comparison

MEMORY_SHARE = 0.6


def scored(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    """line, person, weight and a column a comparison with the place of the level, as `Proposals` has them.

    How common a name is, Splink looks up by the name alone: in the whole register, wherever a row comes from.
    """
    population = count_population(register, lambda seen: None)
    known = pl.concat(features(people, population.names, "person") for people in register.iter_slices(SLICE))
    asked = features(rows, coded_names(rows["name"]), "line")
    comparisons = counted(population)
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        probability_two_random_records_match=REGISTERED_SHARE / population.height,
        comparisons=[_as_splink(comparison) for comparison in comparisons],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
    )
    with duckdb.connect(config={"memory_limit": database_memory(MEMORY_SHARE)}) as connection:
        database = DuckDBAPI(connection)
        tables = [
            database.register(frame.to_arrow(), dataset_display_name=name)
            for name, frame in (("a_rows", asked), ("b_register", known))
        ]
        linker = Linker(tables, settings, log_level=None, validate_settings=False)
        everywhere = pl.lit(None, pl.Int32).alias("county")
        for form in FREQUENCIES:
            values = pl.concat([asked.select(form), known.select(form)]).drop_nulls().unique()
            shares = population.shares(values.with_columns(everywhere), form)
            table = values.with_columns(shares.alias(f"tf_{form}")).to_arrow()
            linker.table_management.register_term_frequency_lookup(database.register(table), form)
        found = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT, warning_mode="never")
        levels = ", ".join(
            f"case gamma_{each.subject} when -1 then null else {len(each.levels) - 1} - gamma_{each.subject} end "
            f"as {each.subject}"
            for each in comparisons
        )
        pairs = f"select id_l as line, id_r as person, match_weight as weight, {levels} from {found.physical_name}"
        return pl.DataFrame(pl.from_arrow(connection.sql(pairs).to_arrow_table()))


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


def main(folder: str, persons: str, rows: str, out: str) -> None:
    calls = Calls(Path(folder), int(persons), int(rows))
    scored(pl.read_parquet(calls.asked), calls.register()).write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
