"""What an identification takes from the pipeline: what departments delivered about a household, row by row (信息比对)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from shouwang.audit.record import in_the_language_of_record
from shouwang.cases import collecting
from shouwang.cases.collecting import Delivered
from shouwang.cases.models import Case, Stage
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Order
from shouwang.deliveries.copies import REGISTER
from shouwang.households.models import Household
from shouwang.jobs.history import INCOME, TouchingDelivery, household_histories, household_history
from shouwang.jobs.policy import names_in_pack
from shouwang.kernel.home import Home

COMPARED_ALREADY = "identification.compared_categories"
ASSETS, RELIEF = "asset_record", "social_assistance"
AT_ONCE = 500
"""Cases for which the lake is read at once: what is known of them is in memory meanwhile."""


def compare_waiting(home: Home, requirements: Requirements, on: date) -> int:
    """Compares every case that was begun and not compared yet; returns how many. Again it does nothing more.

    The lake is read for some hundreds of them at once; killed in between, the rest is compared the next time.
    """
    waiting = list(
        Case.objects.filter(stage=Stage.COLLECTION, comparisons=None).select_related("household").order_by("pk")
    )
    order = Order(None, requirements, on)
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        delivered = delivered_about_all(home, [case.household for case in some], on)
        for case in some:
            collecting.compare(case.number, order, delivered[case.household_id])
    return len(waiting)


@in_the_language_of_record
def delivered_about_all(home: Home, households: Sequence[Household], on: date) -> dict[str, Delivered]:
    """By its number what `delivered_about` says of each household, read from the lake at once. Raises Failure as it does."""
    already = names_in_pack(COMPARED_ALREADY)
    histories = household_histories(home, households, on)
    return {number: _delivered(history, already) for number, history in histories.items()}


@in_the_language_of_record
def delivered_about(home: Home, household: Household, on: date) -> Delivered:
    """What departments have delivered about a household that still counts, the latest delivery first.

    The register and the income statements are not told again: the form and the statement are made of them.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    return _delivered(household_history(home, household, on), names_in_pack(COMPARED_ALREADY))


def _delivered(history: Iterable[TouchingDelivery], already: Collection[str]) -> Delivered:
    rows, assets, low_income = [], [], ""
    for each in history:
        if each.source in (REGISTER, INCOME):
            continue
        for row in each.rows:
            if row.superseded:
                continue
            place = {"source": each.source, "delivery": each.label, "line": row.line}
            rows.append(
                place | {"title": each.source_title, "owner": each.owner, "person": row.person, "text": row.words}
            )
            if each.source == ASSETS:
                assets.append(place | {"text": f"{row.person} {row.words}".strip()})
            if each.source == RELIEF and row.stands and set(map(str, row.cells.values())) & set(already):
                low_income = low_income or f"{row.person} {row.words}（{each.label}第{row.line}行）"
    return Delivered(rows, assets, low_income)
