"""Households with an open clue each, by the thousand: for lists that must stay quick."""

from collections.abc import Sequence
from datetime import date

from small_city import AS_OF

from shouwang.clues.models import Clue
from shouwang.households.models import Household


def make_many(places: Sequence[tuple[str, str | None]]) -> None:
    """One in each of these places: the village, and the area on whose desk the clue lies."""
    households = [
        Household(
            household_no=f"H{number:06d}",
            area_id=village,
            household_type="一般农户",
            head_name=f"农户{number}",
            member_count=3,
            received_on=date(2021, 1, 5),
            delivery=1,
            line=number + 2,
        )
        for number, (village, _) in enumerate(places)
    ]
    Household.objects.bulk_create(households, 1000)
    Clue.objects.bulk_create(
        [
            Clue(
                number=f"{each.household_no}-01",
                household=each,
                area_id=each.area_id,
                desk_id=desk,
                risk_type="other",
                level=("red", "orange", "yellow")[number % 3],
                opened_on=AS_OF,
                last_seen_on=AS_OF,
                rules=["income.below_line"],
                reasons="人均纯收入低于监测线",
                evidence={},
            )
            for number, (each, (_, desk)) in enumerate(zip(households, places, strict=True))
        ],
        1000,
    )
