"""Who lives in a world: counted, registered once, in real villages, with lives that change."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from generated_city import PLAN, quiet

from shouwang.kernel.citizen_id import birth_date, is_valid, sex
from shouwang.kernel.divisions import VILLAGE, load_divisions
from shouwang.kernel.errors import InputError
from shouwang.kernel.pack import divisions_folder
from shouwang.world.build import WorldPlan, build_world
from shouwang.world.calendar import Calendar
from shouwang.world.lives import live
from shouwang.world.people import people_of
from shouwang.world.places import plan_places
from shouwang.world.story import TROUBLES


@pytest.fixture(scope="module")
def persons(world: Path) -> pl.DataFrame:
    return pl.read_parquet(world / "truth" / "persons" / "*.parquet")


def test_exactly_as_many_persons_as_asked_for(persons: pl.DataFrame) -> None:
    assert persons.height == PLAN.persons
    assert persons["person"].n_unique() == PLAN.persons


def test_every_identity_number_is_valid_and_its_own(persons: pl.DataFrame) -> None:
    assert persons["id_number"].n_unique() == PLAN.persons
    for row in persons.iter_rows(named=True):
        assert is_valid(row["id_number"])
        assert birth_date(row["id_number"]) == row["birth_date"]
        assert sex(row["id_number"]) == row["sex"]


def test_households_live_in_real_villages(persons: pl.DataFrame) -> None:
    divisions = load_divisions(divisions_folder())
    for code in persons["division_code"].unique():
        found = divisions.get(code)
        assert found is not None
        assert found.level == VILLAGE
    assert persons["household_no"].str.starts_with(persons["division_code"]).all()


def test_a_large_world_has_people_in_every_county() -> None:
    plans = plan_places(60_000, 1)
    assert len(plans) == 38
    assert sum(plan.total for plan in plans) == 60_000


def test_somebody_born_on_the_first_day_of_all_has_a_birthday() -> None:
    place = plan_places(20_000, 1)[0]
    county = people_of(1, place, Calendar(date(2021, 1, 1), 1))
    county.birth_day[:] = 1
    assert live(county).rows("household_register")["birth_date"].null_count() == 0  # type: ignore[index]


def test_troubles_befall_households_of_the_world_and_end_after_they_begin(world: Path, persons: pl.DataFrame) -> None:
    troubles = pl.read_parquet(world / "truth" / "troubles" / "*.parquet")
    assert set(troubles["kind"]) <= set(TROUBLES)
    assert set(troubles["household_no"]) <= set(persons["household_no"])
    assert troubles.filter(pl.col("until") < pl.col("since")).is_empty()


def test_all_kinds_of_trouble_happen_somewhere() -> None:
    told = set[str]()
    kinds = set[str]()
    for place in plan_places(60_000, 3)[:12]:
        story = live(people_of(3, place, Calendar(date(2021, 1, 1), 12)))
        kinds |= set(story.troubles()["kind"])
        told |= {source for source in SOURCES if story.rows(source) is not None}
    assert set(TROUBLES) - kinds <= {"labour_shortage"}  # follows from the register, and is nobody's event
    assert told == set(SOURCES)


SOURCES = (
    "household_register", "income_statement", "medical_settlement", "medical_enrolment", "social_assistance",
    "school_roll", "disability_certificate", "employment_record", "housing_appraisal", "water_fault",
    "disaster_report", "accident_report", "vital_event", "asset_record", "industry_setback", "hotline_complaint",
)  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "about"),
    [
        ({"persons": 5}, "人数"),
        ({"persons": 30_000_000}, "人数"),
        ({"months": 0}, "月数"),
        ({"months": 100}, "月数"),
        ({"start": "2021-13"}, "月份"),
        ({"start": "january"}, "月份"),
    ],
)
def test_what_no_world_can_be_is_refused(tmp_path: Path, plan: dict[str, int | str], about: str) -> None:
    usual: dict[str, int | str] = {"persons": 300, "months": 1, "seed": 1, "start": "2021-01"}
    with pytest.raises(InputError, match=about):
        build_world(tmp_path / "w", WorldPlan(**usual | plan), quiet)  # type: ignore[arg-type]
    assert not (tmp_path / "w").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, world: Path) -> None:
    (tmp_path / "letter.txt").write_text("not a world")
    with pytest.raises(InputError, match="不是空目录"):
        build_world(tmp_path, PLAN, quiet)
    with pytest.raises(InputError, match="另一座演示城市"):
        build_world(world, WorldPlan(persons=1201, months=3, seed=7, start="2021-01"), quiet)
