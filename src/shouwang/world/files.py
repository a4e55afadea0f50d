"""The files that departments would have sent: month by month, in their own formats, with their own dirt.

```
world/
  files/2021-03/医保结算明细_2021年03月.csv …
  files.json                          the files in the order in which they arrive; finished or not
  truth/links/2021-03/….parquet       whom each row is really about, and what is wrong with it
```
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from shouwang.kernel.home import replace_file
from shouwang.sources.contract import Contract, contracts
from shouwang.world.build import Progress, World, WorldPlan, open_world, write_parquet
from shouwang.world.calendar import SENDING_DAY
from shouwang.world.dirt import CLEAN, RATES, USUAL, spoil, strangers_and_repeats
from shouwang.world.draws import stream
from shouwang.world.habits import HABITS
from shouwang.world.tables import as_texts, with_apostrophes
from shouwang.world.writing import write_table

MANIFEST = "files.json"
PART_ROWS = 1_000_000
SENT_TWICE = ("hotline_complaint", "disaster_report", "social_assistance")
"""Each quarter one of these departments sends its file a second time, unchanged, two days later."""


@dataclass(frozen=True)
class Sent:
    """A file as it arrived; `file` is its path within the world."""

    source: str
    file: str
    received_on: date


def write_files(folder: Path, clean: bool, progress: Progress) -> list[Sent]:
    """Writes the files of a finished world, or what is missing of them; `progress` hears how many steps are done.

    There are months × sources steps. `clean` leaves out all dirt.

    Raises:
        InputError: the world is missing or unfinished.
    """
    world, plan = open_world(folder)
    manifest = folder / MANIFEST
    there = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else None
    if there is not None and there["clean"] != clean:
        shutil.rmtree(folder / "files", ignore_errors=True)
        shutil.rmtree(world.truth / "links", ignore_errors=True)
        there = None
    if there is not None and there["finished"]:
        return _listed(there["files"])
    _note(manifest, clean, [], finished=False)
    sent: list[Sent] = []
    steps = [(month, source) for month in range(plan.months) for source in _by_day()]
    for done, (month, source) in enumerate(steps, start=1):
        sent += _send(world, plan, contracts()[source], month, clean)
        progress(done)
    sent.sort(key=lambda each: each.received_on)
    _note(manifest, clean, sent, finished=True)
    return sent


def bytes_of_files(persons: int, months: int) -> int:
    """What the files of a world take of the disk with their truth, measured as `bytes_of_lives` was."""
    return persons * (450 + 30 * months)


def _by_day() -> list[str]:
    return sorted(SENDING_DAY, key=lambda source: SENDING_DAY[source])


def _note(manifest: Path, clean: bool, sent: list[Sent], finished: bool) -> None:
    files = [asdict(each) | {"received_on": each.received_on.isoformat()} for each in sent]
    content = {"clean": clean, "finished": finished, "files": files}
    replace_file(manifest, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _listed(files: list[dict[str, str]]) -> list[Sent]:
    return [Sent(each["source"], each["file"], date.fromisoformat(each["received_on"])) for each in files]


def _send(world: World, plan: WorldPlan, contract: Contract, month: int, clean: bool) -> list[Sent]:
    """The files of one source in one month: whole counties, in parts of about `PART_ROWS` rows."""
    parts = _parts(world, contract.source, month)
    received_on = plan.calendar.received_on(contract.source, month)
    first = plan.calendar.month(month)
    sent = []
    for number, counties in enumerate(parts, start=1):
        suffix = f"_第{number}部分" if len(parts) > 1 else ""
        stem = f"{contract.title}_{first:%Y年%m月}{suffix}"
        folder = Path("files") / plan.calendar.label(month)
        file = _written(world, folder, stem)
        if file is None:
            rows = pl.concat([_rows(path, month) for path in counties], how="diagonal")
            file = _write(world, plan, contract, rows, folder / stem, (month, number), clean)
        sent.append(Sent(contract.source, file, received_on))
    twice = not clean and month % 3 == 2 and SENT_TWICE[month // 3 % len(SENT_TWICE)] == contract.source
    return sent + [Sent(each.source, each.file, each.received_on + timedelta(days=2)) for each in sent if twice]


def _parts(world: World, source: str, month: int) -> list[list[Path]]:
    parts: list[list[Path]] = []
    rows = PART_ROWS
    for path in sorted(world.lives(source).glob("*.parquet")):
        count = pl.scan_parquet(path).filter(pl.col("arrives") == month).select(pl.len()).collect().item()
        if not count:
            continue
        if rows + count > PART_ROWS:
            parts.append([])
            rows = 0
        parts[-1].append(path)
        rows += count
    return parts


def _rows(path: Path, month: int) -> pl.DataFrame:
    return pl.scan_parquet(path).filter(pl.col("arrives") == month).drop("arrives").collect()


def _written(world: World, folder: Path, stem: str) -> str | None:
    """The file's path within the world, if an earlier run wrote it."""
    found = [path for path in (world.folder / folder).glob(f"{stem}.*") if path.suffix != ".tmp"]
    return str(found[0].relative_to(world.folder)) if found else None


def _write(
    world: World,
    plan: WorldPlan,
    contract: Contract,
    rows: pl.DataFrame,
    place: Path,
    which: tuple[int, int],
    clean: bool,
) -> str:
    """Writes the truth of the rows, then the file: a file that exists has its truth beside it."""
    habit = HABITS[contract.source]
    rng = stream(plan.seed, "dirt", contract.source, *which)
    rates = CLEAN if clean else RATES.get(contract.source, USUAL)
    rows = strangers_and_repeats(rows, rates, rng, plan.calendar.first_day)
    texts = as_texts(rows, contract, habit, rates.date_style, rng)
    texts, dirt = spoil(texts, contract, rates, rng, plan.calendar.start.year, rows["dirt"])
    texts = with_apostrophes(texts, habit)
    table = write_table(texts, contract, habit, plan.calendar.month(which[0]), world.folder / place)
    file = str(table.temporary.with_name(table.name).relative_to(world.folder))
    if contract.subject != "household" and contract.source != "household_register":
        lines = pl.int_range(table.first_line, table.first_line + rows.height, dtype=pl.Int64, eager=True)
        links = pl.DataFrame(
            {
                "file": pl.Series([file.removeprefix("files/")], dtype=pl.String).new_from_index(0, rows.height),
                "line": lines,
                "source": pl.Series([contract.source], dtype=pl.String).new_from_index(0, rows.height),
                "id_number": rows["true_id"],
                "dirt": dirt,
            }
        ).filter(pl.col("id_number").is_not_null())
        write_parquet(links, world.truth / "links" / f"{file.removeprefix('files/')}.parquet")
    table.temporary.rename(world.folder / file)
    return file
