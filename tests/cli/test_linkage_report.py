"""`shouwang linkage measure` and `thresholds` over a home that took in the files of a small city whose truth is known."""

import subprocess
from pathlib import Path

import pytest

from cli.test_command_line import result, run
from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.home import init_home
from shouwang.world.build import WorldPlan, build_world
from shouwang.world.files import write_files

SOURCES = ("household_register", "hotline_complaint")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("linkage")
    world, home = folder / "world", init_home(folder / "home")
    build_world(world, WorldPlan(persons=9_000, months=3, seed=11, start="2021-01"), lambda done: None)
    searched: list[tuple[int, int]] = []
    for sent in write_files(world, False, lambda done: None):
        if sent.source in SOURCES:
            ingest_file(
                home, sent.source, world / sent.file, sent.received_on,
                searched=lambda seen, people: searched.append((seen, people)),
            )  # fmt: skip
    assert searched, "calls without a number are looked for in the register"
    assert all(seen == people > 8_000 for seen, people in searched)
    return home.path, world


def test_the_thresholds_with_their_picture(city: tuple[Path, Path], tmp_path: Path) -> None:
    home, world = city
    chart = tmp_path / "门限.svg"
    words = ("linkage", "thresholds", "--world", str(world))
    told = result(run(home, *words, "--chart", str(chart), "--json"))
    at = told["thresholds"]
    assert [each["threshold"] for each in at][:2] == [0.1, 0.2]
    assert at[0]["first"]["decided"] >= 3
    assert at[0]["uncertain"] == 0
    decided = [each["first"]["decided"] for each in at]
    assert decided == sorted(decided, reverse=True)
    assert all(each["first"]["decided"] + each["uncertain"] == decided[0] for each in at)
    assert chart.read_text(encoding="utf-8").startswith("<svg")
    said: subprocess.CompletedProcess[str] = run(home, *words)
    assert said.returncode == 0, said.stderr
    assert "由人认定后才计入" in said.stdout


def test_measured_is_each_step(city: tuple[Path, Path]) -> None:
    home, world = city
    told = result(run(home, "linkage", "measure", "--world", str(world), "--json"))
    assert told["steps"]["linked"]["precision"] == 1
    assert told["steps"]["review"]["decided"] >= 3
    assert told["rows"] == sum(sum(counts.values()) for counts in told["outcomes"].values())


def test_a_folder_that_is_no_city_is_said_so(city: tuple[Path, Path], tmp_path: Path) -> None:
    refused = run(city[0], "linkage", "thresholds", "--world", str(tmp_path), "--chart", str(tmp_path / "x.svg"))
    assert refused.returncode != 0
    assert "真实情况" in refused.stderr
    assert not (tmp_path / "x.svg").exists()
    assert refused.stdout == ""
