"""The process that reads uploads, runs screenings and keeps the clocks of clues. `shouwang serve` starts and watches it."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

from filelock import FileLock, Timeout

from shouwang.jobs.casework import catch_up, connect
from shouwang.jobs.serving import stop_with_parent
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home, open_home

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.5
BEHIND = 5
"""How much the processor prefers whoever answers at a desk to a screening in the background."""
TOLD_FOR = timedelta(days=30)
CLOCKS_EVERY_SECONDS = 15 * 60
SENDING_EVERY_SECONDS = 2
COUNTING_EVERY_SECONDS = 5 * 60
COPYING_EVERY_SECONDS = 5 * 60


def work(home: Home) -> None:
    """Works until told to stop; returns at once where another worker serves this home."""
    connect(home)
    from django.core.management import call_command

    try:
        with FileLock(home.path / "worker.lock", timeout=0):
            resume()
            _catch_up(home)
            threading.Thread(target=_keep_clocks, daemon=True).start()
            threading.Thread(target=_keep_sending, daemon=True).start()
            threading.Thread(target=_keep_counting, daemon=True).start()
            threading.Thread(target=_keep_copying, args=[home], daemon=True).start()
            call_command("db_worker", interval=POLL_SECONDS, startup_delay=False, reload=False, verbosity=0)
    except Timeout:
        sys.stderr.write("另一个后台进程正在为本数据目录工作\n")


def _catch_up(home: Home) -> None:
    """A command may have been killed between the lake and the desk; what is wrong with the lake the doctor tells."""
    try:
        catch_up(home)
    except ShouwangError as problem:
        logger.error("the desk could not be brought up to the lake: %s", problem)


def _keep_clocks() -> None:
    """Beside the queue, so that a long screening does not hold up what is overdue."""
    while True:
        look_after_once()
        check_quality_once()
        fill_statistics_once()
        threading.Event().wait(CLOCKS_EVERY_SECONDS)


def _keep_sending() -> None:
    """Beside the queue too: a code that somebody waits for at the door does not wait for a screening."""
    while True:
        send_once()
        threading.Event().wait(SENDING_EVERY_SECONDS)


def _keep_counting() -> None:
    """Beside the clocks, whose first run on a day takes minutes."""
    pause = threading.Event().wait
    while True:
        count_once(pause)
        pause(COUNTING_EVERY_SECONDS)


def count_once(pause: Callable[[float], object]) -> None:
    """What overviews of a city show; a failure is logged and tried again the next time."""
    from django.db import DatabaseError, connection

    from shouwang.clues.landscape import count_ahead

    try:
        count_ahead(pause)
    except DatabaseError as problem:
        logger.error("the overviews could not be counted: %s", problem)
    finally:
        connection.close()


def _keep_copying(home: Home) -> None:
    """A delivery that lies in no copy yet is read from the lake: its pages are slower, and tell the same."""
    while True:
        copy_once(home)
        threading.Event().wait(COPYING_EVERY_SECONDS)


def copy_once(home: Home) -> None:
    """The lake's sorted copies for pages about a household; a failure is logged and tried again the next time."""
    from shouwang.deliveries.copies import keep_copies
    from shouwang.deliveries.lake import Lake

    try:
        with Lake(home, None) as lake:
            keep_copies(lake)
    except (ShouwangError, OSError) as problem:
        logger.error("the sorted copies could not be made: %s", problem)


def send_once() -> None:
    """What waits to go out; a failure is logged and tried again the next time."""
    from django.db import connection

    from shouwang.notifications.channels import queue_news
    from shouwang.notifications.outbox import send_waiting

    try:
        queue_news()
        send_waiting()
    except Exception as problem:  # the thread has to go on whatever a service answers
        logger.error("what waits to be sent could not be sent: %s", type(problem).__name__, exc_info=True)
    finally:
        connection.close()


def look_after_once() -> None:
    """What is due by today; a failure is logged and tried again the next time."""
    from django.conf import settings
    from django.db import DatabaseError, connection
    from django.utils.timezone import localdate

    from shouwang.jobs.elimination import check_conditions
    from shouwang.jobs.handling import look_after

    try:
        look_after(localdate())
        check_conditions(settings.HOME, localdate())
    except (ShouwangError, DatabaseError) as problem:
        logger.error("the clocks of clues could not be kept: %s", problem)
    finally:
        connection.close()


def check_quality_once() -> None:
    """Defects of the record as they stand today; a failure is logged and tried again the next time."""
    from django.conf import settings
    from django.db import DatabaseError, connection
    from django.utils.timezone import localdate

    from shouwang.jobs.quality import refresh_quality

    try:
        refresh_quality(settings.HOME, localdate())
    except (ShouwangError, DatabaseError) as problem:
        logger.error("the quality of the record could not be checked: %s", problem)
    finally:
        connection.close()


def fill_statistics_once() -> None:
    """The statistics, once a day; a failure is logged and tried again the next time."""
    from django.db import DatabaseError, connection
    from django.utils.timezone import localdate

    from shouwang.jobs.statistics import fill

    try:
        fill(localdate())
    except (ShouwangError, DatabaseError) as problem:
        logger.error("the statistics could not be filled: %s", problem)
    finally:
        connection.close()


def resume() -> None:
    """Takes up what an earlier worker left: the queue is made anew from what is still to be done."""
    from django.db import transaction
    from django.utils.timezone import now
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from shouwang.jobs import outputs, policy_whatif, screening, uploads

    with transaction.atomic():
        DBTaskResult.objects.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]).delete()
        DBTaskResult.objects.filter(finished_at__lt=now() - TOLD_FOR).delete()
        uploads.resume()
        screening.resume()
        policy_whatif.resume()
        outputs.resume()


if __name__ == "__main__":
    stop_with_parent()
    os.nice(BEHIND)
    work(open_home())
