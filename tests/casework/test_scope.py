"""Who sees what: a post reaches its area's subtree while it lasts, and a department only its own matters."""

from datetime import date

import pytest
from desks import (
    CITY,
    COUNTY,
    ENDED_COUNTY,
    ENDED_VILLAGE,
    FOREIGN_COUNTY,
    FOREIGN_VILLAGE,
    NEW_COUNTY,
    TOWNSHIP,
    VILLAGE,
    batch,
    batch_clue,
    make_user,
)
from django.contrib.auth.models import AnonymousUser

from runtime_role import emptied
from shouwang.accounts.models import User
from shouwang.accounts.scope import remembered_scopes, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import children, full_name, full_names, subtree
from shouwang.clues.models import Clue
from shouwang.clues.reading import clue_visible_to, clues_visible_to
from shouwang.exchange.models import Delivery, DeliveryCounty
from shouwang.exchange.reading import deliveries_visible_to, may_open_rows
from shouwang.households.models import Household
from shouwang.households.reading import household_visible_to, households_visible_to
from shouwang.jobs.clues import record_clues
from shouwang.kernel.errors import InputError

TODAY = date(2021, 6, 30)


def seen(user: User) -> set[str]:
    return set(households_visible_to(user).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("area", "duty", "expected"),
    [
        (CITY, "city", {"H1", "H2", "H3", "H4"}),
        (COUNTY, "county", {"H1", "H2", "H3"}),
        (TOWNSHIP, "township", {"H1", "H2"}),
        (VILLAGE, "village", {"H1"}),
        (FOREIGN_COUNTY, "county", {"H4"}),
        (VILLAGE, "grid_worker", {"H1"}),
        (TOWNSHIP, "enumerator", {"H1", "H2"}),
        (VILLAGE, "resident_team", {"H1"}),
        (CITY, "auditor", set()),
        (CITY, "security_admin", set()),
        (COUNTY, "system_admin", set()),
    ],
)
def test_a_post_reaches_its_subtree_and_nothing_beside_or_above(
    households: dict[str, Household], area: str, duty: str, expected: set[str]
) -> None:
    assert seen(make_user("someone", area, duty)) == expected


def test_nothing_is_seen_before_a_post_begins_and_after_it_ends(households: dict[str, Household]) -> None:
    make_user("early", VILLAGE, "village", starts_on=date(2021, 7, 1))
    make_user("last_day", VILLAGE, "village", ends_on=TODAY)
    make_user("gone", VILLAGE, "village", ends_on=date(2021, 6, 29))
    reach = {u.username: scope_of(u, TODAY).covers(VILLAGE) for u in User.objects.all()}
    assert reach == {"early": False, "last_day": True, "gone": False}
    assert scope_of(User.objects.get(username="gone"), TODAY).top_area is None
    assert seen(User.objects.get(username="gone")) == set()


def test_inactive_anonymous_and_superusers_have_no_scope_of_their_own(households: dict[str, Household]) -> None:
    inactive = make_user("inactive", CITY, "city")
    inactive.is_active = False
    boss = User.objects.create(username="boss", is_superuser=True, is_staff=True)
    assert not scope_of(inactive, TODAY).reaches
    assert not scope_of(boss, TODAY).reaches
    assert not scope_of(AnonymousUser(), TODAY).reaches  # type: ignore[arg-type]


def test_two_posts_add_up(households: dict[str, Household]) -> None:
    user = make_user("two", VILLAGE, "village")
    user.posts.create(area_id=FOREIGN_VILLAGE, duty="village", starts_on=date(2020, 1, 1))
    assert seen(user) == {"H1", "H4"}


def test_outside_scope_is_as_if_it_were_not_there(households: dict[str, Household]) -> None:
    record_clues(batch(TODAY, batch_clue("H1")))
    stranger = make_user("stranger", FOREIGN_COUNTY, "county")
    with pytest.raises(Household.DoesNotExist):
        household_visible_to(stranger, "H1")
    with pytest.raises(Clue.DoesNotExist):
        clue_visible_to(stranger, "H1-01")


def test_a_department_sees_only_what_rests_on_its_own_rows(households: dict[str, Household]) -> None:
    record_clues(batch(TODAY, batch_clue("H1"), batch_clue("H2", source="school_roll", risk="schooling")))
    medical = make_user("medical", COUNTY, "department", "医保")
    water = make_user("water", COUNTY, "department", "水利")
    assert [clue.number for clue in clues_visible_to(medical)] == ["H1-01"]
    assert seen(medical) == {"H1"}
    assert seen(water) == set()
    assert scope_of(medical, TODAY).covers(VILLAGE)
    assert not scope_of(medical, TODAY).covers_fully(VILLAGE)


def test_uploading_and_screening_are_for_offices_and_departments(areas: None) -> None:
    scopes = {
        name: scope_of(make_user(name, area, duty, department), TODAY)
        for name, area, duty, department in [
            ("city", CITY, "city", ""),
            ("county", COUNTY, "county", ""),
            ("township", TOWNSHIP, "township", ""),
            ("village", VILLAGE, "village", ""),
            ("auditor", CITY, "auditor", ""),
            ("medical", COUNTY, "department", "医保"),
        ]
    }
    assert {name for name, scope in scopes.items() if scope.can_upload} == {"city", "county", "medical"}
    assert {name for name, scope in scopes.items() if scope.can_screen} == {"city", "county"}
    assert {name for name, scope in scopes.items() if scope.may_upload("水利")} == {"city", "county"}
    assert scopes["medical"].may_upload("医保")
    assert not scopes["medical"].may_upload("公安/不动产")
    assert scopes["medical"].upload_area("医保") == Area.objects.get(pk=COUNTY)


def test_a_successor_covers_what_it_replaced(areas: None) -> None:
    user = make_user("new", NEW_COUNTY, "county")
    assert scope_of(user, TODAY).covers(ENDED_VILLAGE)
    area, old = Area.objects.get(pk=NEW_COUNTY), Area.objects.get(pk=ENDED_COUNTY)
    names = {each.name for each in children(area, on=date(2026, 1, 1))}
    assert names == {each.name for each in children(old, on=date(2021, 1, 1))} != set()
    assert ENDED_VILLAGE in subtree(area).values_list("code", flat=True)
    top = Area.objects.get(pk=CITY)
    assert NEW_COUNTY not in [each.code for each in children(top, on=date(2021, 1, 1))]
    assert ENDED_COUNTY not in [each.code for each in children(top, on=date(2026, 1, 1))]


def test_full_names_agree_one_by_one_and_together(areas: None) -> None:
    codes = [CITY, COUNTY, TOWNSHIP, VILLAGE]
    assert full_names(codes) == {code: full_name(Area.objects.get(pk=code)) for code in codes}
    assert full_name(Area.objects.get(pk=VILLAGE)).startswith("万州区 ")


def test_a_post_must_fit_its_area(areas: None) -> None:
    for area, duty, department in [
        (VILLAGE, "city", ""),
        (CITY, "village", ""),
        (CITY, "department", ""),
        (CITY, "city", "医保"),
        ("999999999999", "city", ""),
        (CITY, "king", ""),
    ]:
        with pytest.raises(InputError):
            make_user("wrong", area, duty, department)
    assert not User.objects.exists()


def make_delivery(number: int, owner: str, area: str | None, *counties: str) -> Delivery:
    counts = {"read": 1, "accepted": 1, "duplicate": 0, "quarantined": 0}
    made = Delivery.objects.create(
        number=number,
        source="medical_settlement",
        source_title="医保结算明细",
        owner=owner,
        file="a.csv",
        received_on=TODAY,
        ingested_at="2021-06-30T10:00:00+08:00",
        area_id=area,
        **counts,
    )
    for county in counties:
        DeliveryCounty.objects.create(delivery=made, area_id=county, rows=1)
    return made


def test_deliveries_show_where_they_speak_and_open_where_they_came_in(areas: None) -> None:
    make_delivery(1, "医保", None, COUNTY, FOREIGN_COUNTY)
    make_delivery(2, "医保", COUNTY, COUNTY)
    make_delivery(3, "水利", FOREIGN_COUNTY, FOREIGN_COUNTY)

    def listed(user: User) -> tuple[list[int], list[int]]:
        found = list(deliveries_visible_to(user).order_by("number"))
        return [each.number for each in found], [each.number for each in found if may_open_rows(user, each)]

    assert listed(make_user("city", CITY, "city")) == ([1, 2, 3], [1, 2, 3])
    assert listed(make_user("county", COUNTY, "county")) == ([1, 2], [2])
    assert listed(make_user("medical", FOREIGN_COUNTY, "department", "医保")) == ([1], [])
    assert listed(make_user("city_medical", CITY, "department", "医保")) == ([1, 2], [1, 2])
    assert listed(make_user("village", VILLAGE, "village")) == ([], [])


def test_posts_are_remembered_within_one_reading_and_no_longer(areas: None) -> None:
    user, day = make_user("xian", COUNTY, "county"), date(2021, 6, 1)
    with remembered_scopes():
        assert scope_of(user, day).covers(VILLAGE)
        emptied(user.posts.all())
        assert scope_of(user, day).covers(VILLAGE)
        assert not scope_of(user, date(2021, 6, 2)).covers(VILLAGE)
        user.is_active = False
        assert not scope_of(user, day).covers(VILLAGE)
        user.is_active = True
    assert not scope_of(user, day).covers(VILLAGE)
    with remembered_scopes():
        assert not scope_of(user, day).covers(VILLAGE)


def test_whoever_has_the_whole_tree_is_asked_for_no_area_and_a_part_of_it_is(areas: None) -> None:
    whole = scope_of(make_user("whole", CITY, "city"), TODAY)
    assert whole.filter(Household.objects.all()).query.where.children == []
    part = scope_of(make_user("part", COUNTY, "county"), TODAY)
    assert part.filter(Household.objects.all()).query.where.children != []
    of_department = scope_of(make_user("medical-city", CITY, "department", "医保"), TODAY)
    assert not of_department.filter(Household.objects.all()).exists()
    assert of_department.filter(Household.objects.all()).query.is_empty()
    Area.objects.create(code="510000000000", name="别的市", level=1, parent_id=None, scope="51")
    assert whole.filter(Household.objects.all()).query.where.children != []
