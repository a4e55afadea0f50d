"""The table of duties says what it should, and nobody can give more than what lies below him."""

import pytest

from shouwang.accounts import duties
from shouwang.accounts.duties import (
    ADMINISTRATORS,
    LEVELS,
    PERMISSIONS,
    Duty,
    Permission,
    may_give,
    needs_second_factor,
)
from shouwang.areas.models import Area

LEVEL_NUMBERS = (Area.CITY, Area.COUNTY, Area.TOWNSHIP, Area.VILLAGE)


def test_administrators_see_no_household_and_share_no_permission() -> None:
    of_administrators = [PERMISSIONS[duty] for duty in ADMINISTRATORS]
    assert not [each for each in of_administrators if Permission.SEE_HOUSEHOLDS in each]
    assert [len(each) for each in of_administrators] == [1, 1, 1]
    assert len(frozenset.union(*of_administrators)) == 3
    others = frozenset.union(*(PERMISSIONS[duty] for duty in Duty if duty not in ADMINISTRATORS))
    assert not others & frozenset.union(*of_administrators)


def test_whoever_submits_does_not_agree() -> None:
    for duty in Duty:
        assert not {Permission.SUBMIT, Permission.CONSENT} <= PERMISSIONS[duty]
        assert not {Permission.SUBMIT, Permission.CONFIRM_RED} <= PERMISSIONS[duty]


def test_every_permission_is_somebodys() -> None:
    assert [each for each in Permission if not duties.duties_with(each)] == []


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda table: table.replace("screen   ", "scream   "),
        lambda table: table.replace("○", "x", 1),
        lambda table: table.replace("read_audit  ", "#read_audit  ", 1),
        lambda table: "\n".join(line for line in table.splitlines() if not line.startswith("unmask")),
    ],
)
def test_a_spoilt_table_is_found(spoilt: object) -> None:
    duties._read(duties._TABLE)
    with pytest.raises(ValueError, match=r"."):
        duties._read(spoilt(duties._TABLE))  # type: ignore[operator]


def test_nobody_gives_a_duty_of_the_own_kind_or_above_but_administrators() -> None:
    given = {
        (giver, duty, level)
        for giver in Duty
        for giver_level in LEVELS[giver]
        for duty in Duty
        for level in LEVELS[duty]
        if may_give(giver, giver_level, duty, level)
    }
    assert {(g, d) for g, d, _ in given if g == d} == {(Duty.SECURITY_ADMIN, Duty.SECURITY_ADMIN)}
    assert {d for g, d, _ in given if g == Duty.TOWNSHIP} == {"village", "enumerator", "grid_worker", "resident_team"}
    assert {g for g, d, _ in given if d in ADMINISTRATORS} == {Duty.SECURITY_ADMIN}
    assert {g for g, d, _ in given if d == Duty.CITY} == {Duty.SECURITY_ADMIN}
    assert not may_give(Duty.SECURITY_ADMIN, Area.COUNTY, Duty.CITY, Area.CITY)
    assert not {g for g, _, _ in given} & {Duty.VILLAGE, Duty.DEPARTMENT, Duty.AUDITOR, Duty.SYSTEM_ADMIN}


def test_every_duty_but_none_above_the_city_can_be_given_by_somebody() -> None:
    for duty in Duty:
        for level in LEVELS[duty]:
            assert any(may_give(giver, above, duty, level) for giver in Duty for above in LEVELS[giver]), (duty, level)


def test_who_needs_a_second_factor() -> None:
    needing = {(duty, level) for duty in Duty for level in LEVELS[duty] if needs_second_factor(duty, level)}
    assert needing == {
        ("city", 1),
        ("county", 2),
        ("department", 1),
        ("department", 2),
        *((duty, level) for duty in ADMINISTRATORS for level in (1, 2)),
    }
    assert {duty for duty in Duty if Permission.EXPORT in PERMISSIONS[duty]} <= {duty for duty, _ in needing}
