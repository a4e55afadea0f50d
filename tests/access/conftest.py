"""The province is made once for the tests of a file, each of which takes back what it does to it."""

from typing import Any

import pytest
from small_province import Province, make_province

from shouwang.audit.record import record_alone
from shouwang.kernel.home import Home


@pytest.fixture(scope="module")
def small_province(rows_of_the_file: None, home_of_the_file: Home, django_db_blocker: Any) -> Province:
    with django_db_blocker.unblock():
        record_alone(None, "login_refused")  # the chain has its head: no refusal that is taken back makes one anew
        return make_province()
