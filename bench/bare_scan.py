"""The least that any screening must do: decode the columns that the rules look at, and nothing else.

python -m bench.bare_scan HOME COLUMNS.json
"""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq


def main(home: str, columns: str) -> None:
    """Prints how many rows were decoded; `columns` has the names by source."""
    rows = 0
    for source, names in json.loads(Path(columns).read_text()).items():
        for file in sorted((Path(home) / "lake" / "rows" / source).glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches(batch_size=131_072, columns=names):
                rows += batch.num_rows
    print(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
