"""Imports point one way: the contracts hold, cover every part, and would notice a breach."""

import configparser
import os
import subprocess
import sys
from pathlib import Path

from repository import layout

CONTRACTS = layout.ROOT / ".importlinter"


def lint(folder: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter with the contracts in `folder` over the package in `source`."""
    environment = os.environ | {"PYTHONPATH": str(source)}
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run(
        [*command, "--no-cache", "--config", str(folder / ".importlinter")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_contracts_hold() -> None:
    done = lint(layout.ROOT, layout.ROOT / "src")
    assert done.returncode == 0, done.stdout


def _parts() -> set[str]:
    return {path.name for path in (layout.ROOT / "src" / "shouwang").iterdir() if (path / "__init__.py").exists()}


def test_every_part_is_in_the_layers() -> None:
    read = configparser.ConfigParser()
    read.read(CONTRACTS, encoding="utf-8")
    layers = read["importlinter:contract:layers"]["layers"]
    parts = _parts()
    assert parts >= {"kernel", "clues", "web"}
    named = {
        name.strip().removeprefix("shouwang.")
        for line in layers.splitlines()
        for name in line.split("|")
        if name.strip()
    }
    assert parts == named


def test_a_breach_is_noticed(tmp_path: Path) -> None:
    for name in _parts():
        _package(tmp_path, name)
    (tmp_path / ".importlinter").write_text(CONTRACTS.read_text(encoding="utf-8"), encoding="utf-8")
    contract = tmp_path / "shouwang" / "sources" / "contract.py"
    contract.write_text("")
    (tmp_path / "shouwang" / "web" / "upload.py").write_text("import shouwang.sources.contract\n")
    assert lint(tmp_path, tmp_path).returncode == 0, lint(tmp_path, tmp_path).stdout
    for importing, imported in (
        ("screening", "django.db"),
        ("kernel", "shouwang.sources"),
        ("clues", "shouwang.facts"),
        ("web", "shouwang.screening"),
        ("jobs", "shouwang.world"),
        ("linkage", "shouwang.sources"),
    ):
        planted = tmp_path / "shouwang" / importing / "breach.py"
        planted.write_text(f"import {imported}\n")
        assert lint(tmp_path, tmp_path).returncode == 1, f"{importing} → {imported} went unnoticed"
        planted.unlink()


def _package(folder: Path, name: str) -> None:
    package = folder / "shouwang" / name
    package.mkdir(parents=True)
    (folder / "shouwang" / "__init__.py").touch()
    (package / "__init__.py").touch()
