"""The run of a whole city: what is done is not done again, what a step takes is seen, and a small city goes through it all."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from bench.city import City
from bench.city_run import Step, Taken, bytes_under, report, run

from bench import city_run

ROOT = Path(__file__).parents[2]
PAGES = json.dumps({"overview (city)": [120.0, 40.0]})
TAKEN = Taken(2.0, 1.0, 500.0, 10.0, 12.0, PAGES)


@pytest.mark.long
def test_a_small_city_goes_from_nothing_to_its_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.city_run", "--sizes", "1000", "--months", "1", "--folder", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    kept = tmp_path / "1000-1m" / "steps"
    loaded = json.loads(json.loads((kept / "load.json").read_text())["output"])
    assert loaded["Person"] > 900
    assert loaded["RegisterChange"] >= loaded["Person"]
    screened = json.loads(json.loads((kept / "screen.json").read_text())["output"])
    assert sum(screened["clues_new"].values()) > 5
    again = json.loads(json.loads((kept / "screen-again.json").read_text())["output"])
    assert (sum(again["clues_new"].values()), again["clues"]) == (0, screened["clues"])
    for page in ("overview (city)", "clue (county)", "household (county)"):
        assert page in (tmp_path / "city-run.md").read_text()


def writing(folder: Path, name: str, words: str) -> Step:
    """A step that leaves three million bytes behind, held four more meanwhile, and counts how often it was done."""
    code = f"""
import pathlib, time
place = pathlib.Path({str(folder)!r}) / {name!r}
(place.parent / (place.name + ".tmp")).write_bytes(bytes(7_000_000))
time.sleep(0.3)
(place.parent / (place.name + ".tmp")).unlink()
place.write_bytes(bytes(3_000_000))
with (place.parent / "done").open("a") as done: done.write({name!r} + " ")
print("something"); print({words!r})
"""
    return Step(name, [sys.executable, "-c", code])


def test_what_is_done_is_not_done_again_and_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = City(tmp_path, 2_000, 1)

    def two(_: City) -> Sequence[Step]:
        return [writing(city.folder, "first", "{}"), writing(city.folder, "last one", PAGES)]

    monkeypatch.setattr(city_run, "steps", two)
    monkeypatch.setattr(city_run, "LOOKED_AT_EVERY", 0.02)
    found = run(city)
    assert [round(found[name].disk_mb) for name in found] == [3, 3]
    assert [round(found[name].most_disk_mb) for name in found] == [7, 7]
    assert found["last one"].output == PAGES
    assert [found[name].begun for name in found] == [1, 1]


def test_a_step_that_ends_before_it_is_looked_at_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = City(tmp_path, 2_000, 1)
    monkeypatch.setattr(city_run, "steps", lambda _: [writing(city.folder, "first", PAGES)])
    monkeypatch.setattr(city_run, "LOOKED_AT_EVERY", 60.0)
    assert round(run(city)["first"].disk_mb) == 3
    assert [each.name for each in (city.folder / "steps").iterdir()] == ["first.json"]


def test_what_a_killed_step_had_taken_counts_when_it_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = City(tmp_path, 2_000, 1)
    monkeypatch.setattr(city_run, "steps", lambda _: [writing(city.folder, "first", PAGES)])
    monkeypatch.setattr(city_run, "LOOKED_AT_EVERY", 0.02)
    found = run(city)["first"]
    (city.folder / "steps" / "first.json").unlink()
    begun = Taken(9.0, 100.0, 2_000.0, 3.0, 7.0, "", 1)
    (city.folder / "steps" / "first.begun").write_text(json.dumps(asdict(begun)))  # as it is put down meanwhile
    again = run(city)["first"]
    assert (city.folder / "done").read_text().split() == ["first", "first"]
    assert again.cpu_seconds == pytest.approx(100 + found.cpu_seconds, abs=0.3)
    assert (again.peak_mb, round(again.disk_mb), again.begun) == (2_000, 3, 2)
    assert run(city)["first"] == again
    assert not (city.folder / "steps" / "first.begun").exists()


def test_a_step_that_fails_ends_the_run_and_is_not_put_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = City(tmp_path, 2_000, 1)
    monkeypatch.setattr(city_run, "steps", lambda _: [Step("first", [sys.executable, "-c", "1 / 0"])])
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        run(city)
    assert not (city.folder / "steps" / "first.json").exists()


def test_the_report_shows_growth_and_says_where_memory_went_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_MEMORY", "1GB")
    names = [each.name for each in city_run.steps(City(Path(), 2_000))]
    tenfold = {size: dict.fromkeys(names, Taken(1, size / 100, 500, 1, 1, PAGES)) for size in (2_000, 20_000)}
    text = report(tenfold)
    assert "| ingest | 20,000 | 200 | 1.0 | 500 | 1.0 | 1.0 | 1.00 |" in text
    assert "| overview (city) | 120, 40 | 120, 40 |" in text
    assert "20,000 persons: taken in and screened with 1.0 × the bare scans" in text
    assert "(within the limit)" in text
    tenfold[20_000]["load"] = Taken(1, 1, 1_200, 1, 1, PAGES)
    assert "BEYOND the limit" in report(tenfold)
    tenfold[20_000]["load"] = TAKEN
    tenfold[20_000]["build"] = Taken(1, 1, 1_200, 1, 1, PAGES)  # the generator is no part of the product
    assert "(within the limit)" in report(tenfold)


def test_bytes_of_files_that_vanish_count_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(bytes(1_000))
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    assert bytes_under(tmp_path) == 1_000 + len(str(tmp_path / "nowhere"))
