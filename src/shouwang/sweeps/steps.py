"""Steps with campaigns, and what the pack asks of a sweep."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from shouwang.clues.requirements import Requirements as OfClues
from shouwang.kernel.checklist import Item
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import Line, standing
from shouwang.proceedings.orders import Order, one_step_of
from shouwang.proceedings.steps import Stepping as SteppingOfAny
from shouwang.sweeps.flow import CAMPAIGNS
from shouwang.sweeps.groups import Terms
from shouwang.sweeps.models import Action, Campaign

__all__ = ["Order", "Requirements", "Stepping", "locked", "one_step"]


@dataclass(frozen=True)
class Requirements(Clocks):
    """`items` is the checklist of a home, `clues` what the pack asks of the register of clues, `terms` what it means by groups."""

    items: tuple[Item, ...]
    clues: OfClues
    terms: Terms


class Stepping(SteppingOfAny):
    """Who takes steps with campaigns; their last day is their own."""

    lifecycle = CAMPAIGNS
    matter = Campaign
    household = ""
    told_apart = (Action.PLAN, Action.START)

    def along(self, matter: Campaign, line: Line) -> dict[str, Any]:
        """Its organiser, and the places to which it goes, where they were merged too."""
        places = list(dict.fromkeys(standing(code, self.on).pk for code in matter.places))
        return {"area": line.get(matter.area.level, matter.area), "places": places}

    def _clock(self, name: str | None, latest: date | None = None) -> dict[str, Any]:
        return {}


def locked(number: str) -> Campaign:
    """The campaign for the rest of the transaction. Raises Campaign.DoesNotExist."""
    return Campaign.objects.select_for_update().prefetch_related("area", "desk").get(number=number)


one_step = one_step_of(locked, Stepping)
