"""The province is made once for the tests of a file, each of which takes back what it does to it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from small_province import Province, make_province

from shouwang.audit.record import record_alone
from shouwang.cases.models import Case
from shouwang.elimination.conditions import Assessment
from shouwang.jobs.elimination import assessment_of
from shouwang.kernel.home import Home


@pytest.fixture(scope="module")
def small_province(rows_of_the_file: None, home_of_the_file: Home, django_db_blocker: Any) -> Province:
    with django_db_blocker.unblock():
        record_alone(None, "login_refused")  # the chain has its head: no refusal that is taken back makes one anew
        return make_province()


@pytest.fixture(scope="module")
def assessed() -> Callable[[Home, Case, date], Assessment]:
    """What the lake, which is empty here, says of the conditions of a case: asked of it once a case."""
    kept: dict[int, Assessment] = {}

    def assess(home: Home, case: Case, on: date) -> Assessment:
        if case.pk not in kept:
            kept[case.pk] = assessment_of(home, case, on)
        return kept[case.pk]

    return assess
