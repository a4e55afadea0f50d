"""Every accepted row of a source, superseded ones too: what histories are told from."""

from datetime import date

from shouwang.deliveries.decided_links import rows_with_decided, standing
from shouwang.deliveries.ledger import deliveries, label
from shouwang.kernel.home import Home


def all_rows(home: Home, source: str, numbers: list[int] | None = None, known_at: date | None = None) -> str:
    """A FROM item for DuckDB over the rows of committed deliveries (all, or those numbered); empty where none.

    Rows whose person was decided by people have it. `known_at`: only what was delivered and decided by that day.
    """
    paths = [
        home.rows(source) / f"{report.label}.parquet"
        for report in deliveries(home, known_at, source)
        if report.accepted and (numbers is None or report.number in numbers)
    ]
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    if not paths:
        return ""
    numbers = {path.stem for path in paths}
    decided = [each for each in standing(home, known_at).values() if label(each.delivery) in numbers]
    return rows_with_decided(f"read_parquet([{listed}])", decided)
