"""What day it is: all of China keeps the time of Beijing, summer and winter, whatever the clock of the server is set to."""

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def today() -> date:
    return datetime.now(BEIJING).date()
