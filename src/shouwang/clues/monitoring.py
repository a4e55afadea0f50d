"""What becomes of clues when their household is monitored, and who found them to be true."""

from collections.abc import Sequence

from shouwang.clues.models import Action, Clue, ClueStep


def monitor(clues: Sequence[Clue]) -> None:
    """Their household is monitored now: whatever is found about the same risk is a note beside them."""
    Clue.objects.filter(pk__in=[clue.pk for clue in clues], state=Clue.State.CONFIRMED).update(
        state=Clue.State.MONITORED
    )


def agreed_by(clue: Clue) -> ClueStep | None:
    """The last consent with which a clue was found to be true; None where none is on record."""
    return clue.steps.filter(action=Action.AGREE).select_related("actor").order_by("-number").first()
