"""Areas, and people with passwords at their desks."""

from collections.abc import Callable
from datetime import date

import pytest
from small_offices import PASSWORD, make_areas

from shouwang.accounts.actions import add_user
from shouwang.accounts.models import User

MakeUser = Callable[..., User]


@pytest.fixture
def areas(db: None) -> None:
    make_areas()


@pytest.fixture
def make_user(areas: None) -> MakeUser:
    def _make(username: str, area: str, duty: str, department: str = "", **more: object) -> User:
        return add_user(
            username=username,
            password=PASSWORD,
            display_name=f"某{username}",
            area_code=area,
            duty=duty,
            department=department,
            **{"starts_on": date(2020, 1, 1)} | more,
        )

    return _make
