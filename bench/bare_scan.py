"""The least that any screening must do: decode the columns that the rules look at, and nothing else.

python -m bench.bare_scan HOME COLUMNS
"""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq


def main(home: str, columns: str) -> None:
    """Prints how many rows were decoded; `columns` are the names by source, as JSON."""
    rows = 0
    for source, names in json.loads(columns).items():
        for file in sorted((Path(home) / "lake" / "rows" / source).glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches(batch_size=131_072, columns=names):
                rows += batch.num_rows
    print(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
