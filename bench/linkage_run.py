"""The linkage that is measured, as a whole process: proposals for all rows asked, beside a register, into a file.

python -m bench.linkage_run FOLDER PERSONS ROWS OUT
"""

import sys
from pathlib import Path

import polars as pl

from bench.linkage_city import Calls
from shouwang.linkage.proposals import Proposals


def main(folder: str, persons: str, rows: str, out: str) -> None:
    calls = Calls(Path(folder), int(persons), int(rows))
    tell = lambda seen: print(f"\r{seen:,}", end="", file=sys.stderr)  # noqa: E731
    found = Proposals(calls.register(), tell).propose(pl.read_parquet(calls.asked))
    found.write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
