"""Fifty city officers decide about one export in the same moment: one wins, the others are told who was first."""

from collections.abc import Callable
from typing import Any

import pytest
from desks import CITY, COUNTY, make_areas
from django.utils.timezone import localdate
from offices import make_people
from test_deciding_at_once import FIFTY, _somebody, all_at_once

from shouwang.audit.models import Entry
from shouwang.outputs.flow import Step
from shouwang.outputs.models import Export
from shouwang.outputs.requesting import decide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def test_of_fifty_decisions_one_wins_and_the_others_hear_whose() -> None:
    make_areas()
    people = make_people()
    export = Export.objects.create(
        content="household_form", area_id=COUNTY, as_of=localdate(), identities=True, purpose="填报",
        requested_by=people["county"], post="区县", state="requested",
    )  # fmt: skip
    officers = [_somebody(f"city{place}", CITY, "city") for place in range(FIFTY)]

    def deciding(place: int) -> Callable[[], Any]:
        step = Step.DECLINE if place % 2 else Step.APPROVE
        return lambda: decide(export.pk, step, acting_user=officers[place], opinion="用途清楚") and None

    told = all_at_once([deciding(place) for place in range(FIFTY)])
    assert told.count("") == 1
    export.refresh_from_db()
    assert export.state in ("approved", "declined")
    assert {words.split("已于")[0] for words in told if words} == {str(export.decided_by)}
    assert Entry.objects.filter(action__in=["export_approved", "export_declined"]).count() == 1
