"""Taking a department file in: read, examined, linked, compared with what is known, and kept, or refused whole."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.deliveries import ledger
from shouwang.deliveries.examination import examine
from shouwang.deliveries.identities import Pseudonyms, RegisteredPersons
from shouwang.deliveries.key_map import REGISTER
from shouwang.deliveries.known import Opened, supersedes_since, with_outcome
from shouwang.deliveries.lake import quoted
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.deliveries.linking import COUNTY, Linker
from shouwang.deliveries.quarantine import seal_rows
from shouwang.deliveries.rowkeys import with_keys
from shouwang.kernel.ahead import in_order, read_ahead, run_aside
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.file_names import readable_name
from shouwang.kernel.home import Home, sync_folder
from shouwang.kernel.limits import database_memory, room_for
from shouwang.kernel.pack import divisions_folder
from shouwang.kernel.refusals import refusal
from shouwang.sources.columns import Setting
from shouwang.sources.contract import Contract, contract
from shouwang.sources.files import Survey, open_reader, survey
from shouwang.sources.headers import Header

Progress = Callable[[int], None]
Search = Callable[[int, int], None]
Telling = tuple[Progress | None, Search | None]
TEXT_DISK = 1.5
DISK_A_BYTE = {"xlsx": 8.0, "parquet": 3.0}
"""Bytes of rows at rest, and while duplicates are set apart once more, for each byte of a file; text packs better than it did."""
GROUP_ROWS = 122_880
"""Rows of a row group of the lake: few counties lie in one, and whoever asks about one county passes over the others."""
MEMORY_SHARE = 0.25  # of the limit; what was read of a file lies in Python


@dataclass(frozen=True)
class _Taken:
    """What became of one chunk."""

    read: int
    closing_lines: list[int]
    rows: pl.DataFrame
    quarantine: pl.DataFrame
    mends: list[tuple[str, int, int]]


@dataclass
class _Work:
    """What grows while a file is read."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: list[int] = field(default_factory=list)
    mended: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    keys: list[pl.DataFrame] = field(default_factory=list)
    quarantine: list[pl.DataFrame] = field(default_factory=list)
    review: pl.DataFrame = field(default_factory=pl.DataFrame)

    def add(self, taken: _Taken, is_register: bool) -> None:
        self.counts["read"] += taken.read
        self.skipped += taken.closing_lines
        wanted = ["line", "key", "content", *(("person", "household_no") if is_register else ("link",))]
        self.keys.append(taken.rows.select(each for each in wanted if each in taken.rows.columns))
        if not taken.quarantine.is_empty():
            self.quarantine.append(taken.quarantine)
            codes = taken.quarantine["reasons"].list.eval(pl.element().str.split(":").list.first()).list.unique()
            self.reasons.update(codes.explode().to_list())
        for of, line, here in taken.mends:
            self.mended.setdefault(of, []).append((line, here))


def ingest_file(
    home: Home,
    source: str,
    path: Path | BinaryIO,
    received_on: date,
    *,
    name: str | None = None,
    encoding: str | None = None,
    progress: Progress | None = None,
    searched: Search | None = None,
) -> DeliveryReport:
    """Takes one file of one source and returns its report; the same bytes again change nothing.

    Args:
        path: the file, or an open seekable stream of its bytes (then `name` says what it is called).
        received_on: the day on which the department handed it over.
        encoding: what the sender says; otherwise UTF-8 is tried, then GB18030.
        progress: told the number of rows read so far.
        searched: told, while persons are looked for whom a row names without a usable number, how many of the register
            were looked at, and of how many.

    Raises:
        InputError: unknown source, missing or unreadable file, missing required column; nothing was taken.
        Failure: the disk is full or the home damaged; nothing was taken.
    """
    expected = contract(source)
    with ExitStack() as stack:
        if isinstance(path, Path):
            if path.is_dir():
                raise InputError(f"{path} 是目录，不是文件", "写出其中的文件名")
            if not path.is_file():
                raise InputError(f"找不到文件 {path}", "核对文件名和位置")
            name = name or readable_name(path)
            stream: BinaryIO = stack.enter_context(path.open("rb"))
        else:
            stream = path
        try:
            seen = survey(stream)
            room_for(disk_for(name or "", seen.size), home.path)
            stack.enter_context(home.writing())
            name = mask_identity_numbers(name or "上传文件")
            return _take(home, expected, stream, name, seen, received_on, encoding, (progress, searched))
        except InputError as problem:
            raise InputError(f"{name}：{problem.message}", problem.advice) from problem
        except OSError as problem:
            what, advice = refusal(problem)
            raise Failure(f"{name}：{what}，未取用任何内容", f"{advice}后再次运行同一命令") from problem
        except (duckdb.Error, pa.ArrowException, pl.exceptions.PolarsError) as problem:
            raise Failure(
                f"{name}：读写失败（{type(problem).__name__}），未取用任何内容",
                "检查磁盘空间和目录权限后再次运行同一命令",
            ) from problem


def disk_for(name: str, size: int) -> int:
    """Bytes that a file of so many bytes takes of the home's disk at most while it is taken in."""
    return int(size * DISK_A_BYTE.get(name.lower().rsplit(".", 1)[-1], TEXT_DISK))


def _take(
    home: Home,
    expected: Contract,
    stream: BinaryIO,
    name: str,
    seen: Survey,
    received_on: date,
    encoding: str | None,
    telling: Telling,
) -> DeliveryReport:
    earlier = [each for each in ledger.deliveries(home, source=expected.source) if each.sha256 == seen.sha256]
    if earlier and not supersedes_since(home, earlier[-1]):
        return _nothing_new(earlier[-1], name)
    reader = open_reader(stream, name, seen, encoding)
    header = reader.find_header(expected)
    draft = DeliveryReport(
        number=ledger.next_number(home),
        source=expected.source,
        file=name,
        sha256=seen.sha256,
        size=seen.size,
        received_on=received_on,
        ingested_at=ledger.now_text(),
        encoding=reader.encoding,
        sheet=reader.sheet,
        header_line=header.line,
        ignored_columns=tuple(mask_identity_numbers(each) for each in header.ignored),
    )
    memory = database_memory(MEMORY_SHARE)
    with ExitStack() as stack:
        settled_by = partial(
            duckdb.connect, config={"threads": 2, "memory_limit": memory, "temp_directory": str(home.staging)}
        )
        connection = cache(lambda: stack.enter_context(settled_by()))
        work = _Work()
        staged = home.staging / "rows.parquet"
        linker = _read_all(home, expected, header, reader.chunks(header), draft, work, staged, telling)
        report = _settle(home, draft, work, staged, connection, linker)
    if earlier and not report.accepted:
        return _nothing_new(earlier[-1], name)
    _keep(home, report, header, work)
    return report


def _nothing_new(earlier: DeliveryReport, name: str) -> DeliveryReport:
    """The earlier delivery's report for the same bytes, which may have come under another name."""
    return replace(
        earlier,
        file=name,
        accepted=0,
        duplicate=earlier.read,
        quarantined=0,
        quarantined_by_reason={},
        linked=0,
        corrected=0,
        review=0,
        unregistered=0,
        superseded=0,
        mended={},
        mended_at={},
        same_as=earlier.label,
    )


def _read_all(
    home: Home,
    expected: Contract,
    header: Header,
    chunks: Iterator[pl.DataFrame],
    draft: DeliveryReport,
    work: _Work,
    staged: Path,
    telling: Telling,
) -> Linker:
    """Examines and links chunk by chunk; accepted rows go to `staged`, the rest stays in `work` and in the linker."""
    setting = Setting(draft.received_on, load_divisions(divisions_folder()))
    registered = RegisteredPersons(home, draft.received_on, keep=True)
    loading = run_aside(registered.load if expected.source != REGISTER else lambda: None)
    sealer = home.sealer()
    progress, searched = telling
    linker = Linker(expected, Pseudonyms(home.keys()), registered, sealer, searched or (lambda seen, people: None))

    def take(chunk: pl.DataFrame) -> _Taken:
        examined = examine(chunk, header, expected, setting)
        loading.result()
        linked = linker.link(examined)
        sealed = seal_rows(examined, examined.faults, linked.refused, header, draft.number, sealer)
        rows = with_keys(linked.rows, expected, draft)
        mends = _mends(examined.raw.filter(~linked.refused), header)
        return _Taken(examined.rows.height, examined.closing_lines, rows, sealed, mends)

    few = ["delivery", "received_on", "repeated", "link"]
    few += [column.field for column in expected.columns if column.type in ("code", "name", "division", "year", "date")]
    writer: pq.ParquetWriter | None = None
    try:
        for taken in in_order(take, read_ahead(chunks)):
            work.add(taken, linker.is_register)
            table = taken.rows.to_arrow()
            if writer is None:
                writer = pq.ParquetWriter(staged, table.schema, compression="lz4", use_dictionary=few)
            writer.write_table(table.cast(writer.schema))
            if progress:
                progress(work.counts["read"])
    finally:
        loading.exception()  # the lock must not be given back under it
        if writer is not None:
            writer.close()
    return linker


def _settle(
    home: Home, draft: DeliveryReport, work: _Work, staged: Path, connection: Opened, linker: Linker
) -> DeliveryReport:
    """Sets duplicates aside and closes the account: read = accepted + duplicate + quarantined."""
    rows = pl.concat(work.keys) if work.keys else pl.DataFrame(schema={"line": pl.Int32, "key": pl.Int64})
    duplicates = superseded = 0
    links: dict[str, int] = {}
    if rows.height:
        outcome = with_outcome(rows, home, draft, connection)
        duplicates = int(outcome["duplicate"].sum())
        superseded = int(outcome["superseding"].sum())
        work.review = linker.review(outcome.filter(pl.col("duplicate"))["line"])
        outcome = outcome.with_columns(in_review=pl.col("line").is_in(work.review["line"].implode()))
        if "link" in rows.columns:
            link = rows.select(pl.when(outcome["in_review"]).then(pl.lit("review")).otherwise("link").alias("link"))
            links = dict(link.filter(~outcome["duplicate"])["link"].value_counts().drop_nulls().iter_rows())
        changed = bool(outcome.select(pl.any_horizontal("duplicate", "repeated", "in_review").any()).item())
        if changed or rows.height > GROUP_ROWS:
            _lay_out(staged, outcome if changed else None, connection())
    quarantined = sum(each.height for each in work.quarantine)
    accepted = work.counts["read"] - quarantined - duplicates
    return replace(
        draft,
        skipped_lines=tuple(work.skipped),
        read=work.counts["read"],
        accepted=accepted,
        duplicate=duplicates,
        quarantined=quarantined,
        quarantined_by_reason=dict(sorted(work.reasons.items())),
        linked=links.get("linked", 0),
        corrected=links.get("corrected", 0),
        review=links.get("review", 0),
        unregistered=links.get("unregistered", 0),
        superseded=superseded,
        mended={of: tuple(line for line, _ in lines) for of, lines in sorted(work.mended.items())},
        mended_at={of: tuple(here for _, here in lines) for of, lines in sorted(work.mended.items())},
    )


def _lay_out(staged: Path, outcome: pl.DataFrame | None, connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the rows that are taken as they lie in the lake: by county, within it by person (docs/scale.md, "Files")."""
    rows, laid_out = f"read_parquet({quoted(staged)}) as rows", staged.with_name("laid-out.parquet")
    if outcome is not None:
        connection.register("outcome", outcome.select("line", "duplicate", "repeated", "in_review").to_arrow())
        replaced = "outcome.repeated as repeated"
        if outcome["in_review"].any():
            replaced += ", case when in_review then 'review' else link end as link"
        rows = f"(select rows.* replace ({replaced}) from {rows} join outcome using (line) where not duplicate)"
    names = [name for name, *_ in connection.execute(f"describe select * from {rows}").fetchall()]
    order = ", ".join(name for name in (COUNTY, "person", "line") if name in names)
    connection.execute(
        f"copy (select * from {rows} order by {order}) to {quoted(laid_out)} "
        f"(format parquet, compression lz4, row_group_size {GROUP_ROWS})"
    )
    if outcome is not None:
        connection.unregister("outcome")
    laid_out.replace(staged)


def _mends(raw: pl.DataFrame, header: Header) -> list[tuple[str, int, int]]:
    """Rows of our own quarantine export say which row of which delivery they mend: delivery, line there, line here."""
    if header.mends_delivery is None or header.mends_line is None:
        return []
    pairs = raw.select(f"c{header.mends_delivery}", f"c{header.mends_line}", "line").drop_nulls()
    return [(of.strip(), int(line), here) for of, line, here in pairs.iter_rows() if line.strip().isdigit()]


def _keep(home: Home, report: DeliveryReport, header: Header, work: _Work) -> None:
    """Puts rows, quarantine and review in place, and then the report, which makes them count."""
    for orphan in home.lake.glob(f"*/{report.label}.*"):
        orphan.unlink()
    for orphan in home.lake.glob(f"rows/*/{report.label}.parquet"):
        orphan.unlink()
    staged = home.staging / "rows.parquet"
    if report.accepted:
        _place(staged, home.rows(report.source) / f"{report.label}.parquet")
    for folder, parts in (("quarantine", work.quarantine), ("review", [work.review])):
        frames = [part for part in parts if not part.is_empty()]
        if frames:
            target = home.staging / f"{folder}.parquet"
            pl.concat(frames).write_parquet(target, compression="zstd")
            _place(target, home.lake / folder / f"{report.label}.parquet")
    if work.quarantine:
        names = home.staging / "header.json"
        names.write_text(json.dumps(header.names, ensure_ascii=False), encoding="utf-8")
        _place(names, home.lake / "quarantine" / f"{report.label}.json")
    ledger.commit(home, report)


def _place(staged: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with staged.open("rb+") as stream:
        os.fsync(stream.fileno())
    staged.replace(target)
    sync_folder(target.parent)
