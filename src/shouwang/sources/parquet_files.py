"""Reading .parquet: bulk hand-over between systems. Every value becomes the text that a sheet would show."""

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.kernel.errors import InputError
from shouwang.sources.contract import Contract
from shouwang.sources.headers import Header, find_header, refuse_without_header
from shouwang.sources.workbooks import number_text

BATCH_ROWS = 100_000
MOST_ROWS = 1_000_000_000
LARGEST_COLUMN = 1 << 30  # bytes of one column in one group of rows, unpacked: it is read whole


class ParquetFile:
    """One .parquet file; its column names are the header, and line 1 is its first row."""

    encoding = "parquet"
    sheet: str | None = None

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._file = pq.ParquetFile(stream, page_checksum_verification=True)
        except (pa.ArrowException, OSError):
            raise InputError("Parquet 文件已损坏或不完整，可能只传了一半", "请重新导出后再报送") from None
        told = self._file.metadata
        groups = [told.row_group(place) for place in range(told.num_row_groups)]
        if told.num_rows > MOST_ROWS or any(_largest(group) > LARGEST_COLUMN for group in groups):
            raise InputError("Parquet 文件展开后过大，已拒绝读取", "请拆分成较小的文件，每组不超过一百万行")

    def find_header(self, contract: Contract) -> Header:
        """Raises InputError where a required column is missing."""
        rows = [(0, list(self._file.schema_arrow.names))]
        header = find_header(rows, contract)
        if header is None:
            raise refuse_without_header(rows, contract)
        return header

    def chunks(self, header: Header) -> Iterator[pl.DataFrame]:
        """The rows as text: `line`, `surplus` and `c0` … for each column."""
        line = 0
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS):
                frame = pl.DataFrame(pl.from_arrow(batch))
                texts = [_as_text(frame.to_series(place)).alias(f"c{place}") for place in range(header.width)]
                lines = pl.Series("line", range(line + 1, line + 1 + frame.height), dtype=pl.Int32)
                line += frame.height
                yield pl.DataFrame([lines, *texts]).with_columns(pl.lit(False).alias("surplus"))
        except (pa.ArrowException, OSError, pl.exceptions.PolarsError):
            raise InputError("Parquet 文件已损坏或含有无法读取的列", "请重新导出后再报送") from None


def _largest(group: pq.RowGroupMetaData) -> int:
    return max((group.column(place).total_uncompressed_size for place in range(group.num_columns)), default=0)


def _as_text(values: pl.Series) -> pl.Series:
    if values.dtype.is_float():
        shown = [None if value is None else number_text(repr(value)) for value in values]
        return pl.Series(values.name, shown, dtype=pl.String)
    if values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%d")
    return values.cast(pl.String)
