"""What happens by itself: a report whose code nobody entered goes to the desk after a day."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import now

from shouwang.declarations import allowances
from shouwang.declarations.models import Action, Declaration, Stage
from shouwang.declarations.steps import Requirements, Stepping, locked
from shouwang.declarations.taking import arrive

WAITS_FOR_THE_CODE = timedelta(days=1)


def bring_unverified(requirements: Requirements, on: date) -> int:
    """Nobody's report is lost because a code did not arrive: the township gets it, marked as unverified."""
    since = now() - WAITS_FOR_THE_CODE
    waiting = Declaration.objects.filter(stage=Stage.UNVERIFIED, received_at__lt=since).order_by("pk")
    numbers = list(waiting.values_list("number", flat=True))
    for number in numbers:
        with transaction.atomic():
            found, stepping = locked(number), Stepping(None, requirements, on)
            if found.stage == Stage.UNVERIFIED:
                arrive(found, stepping, Action.ARRIVE)
                stepping.finish()
    allowances.forget(now())
    return len(numbers)
