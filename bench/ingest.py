"""One file taken in, as a process of its own.

python -m bench.ingest HOME SOURCE FILE RECEIVED_ON
"""

import json
import sys
from datetime import date
from pathlib import Path

from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.home import open_home


def main(home: str, source: str, file: str, received_on: str) -> None:
    """Prints what became of the rows."""
    report = ingest_file(open_home(Path(home)), source, Path(file), date.fromisoformat(received_on))
    print(json.dumps(report.as_json(), ensure_ascii=False, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
