"""The division tree in memory: pages ask the database for no area, and what is written is seen at once."""

from datetime import date

import pytest
from desks import COUNTY, ENDED_COUNTY, ENDED_TOWNSHIP, NEW_COUNTY, TOWNSHIP, VILLAGE, make_areas
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwang.areas import tree
from shouwang.areas.models import Area
from shouwang.areas.reading import children, full_name, full_names, path, prefixes, standing_codes
from shouwang.jobs.areas import load_areas
from shouwang.proceedings.desks import line_of

AFTER, BEFORE = date(2027, 1, 1), date(2020, 1, 1)


@pytest.fixture(autouse=True)
def areas(db: None) -> None:
    make_areas()


def test_one_query_answers_everything_about_areas() -> None:
    with CaptureQueriesContext(connection) as captured:
        village, new = tree.area_of(VILLAGE), tree.area_of(NEW_COUNTY)
        assert [each.pk for each in path(village)][1:] == [COUNTY, TOWNSHIP, VILLAGE]
        assert full_name(village) == full_names([VILLAGE])[VILLAGE]
        assert [each.pk for each in children(tree.area_of(TOWNSHIP), AFTER)] == sorted(
            each.pk for each in tree.tree().below[TOWNSHIP]
        )
        assert {ENDED_COUNTY[:6], NEW_COUNTY[:6]} <= set(prefixes(new))
        assert ENDED_TOWNSHIP in [each.pk for each in children(new, AFTER)]
        assert standing_codes([ENDED_COUNTY, VILLAGE], AFTER) == {ENDED_COUNTY: NEW_COUNTY}
        assert standing_codes([ENDED_COUNTY, VILLAGE], BEFORE) == {}
        assert line_of(tree.area_of(ENDED_TOWNSHIP), AFTER)[Area.COUNTY] == new
    assert len(captured) == 1


def test_what_is_written_is_seen_by_the_next_question() -> None:
    village = Area.objects.get(pk=VILLAGE)
    assert tree.area_of(VILLAGE).name == village.name
    village.name = "改名村"
    village.save()
    assert tree.area_of(VILLAGE).name == "改名村"
    Area.objects.create(code="500101001999", name="新村", level=4, parent_id=TOWNSHIP, scope="500101001999")
    assert "500101001999" in [each.pk for each in children(tree.area_of(TOWNSHIP), AFTER)]


def test_the_packs_divisions_are_seen_when_they_are_in(django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    assert "500103000000" not in tree.tree().by_code
    with django_capture_on_commit_callbacks(execute=True):
        load_areas()
    assert "500103000000" in tree.tree().by_code


def test_what_another_process_wrote_is_found_by_its_code_at_once() -> None:
    tree.tree()
    Area.objects.bulk_create(
        [Area(code="500101001998", name="别处写入", level=4, parent_id=TOWNSHIP, scope="500101001998")]
    )
    assert tree.area_of("500101001998").name == "别处写入"
    with pytest.raises(Area.DoesNotExist):
        tree.area_of("599999999999")


def test_after_a_while_the_rows_are_looked_through_and_the_tree_stays_where_they_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = tree.tree()
    monkeypatch.setattr(tree, "_kept", (0.0, known))
    assert tree.tree() is known
    Area.objects.filter(pk=VILLAGE).update(name="别处改名")  # as another process does: nothing here is told of it
    assert tree.tree() is known
    monkeypatch.setattr(tree, "_kept", (0.0, known))
    assert tree.area_of(VILLAGE).name == "别处改名"
