"""The desk's register, brought up to the lake by a command that says beforehand what it takes of the disk, and how far it is."""

from shouwang.cli.output import errors, progress
from shouwang.kernel.home import Home

TITLE = "更新业务数据库中的名册（行）"
REGISTER = "household_register"
BYTES_LOADED = 2.2
"""What SQLite holds of a register for each byte that its file takes of the lake at most."""


def disk_at_the_desk(home: Home, source: str, in_the_lake: int) -> int:
    """Bytes that a file which takes so many of the lake takes of the home's disk beside them, in the casework database."""
    return int(BYTES_LOADED * in_the_lake) if source == REGISTER and home.database.exists() else 0


def bring_up_to_date(home: Home) -> None:
    """Takes over what was delivered since, the list of deliveries included.

    Raises:
        Failure: the casework database is missing or older than this version, or the disk has no room; nothing was begun.
    """
    from shouwang.jobs.casework import catch_up, require_ready

    require_ready(home)
    from shouwang.jobs.register import room_to_load, rows_waiting

    room, rows = room_to_load(home), rows_waiting(home)
    if room.is_large:
        errors.print(room.words())
    with progress(TITLE, rows or None) as tell:
        catch_up(home, tell)
