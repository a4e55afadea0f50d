"""A small world with its files, built once for all tests that only look at it."""

from pathlib import Path

import pytest
from generated_city import PLAN, quiet

from shouwang.world.build import build_world
from shouwang.world.files import Sent, write_files


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "city"
    build_world(folder, PLAN, quiet)
    return folder


@pytest.fixture(scope="session")
def sent(world: Path) -> list[Sent]:
    return write_files(world, False, quiet)
