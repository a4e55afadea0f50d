"""Whoever comes for the first time is written as they would be who are told row by row."""

import random
from typing import Any

import pytest
from desks import OTHER_VILLAGE, SIBLING, VILLAGE

from conftest_numbers import number
from databases import lots
from runtime_role import emptied
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.households.models import Household, Person, RegisterChange, RegisterLoad
from shouwang.jobs import newcomers
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home

pytestmark = pytest.mark.usefixtures("areas")
VITAL = "证件号码,姓名,变动类型,变动日期"


def line(lot: random.Random, serial: int, household: int) -> str:
    village = lot.choice((VILLAGE, SIBLING, OTHER_VILLAGE))
    relation = lot.choice(("户主", "配偶", "子"))
    health, phone = lot.choice(("健康", "残疾")), lot.choice(("", "13900000001"))
    return f"H{household},{village},一般农户,冉{serial},{number(serial)},{relation},{health},普通劳动力,{phone}"


@pytest.fixture(params=lots(4))
def delivered(request: pytest.FixtureRequest, send: Any, send_register: Any) -> None:
    """Months of a register in which people come, come again, move, die and leave; some before they were registered."""
    lot = random.Random(request.param)
    for month in range(1, 5):
        here = range(20 * month) if month > 1 else range(40)
        again = 0.2 if month > 1 else 1
        register = [line(lot, serial, lot.randrange(24)) for serial in here if lot.random() < again]
        register += [line(lot, 100 * month + each, 10 * month + lot.randrange(20)) for each in range(12)]
        send_register(*register, *lot.sample(register, 2), on=f"2021-{month:02}-05")
        gone = [f"{number(each)},冉{each},{lot.choice(['死亡', '迁出'])},2021-01-0{lot.randrange(1, 9)}"
                for each in (*lot.sample(range(90), 4), 100 * month + 103)]  # fmt: skip
        send("vital_event", [VITAL, *gone], on=f"2021-{month:02}-{lot.choice(('04', '06'))}")


def test_newcomers_are_written_as_they_are_told(delivered: None, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[int] = []
    write = newcomers.write
    monkeypatch.setattr(newcomers, "write", lambda *given: came.append(write(*given)) or came[-1])
    load_register(home)
    assert sum(came) > 30  # and most of the others are told one by one
    at_once = everything()
    for model in (RegisterLoad, RegisterChange, Person, Household):
        emptied(model.objects.all())
    monkeypatch.setattr(newcomers, "set_apart", nobody_is_new)
    came.clear()
    load_register(home)
    assert sum(came) == 0
    assert at_once == everything()
    kinds = set(RegisterChange.objects.values_list("kind", flat=True))
    assert kinds >= {"joined", "moved", "left"}


def nobody_is_new(lake: Lake, report: DeliveryReport) -> None:
    named = (
        f"SELECT DISTINCT person FROM {lake.delivered(report.source, [report.number])} AS r WHERE person IS NOT NULL"
    )
    lake.store(newcomers.WITH_MORE, named)
    lake.store(newcomers.UNSETTLED, newcomers._households_of_others(lake.every_version(newcomers.REGISTER)))


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the register at the desk, but for their numbers and when they were loaded."""
    found = {}
    for model in (Household, Person, RegisterChange, RegisterLoad):
        names = [field.attname for field in model._meta.fields if field.attname not in ("id", "loaded_at")]
        rows = [tuple(bytes(each) if isinstance(each, memoryview) else each for each in row)
                for row in model.objects.values_list(*names)]  # fmt: skip
        found[model.__name__] = sorted(rows, key=repr)
    return found
