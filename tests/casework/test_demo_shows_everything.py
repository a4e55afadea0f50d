"""The demonstration shows every state of every lifecycle, so that no page is never seen alive: read from the tables themselves."""

import json
from datetime import date, timedelta
from functools import partial

import pytest
from desks import CITY, COUNTY, TOWNSHIP, VILLAGE, batch, batch_clue
from django.utils.timezone import localdate
from offices import ON

from conftest_numbers import number
from shouwang.accounts.models import Post, User
from shouwang.audit.catalogue import DETAILS
from shouwang.audit.models import Entry
from shouwang.clues.models import Stage as ClueStage
from shouwang.jobs.clues import record_clues
from shouwang.jobs.demo_declaring import declare
from shouwang.jobs.demo_eliminating import eliminate
from shouwang.jobs.demo_handling import hand_out
from shouwang.jobs.demo_helping import help_households, include_some
from shouwang.jobs.demo_identifying import identify
from shouwang.jobs.demo_record import put_right
from shouwang.jobs.demo_sweeping import sweep
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home
from shouwang.proceedings.lifecycles import lifecycles

pytestmark = pytest.mark.once(because="the demonstration goes through steps whose own tests run on both")

TODAY = localdate()
HOUSEHOLDS, WITH_A_CLUE = 64, 40
NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
POSTS = (
    *(("shi", CITY, "city", ""), ("xian", COUNTY, "county", ""), ("cun", VILLAGE, "village", "")),
    *(("xiang", TOWNSHIP, "township", ""), ("xiang2", TOWNSHIP, "township", "")),
    *(("gongzuodui", VILLAGE, "resident_team", ""), ("bumen", COUNTY, "department", "医保")),
    ("shehui", COUNTY, "social_force", ""),
)
# Only while its row is written: in the same transaction it comes to its first desk.
NEVER_SEEN = {("clues.Clue", ClueStage.NEW)}


@pytest.fixture
def village(home: Home, areas: None, send_register: object) -> None:
    """Everybody of the demonstration, and a village of one-person households, most of them with a clue."""
    for name, area, duty, department in POSTS:
        user = User.objects.create(username=name, password="!", demonstration=True)
        Post.objects.create(user=user, area_id=area, duty=duty, department=department, starts_on=date(2020, 1, 1))
    rows = [
        f"D{n:03},{VILLAGE},一般农户,冉{NAMES[n // 20]}{NAMES[n % 20]},{number(n + 1)},户主,健康,普通劳动力,"
        for n in range(HOUSEHOLDS)
    ]
    send_register(*rows)  # type: ignore[operator]
    load_register(home)
    found = [batch_clue(f"D{n:03}", level="red" if n % 5 < 3 else "yellow") for n in range(WITH_A_CLUE)]
    found.insert(1, batch_clue("D000", "disability"))
    record_clues(batch(ON, *found), on=TODAY - timedelta(days=12))


def demonstrate(home: Home) -> None:
    hand_out(TODAY, partial(include_some, home))
    identify(home, TODAY)
    eliminate(home, TODAY)
    declare(TODAY)
    sweep(TODAY)
    help_households(home, TODAY)
    put_right(home, TODAY)


def unseen() -> set[tuple[str, str]]:
    """States that a lifecycle has and in which nothing stands."""
    found = set()
    for kind in lifecycles():
        stands = set(kind.matter._base_manager.order_by().values_list("stage", flat=True))
        found |= {(kind.matter._meta.label, value) for value, _ in kind.matter._meta.get_field("stage").flatchoices
                  if value not in stands}  # fmt: skip
    return found - NEVER_SEEN


def test_every_state_of_every_lifecycle_is_there_to_be_seen(village: None, home: Home) -> None:
    assert len(unseen()) > 50  # it is not blind
    demonstrate(home)
    assert unseen() == set()
    details = {name for entry in Entry.objects.all() for name in json.loads(entry.detail)}
    assert details - set(DETAILS) == set()  # each has its Chinese
