"""Questions that are composed once: their blanks are filled anew each time, and other posts are other words."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import DateField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now
from small_city import COUNTY, FOREIGN_VILLAGE, VILLAGE, make_case, make_clue, make_household, make_user

from shouwang.accounts.models import Post
from shouwang.areas.models import Area
from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.clues.reading import clue_visible_to, clues_visible_to
from shouwang.questions import Blank, Kept, Question, several
from shouwang.web.day import KINDS, day_of

pytestmark = pytest.mark.django_db


def test_blanks_are_filled_each_time_it_is_asked(city: SimpleNamespace) -> None:
    composed = []

    def begun_by() -> object:
        composed.append(1)
        begun = Post.objects.filter(user=Blank("user"), starts_on__lte=Blank("day", DateField()))
        return begun.select_related("area").order_by("pk")

    question = Question(begun_by)
    for name in ("county", "village", "county"):
        user = city.users[name]
        assert question.ask(user=user.pk, day=localdate()) == list(user.posts.order_by("pk"))
        assert question.ask(user=user.pk, day=date(1990, 1, 1)) == []
    assert composed == [1]
    with CaptureQueriesContext(connection) as captured:
        found = question.one(user=city.users["county"].pk, day=localdate())
        assert found is not None
        assert found.area.pk == COUNTY
    assert len(captured) == 1


def test_what_was_written_since_is_in_the_answer(city: SimpleNamespace) -> None:
    question = Question(lambda: Clue.objects.filter(area=VILLAGE).order_by("pk"))
    before = question.ask()
    made = make_clue(make_household("Q-1", VILLAGE, "向明", 801), 801)
    assert question.ask() == [*before, made]


def test_a_question_that_can_have_no_answer_is_not_asked() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert Question(lambda: Clue.objects.none()).ask() == []
        assert several({}, {"clues": Clue.objects.none()}).ask() == []
    assert [each["sql"] for each in captured if "clues_clue" in each["sql"]] == []


def test_several_questions_in_one(city: SimpleNamespace) -> None:
    cases = [make_case(make_household(f"Q-{place}", VILLAGE, "向明", 810 + place)) for place in range(3)]
    keys = {"case": Case.objects.order_by("-pk")[:2], "none": Case.objects.filter(number="-")}
    with CaptureQueriesContext(connection) as captured:
        found = several(keys, {"cases": Case.objects.all(), "areas": Area.objects.filter(pk=VILLAGE)}).ask()
    assert sorted(found) == [
        ("areas", 1),
        ("case", cases[1].pk),
        ("case", cases[2].pk),
        ("cases", Case.objects.count()),
    ]
    assert len(captured) == 1


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    kept, made = Kept(2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.of(key, lambda key=key: made.append(key) or key)
    assert made == ["a", "b", "c", "b"]


def test_posts_that_changed_are_other_words(city: SimpleNamespace) -> None:
    here = make_clue(make_household("Q-1", VILLAGE, "向明", 821), 821)
    there = make_clue(make_household("Q-2", FOREIGN_VILLAGE, "田英", 822), 822)
    user = make_user("moving", VILLAGE, "village")
    assert clue_visible_to(user, here.number) == here
    with pytest.raises(Clue.DoesNotExist):
        clue_visible_to(user, there.number)
    user.posts.update(revoked_at=now())
    for number in (here.number, there.number):
        with pytest.raises(Clue.DoesNotExist):
            clue_visible_to(user, number)
    Post.objects.create(user=user, area_id=FOREIGN_VILLAGE, duty="village", starts_on=localdate() - timedelta(days=1))
    assert clue_visible_to(user, there.number) == there
    with pytest.raises(Clue.DoesNotExist):
        clue_visible_to(user, here.number)
    assert list(clues_visible_to(user)) == [there]


def test_a_locked_account_is_out_at_its_next_request(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("county")
    assert client.get("/today/").status_code == 200
    type(city.users["county"]).objects.filter(pk=city.users["county"].pk).update(is_active=False)
    assert client.get("/today/").status_code == 302


def test_the_day_s_one_question_says_what_each_kind_says_itself(city: SimpleNamespace) -> None:
    """Whatever lies there by the kind's own reading lies in the one question too, for every duty."""
    township = Area.objects.get(pk=VILLAGE).parent_id
    for place in range(3):
        upper = make_case(make_household(f"Q-{place}", VILLAGE, "向明", 830 + place))
        Case.objects.filter(pk=upper.pk).update(stage="township_audit", desk_id=township)
        lower = make_case(make_household(f"R-{place}", VILLAGE, "田英", 840 + place))
        Case.objects.filter(pk=lower.pk).update(stage="collection", desk_id=VILLAGE)
    seen = 0
    for user in city.users.values():
        found = day_of(user, localdate())
        for name, kind in KINDS.items():
            assert found.rows(name) == list(kind.to_do(user, localdate())), name
            seen += len(found.rows(name))
    assert seen >= 6


def test_what_came_since_stands_on_the_page_that_was_asked_before(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    client = at_desk("village")
    before = len(client.get("/today/").context["rows"])
    for place in range(4):
        clue = make_clue(make_household(f"S-{place}", VILLAGE, "向明", 850 + place), 850 + place)
        Clue.objects.filter(pk=clue.pk).update(stage="village", desk_id=VILLAGE, due_on=localdate(), version=1)
        assert len(client.get("/today/").context["rows"]) == before + place + 1
