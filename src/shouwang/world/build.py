"""A world on disk: everybody's months county by county, and the truth beside them. Killed and run again, it goes on.

```
world/
  world.json                          what it was made from, and whether it is finished
  lives/<source>/<county>.parquet     what each department came to know, and the month in which it sends it
  truth/persons/<county>.parquet      who lives where, registered from which month, gone since which day
  truth/troubles/<county>.parquet     which household really was in trouble, since when, until when
```

Money in `lives` is in fen, -1 being an empty cell. Nothing of the product reads a world; it reads the files written
from it (`shouwang.world.files`).
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import replace_file
from shouwang.world.calendar import SENDING_DAY, Calendar, parse_month
from shouwang.world.draws import days, words
from shouwang.world.lives import live
from shouwang.world.people import PERSON_SPAN, County, people_of
from shouwang.world.places import CountyPlan, plan_places
from shouwang.world.story import Story

MARKER = "world.json"
LONGEST_MONTHS = 60
Progress = Callable[[int], None]


@dataclass(frozen=True)
class WorldPlan:
    """What a world follows from, to the last row."""

    persons: int
    months: int
    seed: int
    start: str

    def __post_init__(self) -> None:
        if not 1 <= self.months <= LONGEST_MONTHS:
            raise InputError(f"月数 {self.months} 超出范围", f"请写 1 到 {LONGEST_MONTHS} 之间的整数")
        parse_month(self.start)

    @property
    def calendar(self) -> Calendar:
        return Calendar(parse_month(self.start), self.months)

    def places(self) -> list[CountyPlan]:
        return plan_places(self.persons, self.seed)


@dataclass(frozen=True)
class World:
    """A folder that holds a world, or will hold one."""

    folder: Path

    def plan(self) -> WorldPlan | None:
        """What the world is made from; None where there is none yet."""
        return WorldPlan(**self._noted()["plan"]) if self._marker.is_file() else None

    def is_finished(self) -> bool:
        return self._marker.is_file() and bool(self._noted()["finished"])

    def note(self, plan: WorldPlan, finished: bool) -> None:
        content = {"synthetic": "全部为合成数据，与真实个人无关", "plan": asdict(plan), "finished": finished}
        replace_file(self._marker, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def lives(self, source: str) -> Path:
        return self.folder / "lives" / source

    @property
    def truth(self) -> Path:
        return self.folder / "truth"

    @property
    def _marker(self) -> Path:
        return self.folder / MARKER

    def _noted(self) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads(self._marker.read_text(encoding="utf-8"))
        return noted


def open_world(folder: Path) -> tuple[World, WorldPlan]:
    """A finished world.

    Raises:
        InputError: there is none in the folder, or building it was interrupted.
    """
    world = World(folder)
    plan = world.plan()
    if plan is None:
        raise InputError(f"{folder} 里没有演示城市", "先运行 shouwang world build")
    if not world.is_finished():
        raise InputError(f"{folder} 里的演示城市尚未建完", "再次运行同一条 shouwang world build 命令，会接着建完")
    return world, plan


def build_world(folder: Path, plan: WorldPlan, progress: Progress) -> World:
    """Builds the world, or what is missing of it; `progress` hears how many counties are done.

    Raises:
        InputError: the folder holds another world, or something else.
    """
    world = World(folder)
    _require_own(world, plan)
    if world.is_finished():
        return world
    places = plan.places()
    folder.mkdir(parents=True, exist_ok=True)
    world.note(plan, finished=False)
    for done, place in enumerate(places, start=1):
        if not _persons_file(world, place.code).exists():
            county = people_of(plan.seed, place, plan.calendar)
            _keep(world, county, live(county))
        progress(done)
    world.note(plan, finished=True)
    return world


def bytes_of_lives(persons: int, months: int) -> int:
    """What a world takes of the disk, measured on worlds of two hundred thousand persons and more."""
    return persons * (160 + 10 * months)


def _require_own(world: World, plan: WorldPlan) -> None:
    there = world.plan()
    if there is not None and there != plan:
        raise InputError(
            f"{world.folder} 里已有另一座演示城市（{there.persons} 人，{there.months} 个月，种子 {there.seed}）",
            "换一个目录，或删去原有目录后再试",
        )
    if there is None and world.folder.exists() and any(world.folder.iterdir()):
        raise InputError(f"{world.folder} 不是空目录", "请为演示城市另选一个空目录")


def _persons_file(world: World, county: str) -> Path:
    return world.truth / "persons" / f"{county}.parquet"


def _keep(world: World, county: County, story: Story) -> None:
    """Writes a county's files; that of its persons comes last and says that the rest is there."""
    code = county.plan.code
    for source in SENDING_DAY:
        rows = story.rows(source)
        if rows is not None:
            write_parquet(rows, world.lives(source) / f"{code}.parquet")
    write_parquet(story.troubles(), world.truth / "troubles" / f"{code}.parquet")
    write_parquet(_persons(county, story), _persons_file(world, code))


def _persons(county: County, story: Story) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "person": county.code * PERSON_SPAN + np.arange(county.size),
            "id_number": county.ids,
            "name": county.names,
            "sex": words(("女", "男"), county.male.astype(np.int64)),
            "birth_date": days(county.birth_day),
            "household_no": county.h_number.gather(county.household),
            "division_code": county.village_codes(county.household),
            "registered_from": _first_days(county.calendar)[story.registered_from],
            "left_on": days(story.left_on),
        }
    )


def _first_days(calendar: Calendar) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array([date.isoformat(calendar.month(index)) for index in range(calendar.count)], dtype="datetime64[D]")


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes the whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    frame.write_parquet(temporary, row_group_size=100_000)
    temporary.rename(path)
