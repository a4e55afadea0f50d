"""Which measures help on which day, counted for many households at once."""

from datetime import date, timedelta

import pytest
from assisting import bare_contact, bare_measure, bare_plan, included_case
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwang.assistance.models import Measure
from shouwang.assistance.reading import active_measures, cases_lacking_contact, cases_without_help, with_help
from shouwang.cases.models import Case
from shouwang.households.models import Household

ON = date(2021, 6, 17)
BEFORE, AFTER = ON - timedelta(days=30), ON + timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "begun", "ended", "helps"),
    [
        ("proposed", None, None, False),
        ("planned", None, None, False),
        ("measure_running", BEFORE, None, True),
        ("measure_running", ON, None, True),
        ("measure_running", AFTER, None, False),
        ("delivered", BEFORE, None, True),
        ("ended", BEFORE, AFTER, True),
        ("ended", BEFORE, ON, False),
        ("withdrawn", None, None, False),
    ],
)
def test_a_measure_helps_from_its_beginning_to_its_end(
    households: dict[str, Household], state: str, begun: date | None, ended: date | None, helps: bool
) -> None:
    case = included_case(households["H1"], BEFORE)
    bare_measure(bare_plan(case, BEFORE), state, begun, ended)
    assert active_measures(Case.objects.all(), ON).exists() == helps
    found = with_help(Case.objects.all(), ON).get()
    assert found.helped == helps
    assert found.first_helped_on == begun
    assert cases_without_help(Case.objects.all(), ON).exists() != helps


def test_a_measure_whose_term_is_over_helps_no_longer(households: dict[str, Household]) -> None:
    """A post or a loan runs to its last day, also where nobody has ended it since."""
    measure = bare_measure(bare_plan(included_case(households["H1"], BEFORE), BEFORE), "delivered", BEFORE, None)
    for until, helps in ((ON, True), (ON - timedelta(days=1), False)):
        Measure.objects.filter(pk=measure.pk).update(until=until)
        assert active_measures(Case.objects.all(), ON).exists() == helps


def test_it_is_one_query_for_any_number_of_households(households: dict[str, Household]) -> None:
    for household in households.values():
        case = included_case(household, BEFORE)
        bare_measure(bare_plan(case, BEFORE), "measure_running", BEFORE)
        bare_measure(case.plans.get(), "delivered", ON)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rows = list(active_measures(Case.objects.all(), ON).values_list("plan__case__household", "category"))
        cases = list(with_help(Case.objects.all(), ON))
    assert (len(rows), len(cases), len(asked)) == (8, 4, 2)
    assert {case.first_helped_on for case in cases} == {BEFORE}


def test_every_included_household_has_both_contacts_or_is_listed(households: dict[str, Household]) -> None:
    complete, half, none = (included_case(households[name], BEFORE) for name in ("H1", "H2", "H3"))
    included_case(households["H4"], BEFORE, stage="collection", included_on=None, monitor_type="")
    for case, kinds in ((complete, ["assistance_contact", "monitoring_contact"]), (half, ["monitoring_contact"])):
        for kind in kinds:
            bare_contact(case, kind, BEFORE)
    bare_contact(none, "assistance_contact", BEFORE, to=ON)
    found = {
        case.pk: (case.lacks_assistance, case.lacks_monitoring) for case in cases_lacking_contact(Case.objects.all())
    }
    assert found == {half.pk: (True, False), none.pk: (True, True)}
