"""A small city for the pages: two counties, users of every level, households, clues and deliveries."""

import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from whole_city import make_areas, make_city

from shouwang.jobs.areas import load_areas
from shouwang.kernel.home import Home
from signed_in import sign_in


@pytest.fixture(scope="module")
def areas_of_the_file(rows_of_the_file: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        make_areas()


@pytest.fixture
def areas(db: None, areas_of_the_file: None) -> None: ...


@pytest.fixture(scope="module")
def city_of_the_file(areas_of_the_file: None, home_of_the_file: Home, django_db_blocker: Any) -> bytes:
    with django_db_blocker.unblock():
        city = make_city()
        connection.check_constraints()  # now: what waits for the end of a transaction lets PostgreSQL alter no table before
        return pickle.dumps(city)  # to write it down and read it takes a third of what copying takes


@pytest.fixture
def home(home_as_made: Home) -> Home:
    return home_as_made


@pytest.fixture
def city(db: None, city_of_the_file: bytes, home: Home) -> SimpleNamespace:
    """The city made once for a file, as each of its tests finds it.

    A file makes it anew for each (`city_anew`) where some tests are of several transactions, which empty tables, or deliver
    files of their own without a city.
    """
    read: SimpleNamespace = pickle.loads(city_of_the_file)
    return read


@pytest.fixture(scope="module")
def every_area_of_the_file(rows_of_the_file: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        load_areas()


@pytest.fixture
def every_area(db: None, every_area_of_the_file: None) -> None:
    """All twelve thousand areas of the pack, made once for a file. Some of the small city are not among them."""


@pytest.fixture
def areas_anew(db: None) -> None:
    make_areas()


@pytest.fixture
def city_anew(areas_anew: None, home: Home) -> SimpleNamespace:
    return make_city()


@pytest.fixture
def at_desk(city: SimpleNamespace) -> Callable[[str], Client]:
    """A browser in which a user of the small city is logged in."""

    def log_in(name: str) -> Client:
        client = Client()
        sign_in(client, city.users[name])
        return client

    return log_in
