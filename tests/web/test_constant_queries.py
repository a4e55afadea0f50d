"""A list asks the database no more for many rows than for few; the lists that have tests of their own are not here again."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from small_city import COUNTY, VILLAGE, make_case, make_household, make_user

from shouwang.accounts.models import User
from shouwang.assistance.models import Organisation
from shouwang.clues.models import ScreeningRun
from shouwang.notifications.models import Channel


def case(place: int, county: User) -> None:
    make_case(make_household(f"H-q{place}", VILLAGE, "向明", 500 + place))


def organisation(place: int, county: User) -> None:
    account = make_user(f"giver{place}", COUNTY, "social_force")
    Organisation.objects.create(
        name=f"公益组织{place}", credit_code=f"{place:018d}", area_id=COUNTY, contact="向明", account=account,
        registered_by=county, registered_on=localdate(),
    )  # fmt: skip


def screening(place: int, county: User) -> None:
    ScreeningRun.objects.create(as_of=date(2021, 5, place + 1), known_at=date(2021, 5, place + 1), asked_by=county)


def channel(place: int, county: User) -> None:
    Channel.objects.create(user=county, title=f"手机{place}", kind="json", mark=place, made_by=county)


def account(place: int, county: User) -> None:
    make_user(f"cadre{place}", VILLAGE, "village")


@pytest.mark.parametrize(
    ("url", "add"),
    [
        ("/cases/", case),
        ("/organisations/", organisation),
        ("/screenings/", screening),
        ("/channels/", channel),
        ("/users/", account),
    ],
)
def test_a_list_of_many_asks_no_more_than_a_list_of_few(
    city: SimpleNamespace, at_desk: Callable[[str], Client], url: str, add: Callable[[int, User], None]
) -> None:
    client, county = at_desk("county"), city.users["county"]

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    add(0, county)
    for _once_for_what_is_kept_in_memory in range(2):
        before = queries()
    for place in range(1, 12):
        add(place, county)
    assert queries() == before
