"""Every accepted row of a source, superseded ones too: what histories are told from."""

from shouwang.deliveries.ledger import deliveries
from shouwang.kernel.home import Home


def all_rows(home: Home, source: str, numbers: list[int] | None = None) -> str:
    """A FROM item for DuckDB over the rows of committed deliveries (all, or those numbered); empty where none."""
    paths = [
        home.rows(source) / f"{report.label}.parquet"
        for report in deliveries(home, source=source)
        if report.accepted and (numbers is None or report.number in numbers)
    ]
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{listed}])" if paths else ""
