"""The clocks go on by themselves: by the command, again without harm, and from the background process."""

import json
from datetime import timedelta

import pytest
from desks import COUNTY
from django.conf import settings
from django.utils.timezone import localdate
from offices import area, asked, make_people, open_clue
from typer.testing import CliRunner

from shouwang.clues import handling
from shouwang.clues.models import Clue
from shouwang.jobs import casework, worker

pytestmark = pytest.mark.usefixtures("households", "home")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch):
    import typer

    from shouwang.cli import clocks

    monkeypatch.setattr(casework, "require_ready", lambda home: None)
    app = typer.Typer()
    clocks.register(app)
    return lambda *words: CliRunner().invoke(app, words)


def overdue_clue() -> Clue:
    clue = open_clue()
    people, long_ago = make_people(), localdate() - timedelta(days=40)
    handling.dispatch(
        clue.number, to=area(COUNTY), acting_user=people["city"], requirements=asked(long_ago), on=long_ago
    )
    return clue


def test_the_command_raises_what_is_overdue_once(command) -> None:
    clue = overdue_clue()
    assert json.loads(command("--json").stdout)["raised"] == 1
    assert json.loads(command("--json").stdout) == {
        "on": localdate().isoformat(),
        "arrived": 0,
        "followed": 0,
        "sent_on": 0,
        "raised": 0,
        "cases": 0,
        "plans": 0,
        "relapsed": 0,
        "reminded": 0,
    }
    clue.refresh_from_db()
    assert clue.raised_to == 1
    assert "上报 0 步" in command().stdout


def test_a_day_to_come_is_refused(command) -> None:
    result = command("--on", (localdate() + timedelta(days=2)).isoformat())
    assert "还没有到" in str(result.exception)


def test_the_background_process_keeps_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clue = overdue_clue()
    monkeypatch.setattr("django.db.connection.close", lambda: None)
    worker.look_after_once()
    clue.refresh_from_db()
    assert clue.raised_to == 1


def test_a_lake_that_cannot_be_copied_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    home = settings.HOME
    home.copies.write_text("no folder")
    worker.copy_once(home)
    assert "the sorted copies could not be made" in caplog.text
    home.copies.unlink()
    worker.copy_once(home)
    assert home.copies.is_dir()
