"""Steps with clues: what all steps share (`proceedings.steps`), and that clues which are handled together move together."""

from typing import Any

from shouwang.clues.flow import CLUES
from shouwang.clues.models import Clue
from shouwang.proceedings.steps import NotOpen, Overtaken, overtaken, words
from shouwang.proceedings.steps import Stepping as SteppingOfAny

__all__ = ["NotOpen", "Overtaken", "Stepping", "group_of", "locked", "overtaken", "words"]


class Stepping(SteppingOfAny):
    """Who takes steps with clues, on which day, by which requirements."""

    lifecycle = CLUES
    matter = Clue
    household = "household"

    def moved(self, matter: Any) -> None:
        Clue.objects.filter(merged_into=matter).update(desk=matter.desk)


def locked(number: str) -> Clue:
    """The clue for the rest of the transaction. Raises Clue.DoesNotExist."""
    return Clue.objects.select_for_update().prefetch_related("area", "desk", "merged_into").get(number=number)


def group_of(main: Clue) -> list[Clue]:
    """The clue and those that are handled with it."""
    merged = Clue.objects.select_for_update().prefetch_related("area", "desk").filter(merged_into=main)
    return [main, *merged.order_by("number")]
