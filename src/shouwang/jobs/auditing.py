"""What is read or taken out at the command line, told to the audit before anybody gets it."""

import os
from typing import Any

from shouwang.jobs.casework import require_ready
from shouwang.kernel.home import Home


def note_command(
    home: Home, action: str, subject: tuple[str, str] | None = None, area: str = "", **detail: Any
) -> None:
    """Records a reading or an export; without a casework database there is no audit yet, and nothing to record in.

    Raises:
        Failure: the casework database is older than this version.
    """
    if not (home.database.exists() or os.environ.get("SHOUWANG_DATABASE_URL")):
        return
    require_ready(home)
    from shouwang.audit.record import record_alone
    from shouwang.households.models import Household

    if subject and subject[0] == "household" and not area:
        area = Household.objects.filter(pk=subject[1]).values_list("area_id", flat=True).first() or ""
    record_alone(None, action, subject, area=area, **detail)
