"""A demonstration installation: handed-over files taken in, a screening for each month, a login for each level.

Every step can be killed and done again; a finished demonstration is recognised by its marker.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localdate

from shouwang.accounts.actions import add_user
from shouwang.accounts.initial_passwords import random_password
from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.clues.models import Clue, Level, ScreeningRun
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import deliveries
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.coverage import mark_income
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.screening.run import screen

LOGINS = "demo-logins.txt"
CITY = "500000000000"
DEPARTMENT = "医保"
COUNTY_TOWNSHIP_VILLAGE = (6, 9, 12)
"""Digits of a code that name each."""
ENOUGH = 45  # households of a village
CAME = timedelta(days=10)
Progress = Callable[[int], None]


@dataclass(frozen=True)
class HandedOver:
    """A department file and the day on which it was handed over."""

    source: str
    path: Path
    received_on: date


def take_in(home: Home, files: Sequence[HandedOver], progress: Progress) -> None:
    """Ingests the files in their order, leaving out those taken before; `progress` hears how many are done.

    Raises:
        InputError: a file is refused.
    """
    taken = {(report.source, report.file, report.received_on) for report in deliveries(home)}
    for done, file in enumerate(files, start=1):
        if (file.source, file.path.name, file.received_on) not in taken:
            ingest_file(home, file.source, file.path, file.received_on)
        progress(done)


def month_ends(files: Sequence[HandedOver]) -> list[date]:
    """The last day of each month in which files were handed over."""
    months = sorted({(file.received_on.year, file.received_on.month) for file in files})
    return [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for year, month in months]


def screen_months(home: Home, days: Sequence[date], progress: Progress) -> None:
    """Screens for each day as it was known on that day; days screened before under this pack are left out.

    The clues come to the first desk some days ago, so that there is something late to be seen.
    """
    pack = current_pack()
    done = ScreeningRun.objects.filter(state=ScreeningRun.State.DONE, pack_version=pack.version)
    screened = set(done.values_list("as_of", flat=True))
    for count, day in enumerate(days, start=1):
        if day not in screened:
            record_clues(screen(home, pack, day), on=localdate() - CAME)
        progress(count)
    if days:
        mark_income(home, days[-1], days[-1])


@transaction.atomic
def make_logins(home: Home) -> list[dict[str, str]]:
    """A demonstration user for each level and duty, with new random passwords, in a file that only its owner can read.

    Whoever is there already stays, and so does the password.
    """
    if (home.path / LOGINS).exists() and User.objects.filter(demonstration=True).exists():
        return logins(home)
    accounts = []
    for username, area, duty, department in _posts():
        password = random_password()
        user = add_user(
            username=username,
            password=password,
            display_name=f"{area.name}演示",
            area_code=area.code,
            duty=duty,
            department=department,
            starts_on=date(2020, 1, 1),
            demonstration=True,
        )
        accounts.append({"username": username, "password": password, "post": str(user.posts.get())})
    _note(home.path / LOGINS, accounts)
    return accounts


def _posts() -> list[tuple[str, Area, str, str]]:
    """The posts lie on one line down from the city, where there is most to see."""
    county, township, village = _liveliest_line()
    city = Area.objects.get(pk=CITY)
    return [
        ("shi", city, Post.Duty.CITY, ""),
        ("xian", county, Post.Duty.COUNTY, ""),
        ("xiang", township, Post.Duty.TOWNSHIP, ""),
        ("xiang2", township, Post.Duty.TOWNSHIP, ""),  # whoever proposes does not agree
        ("cun", village, Post.Duty.VILLAGE, ""),
        ("bumen", county, Post.Duty.DEPARTMENT, DEPARTMENT),
        ("gongzuodui", village, Post.Duty.RESIDENT_TEAM, ""),
        ("wangge", village, Post.Duty.GRID_WORKER, ""),
        ("shehui", county, Post.Duty.SOCIAL_FORCE, ""),
        ("xitong", city, Post.Duty.SYSTEM_ADMIN, ""),
        ("anquan", city, Post.Duty.SECURITY_ADMIN, ""),
        ("shenji", city, Post.Duty.AUDITOR, ""),
    ]


def _liveliest_line() -> tuple[Area, Area, Area]:
    """The county where most kinds of risk are open, red ones counted as a kind of their own, its liveliest township and
    of that one's villages which have households enough for everything to be seen the liveliest."""
    open_clues = Clue.objects.filter(state=Clue.State.OPEN).order_by()
    rows = list(open_clues.values_list("area", "risk_type"))
    rows += open_clues.filter(level=Level.RED).values_list("area", "level")
    rows = rows or [(area, "") for area in Household.objects.order_by().values_list("area", flat=True)]
    if not rows:
        raise LookupError("a demonstration without households")
    scope, homes = "", Counter(Household.objects.filter(member_count__gt=0).order_by().values_list("area", flat=True))
    for digits in COUNTY_TOWNSHIP_VILLAGE:
        within = [(code[:digits], kind) for code, kind in rows if code.startswith(scope)]
        kinds, clues = Counter(code for code, _ in set(within)), Counter(code for code, _ in within)
        scope = min(kinds, key=lambda code: (-min(homes[code], ENOUGH), -kinds[code], -clues[code], code))
    village = Area.objects.select_related("parent__parent").get(pk=scope)
    township = village.parent
    if township is None or township.parent is None:
        raise LookupError(f"the village {scope} has no county")
    return township.parent, township, village


def _note(path: Path, accounts: list[dict[str, str]]) -> None:
    lines = ["守望演示账号（合成数据，仅供演示）", *("\t".join(each.values()) for each in accounts), ""]
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write("\n".join(lines))
    temporary.rename(path)


def logins(home: Home) -> list[dict[str, str]]:
    """The demonstration accounts as they were noted."""
    lines = (home.path / LOGINS).read_text(encoding="utf-8").splitlines()[1:]
    return [dict(zip(("username", "password", "post"), line.split("\t"), strict=True)) for line in lines if line]
