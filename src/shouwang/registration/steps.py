"""Steps with changes of the register."""

from shouwang.proceedings.orders import Order, one_step_of
from shouwang.proceedings.steps import Stepping as SteppingOfAny
from shouwang.registration.flow import REQUESTS
from shouwang.registration.models import RegisterRequest

__all__ = ["Order", "Stepping", "locked", "one_step"]


class Stepping(SteppingOfAny):
    """Who takes steps with requests, on which day, by which clocks."""

    lifecycle = REQUESTS
    matter = RegisterRequest
    household = "household"


def locked(number: str) -> RegisterRequest:
    """The request for the rest of the transaction. Raises RegisterRequest.DoesNotExist."""
    held = RegisterRequest.objects.select_for_update().prefetch_related("area__parent", "desk", "household", "to_area")
    return held.get(number=number)


one_step = one_step_of(locked, Stepping)
