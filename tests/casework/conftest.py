"""The casework's ground for a test: areas, two households, and a way to send department files."""

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from delivering import Send, sending
from desks import FOREIGN_VILLAGE, OTHER_VILLAGE, SIBLING, VILLAGE, make_areas
from offices import make_people
from register_office import ROWS, Office

from conftest_numbers import number
from shouwang.accounts.models import User
from shouwang.households.models import Household
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home

HEADER = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,健康状况,劳动技能,联系电话"


@pytest.fixture
def areas(db: None) -> None:
    make_areas()


@pytest.fixture
def households(areas: None) -> dict[str, Household]:
    """One household in each village."""
    places = {"H1": VILLAGE, "H2": SIBLING, "H3": OTHER_VILLAGE, "H4": FOREIGN_VILLAGE}
    made = {}
    for household_no, place in places.items():
        made[household_no] = Household.objects.create(
            household_no=household_no,
            area_id=place,
            household_type="一般农户",
            head_name="冉大田",
            member_count=1,
            received_on=date(2021, 1, 5),
            delivery=1,
            line=2,
        )
    return made


@pytest.fixture
def send(home: Home, tmp_path: Path) -> Send:
    return sending(home, tmp_path)


@pytest.fixture
def send_register(send: Send) -> Send:
    return lambda *lines, on="2021-01-05": send("household_register", [HEADER, *lines], on)


def registered(home: Home, send: Send) -> dict[str, User]:
    """Everybody at the desks of a register of two households."""
    numbers = {str(serial): number(serial) for serial in range(1, 5)}
    send("household_register", [HEADER, *(row.format(*["", *numbers.values()], village=VILLAGE) for row in ROWS)])
    load_register(home)
    return make_people()


@pytest.fixture
def office(home: Home, areas: None, send: Send) -> Office:
    return Office(registered(home, send))


@pytest.fixture(scope="module")
def areas_of_the_file(rows_of_the_file: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        make_areas()


@pytest.fixture(scope="module")
def send_for_the_file(home_of_the_file: Home, tmp_path_factory: pytest.TempPathFactory) -> Send:
    return sending(home_of_the_file, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def people_of_the_file(
    areas_of_the_file: None, home_of_the_file: Home, send_for_the_file: Send, django_db_blocker: Any
) -> dict[str, User]:
    with django_db_blocker.unblock():
        return registered(home_of_the_file, send_for_the_file)


@pytest.fixture
def office_as_made(db: None, people_of_the_file: dict[str, User], home_as_made: Home) -> Office:
    """The office made once for a file, as each of its tests finds it; a file that wants it calls it `office`."""
    return Office(deepcopy(people_of_the_file))
