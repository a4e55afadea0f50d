"""The files of a world: repeatable to the byte, what their truth says they are, and readable by the product."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from generated_city import PLAN, quiet

from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.kernel.citizen_id import is_valid
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.sources.contract import contract
from shouwang.sources.files import open_reader, survey
from shouwang.world.build import World, WorldPlan, build_world
from shouwang.world.dirt import MISSING_NUMBER, NOTHING, STRANGER
from shouwang.world.files import Sent, write_files


def fingerprints(folder: Path) -> dict[str, str]:
    """The content of everything that was built, by path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def links(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(sorted((folder / "truth" / "links").rglob("*.parquet")))


class Killed(BaseException):
    """The process ends here."""


def killed_at(step: int) -> object:
    def progress(done: int) -> None:
        if done == step:
            raise Killed

    return progress


def test_the_same_seed_gives_the_same_city_to_the_byte(world: Path, sent: list[Sent], tmp_path: Path) -> None:
    build_world(tmp_path / "again", PLAN, quiet)
    assert write_files(tmp_path / "again", False, quiet) == sent
    assert fingerprints(tmp_path / "again") == fingerprints(world)


def test_another_seed_gives_another_city(world: Path, tmp_path: Path) -> None:
    build_world(tmp_path / "other", WorldPlan(PLAN.persons, PLAN.months, PLAN.seed + 1, PLAN.start), quiet)
    persons = Path("truth") / "persons"
    mine, other = fingerprints(world / persons), fingerprints(tmp_path / "other" / persons)
    assert mine.keys() == other.keys()
    assert not set(mine.values()) & set(other.values())


def test_killed_and_run_again_it_is_as_if_never_killed(world: Path, sent: list[Sent], tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    with pytest.raises(Killed):
        build_world(folder, PLAN, killed_at(2))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="尚未建完"):
        write_files(folder, False, quiet)
    build_world(folder, PLAN, quiet)
    with pytest.raises(Killed):
        write_files(folder, False, killed_at(20))  # type: ignore[arg-type]
    assert write_files(folder, False, quiet) == sent
    assert fingerprints(folder) == fingerprints(world)


def test_files_of_no_world(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有演示城市"):
        write_files(tmp_path, False, quiet)
    assert not World(tmp_path).is_finished()


def test_every_line_is_about_whom_the_truth_says(world: Path, sent: list[Sent]) -> None:
    """Where nothing is wrong with a row, the number on that line, as the product reads it, is the true one."""
    truth = links(world)
    assert set(truth["file"]) <= {each.file.removeprefix("files/") for each in sent}
    checked = 0
    for each in sent:
        mine = truth.filter(pl.col("file") == each.file.removeprefix("files/"), pl.col("dirt") == NOTHING)
        if mine.is_empty():
            continue
        path = world / each.file
        with path.open("rb") as stream:
            reader = open_reader(stream, path.name, survey(stream))
            header = reader.find_header(contract(each.source))
            cells = pl.concat(reader.chunks(header))
        place = header.positions["id_number"]
        shown = cells.select(pl.col("line").cast(pl.Int64), number=_folded(f"c{place}"))
        both = mine.join(shown, on="line", how="left")
        told = both.filter(pl.col("number").str.len_chars() == 18)
        assert (told["number"] == told["id_number"]).all()
        assert told.height > 0.9 * both.height  # the rest is written with fifteen digits
        checked += told.height
    assert checked > 500


def _folded(column: str) -> pl.Expr:
    wide = {wide: plain for plain, wide in zip("0123456789X", "０１２３４５６７８９Ｘ", strict=True)}
    return pl.col(column).str.replace_many(wide).str.replace_all(r"[' ]", "").str.to_uppercase()


def test_dirt_is_what_its_label_says(world: Path, sent: list[Sent]) -> None:
    truth = links(world)
    labels = set(truth["dirt"])
    assert {NOTHING, STRANGER, MISSING_NUMBER} <= labels
    registered = set(pl.read_parquet(world / "truth" / "persons" / "*.parquet")["id_number"])
    strangers = truth.filter(pl.col("dirt") == STRANGER)["id_number"]
    assert all(is_valid(number) and number not in registered for number in strangers)
    assert set(truth.filter(pl.col("dirt") != STRANGER)["id_number"]) - registered <= set(strangers)


def _take_in(home: Home, folder: Path, sent: list[Sent]) -> list[DeliveryReport]:
    return [ingest_file(home, each.source, folder / each.file, each.received_on) for each in sent]


def test_the_product_takes_clean_files_without_a_murmur(tmp_path: Path, home: Home) -> None:
    folder = tmp_path / "clean"
    plan = WorldPlan(persons=300, months=1, seed=7, start="2021-01")
    build_world(folder, plan, quiet)
    reports = _take_in(home, folder, write_files(folder, True, quiet))
    assert sum(report.read for report in reports) > 900
    for report in reports:
        assert (report.quarantined, report.corrected, report.review, report.unregistered) == (0, 0, 0, 0), report.file
        assert report.accepted + report.duplicate == report.read


def test_the_product_meets_every_kind_of_dirt(world: Path, sent: list[Sent], home: Home) -> None:
    reports = _take_in(home, world, sent)
    for report in reports:
        assert report.accepted + report.duplicate + report.quarantined == report.read
    assert sum(report.unregistered for report in reports) > 0
    assert sum(report.duplicate for report in reports) > 0
    assert sum(report.corrected + report.quarantined for report in reports) > 0


def test_writing_clean_files_replaces_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    build_world(folder, WorldPlan(300, 1, 7, "2021-01"), quiet)
    write_files(folder, False, quiet)
    dirty = fingerprints(folder / "files")
    write_files(folder, True, quiet)
    assert set(links(folder)["dirt"]) == {NOTHING}
    write_files(folder, False, quiet)
    assert fingerprints(folder / "files") == dirty
