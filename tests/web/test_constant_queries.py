"""Every page of the site asks the database no more for many rows than for few. Built from the URL map: a new page is in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from small_city import (
    AS_OF,
    COUNTY,
    VILLAGE,
    bring_to_village,
    make_amendment,
    make_case,
    make_clue,
    make_declaration,
    make_defect,
    make_delivery,
    make_elimination,
    make_export,
    make_household,
    make_message,
    make_register_request,
    make_user,
    standing,
)

from addresses import ADDRESSES, ANYONE, SIGNED_IN
from help_rows import make_help
from shouwang.accounts import sessions
from shouwang.assistance.models import Organisation
from shouwang.audit.record import record_alone
from shouwang.cases.models import Case
from shouwang.clues.models import Clue, ScreeningRun
from shouwang.notifications.models import Channel
from shouwang.sweeps.models import Campaign, SweepTask
from shouwang.web import worklist

pytestmark = pytest.mark.once(because="how many questions a page asks is counted, whatever answers them")

# Of those who may read a page, the first two of these look at it.
PEOPLE = ("county", "village", "city", "township", "department", "organisation", "auditor", "system_admin")
ABOUT = {
    "area": lambda city: [COUNTY],
    "poster_village": lambda city: [VILLAGE],
    "sweep": lambda city: [city.campaign.number],
    "case": lambda city: [city.case.number],
    "clue": lambda city: [city.clue.number],
    "household": lambda city: [city.household.pk],
    "account": lambda city: [city.account.pk],
}
ASKED = {"eliminations": "?group=watch"}
MANY, SHORTEST_LINE = 11, 60
WITHOUT_PAGES = {"channels", "organisations", "screenings", "audit", "policy"}
FROM_THE_LAKE = {"review"}  # its rows are no rows of the database


@pytest.fixture
def city(city: SimpleNamespace) -> SimpleNamespace:
    for duty in ("auditor", "system_admin"):
        city.users[duty] = make_user(duty, COUNTY, duty)
    return city


def grow(city: SimpleNamespace, place: int) -> None:
    """One more of everything that pages list."""
    county, day = city.users["county"], date(2021, 5, 1) + timedelta(days=place)
    households = [make_household(f"G-{place:02}-{n}", VILLAGE, "向明", 1000 + 10 * place + n) for n in range(5)]
    bring_to_village(make_clue(households[0], 1000 + 10 * place))
    closed = {"state": "dismissed", "stage": "closed", "dismissed_on": AS_OF}
    make_clue(city.household, 11, "yellow", number=f"{city.household.pk}-{place + 20}", **closed)
    make_case(households[0])
    Case.objects.filter(pk=make_case(households[1]).pk).update(stage="publicity")
    standing(Case.objects.get(household=households[1]))
    make_elimination(make_case(households[2]))
    helped = make_case(households[3])
    Case.objects.filter(pk=helped.pk).update(stage="included", monitor_type="unstable", included_on=AS_OF)
    make_help(helped, localdate(), "医保", "", number=f"XQ500101-{place:05}")
    make_declaration("township", f"{place:016d}", f"139{place:08d}")
    make_declaration("village", f"{place + 500:016d}", f"137{place:08d}")
    make_register_request(households[4])
    make_defect(households[0])
    SweepTask.objects.create(
        campaign=city.campaign, household=households[0], area_id=VILLAGE, reasons="|single|", batch=1
    )
    Campaign.objects.create(
        number=f"PC-{place}", title="排查", area_id=COUNTY, desk_id=COUNTY, groups=["single"], places=[COUNTY],
        starts_on=AS_OF, ends_on=date(2099, 1, 1), stage="running", version=1,
    )  # fmt: skip
    make_delivery(50 + place, COUNTY)
    make_export(county, COUNTY)
    make_amendment(county, COUNTY)
    make_message(COUNTY, key=f"due-{place}")
    ScreeningRun.objects.create(as_of=day, known_at=day, asked_by=county)
    Channel.objects.create(user=county, title=f"手机{place}", kind="json", mark=place, made_by=county)
    account = make_user(f"giver{place}", COUNTY, "social_force")
    Organisation.objects.create(
        name=f"公益组织{place}", credit_code=f"{place:018d}", area_id=COUNTY, contact="向明", account=account,
        registered_by=county, registered_on=localdate(),
    )  # fmt: skip
    record_alone(county, "clue_viewed", city.clue)


def pages() -> Iterator[tuple[str, str, str]]:
    """Every address that is read, what it is about, and who looks at it."""
    for name, address in ADDRESSES.items():
        if not address.reading or address.about and address.about not in ABOUT:
            continue
        may = PEOPLE if address.reading in (ANYONE, SIGNED_IN) else address.reading.split(" ")
        for who in [each for each in PEOPLE if each in may][:2]:
            yield name, address.about, who


@dataclass(frozen=True)
class Look:
    """How many queries a page took, its length, and how many rows its list has; None where it has no list of pages."""

    queries: int
    length: int
    rows: int | None


def look(client: Client, url: str) -> Look:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    page = (answer.context or {}).get("page") if answer.status_code == 200 else None
    length = 0 if answer.streaming else len(answer.content)
    return Look(len(captured), length, page.paginator.count if hasattr(page, "paginator") else None)


def looked_at(city: SimpleNamespace, clients: Mapping[str, Client]) -> dict[tuple[str, str], Look]:
    """Each page by address and person, with nothing kept of what took long to count."""
    cache.clear()
    found = {}
    for name, about, who in pages():
        url = reverse(name, args=ABOUT[about](city) if about else []) + ASKED.get(name, "")
        found[name, who] = look(clients[who], url)
    return found


def test_a_page_of_many_asks_no_more_than_a_page_of_few(
    city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SEEN_EVERY_SECONDS", 3600)  # a session notes its use in two queries more
    clients = {who: at_desk(who) for who in PEOPLE}
    for place in range(2):
        grow(city, place)
    for _once_for_what_is_kept_in_memory in range(2):
        few = looked_at(city, clients)
    for place in range(2, 2 + MANY):
        grow(city, place)
    many = looked_at(city, clients)
    assert {page: (few[page], look) for page, look in many.items() if look.queries > few[page].queries} == {}
    assert len({name for name, _ in many}) > 50
    grown: dict[str, int] = {}
    for (name, who), seen in many.items():
        rows = 0 if seen.rows is None else seen.rows - (few[name, who].rows or 0)
        lines = (seen.length - few[name, who].length) // SHORTEST_LINE if name in WITHOUT_PAGES else rows
        grown[name] = max(grown.get(name, 0), lines)
    listed = {name for (name, _), seen in many.items() if seen.rows is not None}
    assert {name for name, more in grown.items() if more >= MANY} == listed - FROM_THE_LAKE | WITHOUT_PAGES


def test_a_page_that_asks_for_each_row_is_found(
    city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_by_one(clues: Any) -> list[Clue]:
        return [Clue.objects.select_related("area", "desk", "household").get(pk=each.pk) for each in clues]

    client, url = at_desk("county"), reverse("worklist")
    monkeypatch.setattr(worklist, "placed", one_by_one)
    grow(city, 0)
    for _ in range(2):
        few = look(client, url)
    grow(city, 1)
    assert look(client, url).queries > few.queries
