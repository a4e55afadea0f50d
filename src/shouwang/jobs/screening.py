"""Screening from the desk and from the command line: the lake's answer becomes clues."""

import logging
import time
from collections.abc import Callable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django_tasks import task

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.clues.models import ScreeningRun
from shouwang.jobs.clues import Recorded, record_clues
from shouwang.jobs.coverage import mark_income
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.elimination import check_conditions
from shouwang.jobs.policy import current_pack
from shouwang.jobs.register import load_register
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.kernel.home import Home, open_home
from shouwang.screening.daily import screen_daily

logger = logging.getLogger(__name__)
UNFINISHED = (ScreeningRun.State.WAITING, ScreeningRun.State.RUNNING)
BROKEN = "程序内部出错，筛查未完成，已记入日志。请联系管理员。"


def ask_for_screening(as_of: date, *, acting_user: User) -> ScreeningRun:
    """Queues a screening of the whole register; one that is already waiting or running for the day is returned.

    Raises:
        PermissionDenied: the user's posts do not start screenings.
        InputError: the day lies ahead, or before the first value of the policy pack.
    """
    if not scope_of(acting_user, localdate()).can_screen:
        raise PermissionDenied
    if as_of > localdate():
        raise InputError(_("截至日期 {as_of} 晚于今天").format(as_of=as_of), _("选今天或更早的日期"))
    current_pack().at(as_of)
    with transaction.atomic():
        going = ScreeningRun.objects.filter(as_of=as_of, state__in=UNFINISHED).order_by("pk").first()
        if going is not None:
            return going
        run = ScreeningRun.objects.create(
            as_of=as_of, known_at=as_of, state=ScreeningRun.State.WAITING, asked_by=acting_user
        )
        record(acting_user, "screening_asked", run, as_of=as_of)
        run_screening.enqueue(run.pk)
    return run


@task()
def run_screening(run_id: int) -> None:
    """Worker: carries out one waiting screening. Done again after a kill it gives the same clues."""
    run = ScreeningRun.objects.filter(pk=run_id, state__in=UNFINISHED).first()
    if run is None:
        return
    ScreeningRun.objects.filter(pk=run_id).update(state=ScreeningRun.State.RUNNING, progress=0)
    try:
        home = open_home()
        screen_and_record(home, run.as_of, run.known_at, run=run, progress=_told(run_id))
        check_conditions(home, localdate(), anew=True)
    except ShouwangError as problem:
        _fail(
            run_id,
            f"{problem.message}。{problem.advice}" if problem.advice else problem.message,
        )
    except Exception as problem:
        logger.error("screening %s ended with %s", run_id, type(problem).__name__, exc_info=True)
        _fail(run_id, BROKEN)


def screen_and_record(
    home: Home,
    as_of: date,
    known_at: date | None = None,
    *,
    run: ScreeningRun | None = None,
    progress: Callable[[int], None] | None = None,
) -> Recorded:
    """Screens the whole register, looking only at whom something has touched, and records the clues; `progress` hears percent.

    Raises:
        InputError: a day before the pack's parameters.
        Failure: memory, disk or lake did not allow it; no clue was touched.
    """
    load_register(home)
    load_deliveries(home)
    batch = screen_daily(home, current_pack(), as_of, known_at, recorded=ground_of_last_run(), progress=progress)
    recorded = record_clues(batch, run=run)
    mark_income(home, batch.as_of, batch.known_at)
    return recorded


def ground_of_last_run() -> str:
    """On what the clues as they stand rest: the next screening may only go on from there."""
    done = ScreeningRun.objects.filter(state=ScreeningRun.State.DONE, as_of__lte=localdate())
    last = done.order_by("-as_of", "-pk").values_list("digest", flat=True).first()
    return last or ""


def _fail(run_id: int, message: str) -> None:
    ScreeningRun.objects.filter(pk=run_id).update(state=ScreeningRun.State.FAILED, message=message)


def _told(run_id: int) -> Callable[[int], None]:
    last = time.monotonic()

    def tell(percent: int) -> None:
        nonlocal last
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            ScreeningRun.objects.filter(pk=run_id).update(progress=min(percent, 99))

    return tell


def resume() -> None:
    """Queues again what an earlier worker left."""
    for run in ScreeningRun.objects.filter(state__in=UNFINISHED).order_by("pk"):
        run_screening.enqueue(run.pk)
