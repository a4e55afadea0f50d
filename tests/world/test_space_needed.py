"""`shouwang world`: what a city takes of the disk is said before it is built, and where there is less nothing is begun."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shouwang.cli import world as commands
from shouwang.kernel import limits
from shouwang.kernel.errors import Failure

CITY = ("world", "build", "--persons", "20000000", "--months", "3", "--start", "2021-10")


def test_a_city_says_what_it_takes_and_is_not_begun_without_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.register(app)
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 4 * 10**9}))
    done = CliRunner().invoke(app, [*CITY, "--out", str(tmp_path / "city")])
    assert isinstance(done.exception, Failure)
    assert done.exception.message == "磁盘空间不够：预计占用磁盘 3.8 GB，可用 4.0 GB，未作任何改动"
    assert not (tmp_path / "city").exists()


def test_a_village_has_room(tmp_path: Path) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.register(app)
    done = CliRunner().invoke(
        app, ["world", "build", "--persons", "100", "--months", "1", "--out", str(tmp_path / "city")]
    )
    assert done.exit_code == 0, done.output
    assert "预计占用磁盘 1 MB" in done.stderr
    assert (tmp_path / "city" / "world.json").exists()
