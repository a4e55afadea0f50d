"""The bench of the rules on data quality at its smallest: what is multiplied is as many times as faulty, no more and no less."""

from datetime import date
from pathlib import Path

import pytest
from bench.city import City
from bench.multiplying import households_of, multiply
from bench.processes import Measured
from bench.quality import row_of

from shouwang.deliveries.lake import Lake
from shouwang.facts.setting import Setting
from shouwang.kernel.home import Home
from shouwang.policy.pack import load_pack
from shouwang.quality.check import check
from shouwang.quality.tables import Desk, make_tables

AS_OF = date(2021, 12, 31)


@pytest.mark.long
def test_every_copy_has_the_faults_of_the_original(tmp_path: Path) -> None:
    city = City(tmp_path / "small", 1000, months=2)
    for step in (city.build, city.write, city.take_in):
        step(lambda done: None)
    done = check(Home(city.home), load_pack(), AS_OF, Desk())
    multiply(city.home, tmp_path / "large", 3, lambda done: None)
    large = check(Home(tmp_path / "large"), load_pack(), AS_OF, Desk())
    assert households_of(tmp_path / "large") >= large.households == 3 * done.households
    assert len(large.found) == 3 * len(done.found) > 0
    with Lake(Home(tmp_path / "large"), AS_OF) as lake:
        make_tables(lake, Setting(AS_OF, load_pack().at(AS_OF)), Desk())
        [(people, persons)] = lake.run("SELECT count(*), count(DISTINCT person) FROM member").fetchall()
    assert people == persons


def test_the_line_says_what_was_measured() -> None:
    run = Measured(12.4, 20.6, 1500.0, '{"rules": 28, "found": 70000}\n')
    assert row_of(run, 1_000_000, 3_520_000) == (
        "| 1,000,000 households, 3,520,000 persons | 28 rules | 12 s | 21 s | 1,500 MB | 70,000 found |"
    )
