"""What the village records of a household: each entry once with who and from where, the last one counts, nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.timezone import localdate

from shouwang.audit.models import Entry
from shouwang.jobs.quality import _facts
from shouwang.kernel.home import Home
from shouwang.registration.fields import FIELDS
from shouwang.registration.models import RecordedFact
from web.test_english import data, untranslated

ACCOUNT = "6222021234567890"


@pytest.fixture
def form(home: Home, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> Callable[..., Client]:
    def send(key: str = "k", **told: str) -> Client:
        client = at_desk("village")
        fields = {each.name: "" for each in FIELDS} | {"source": "入户查看", "key": key} | told
        client.answer = client.post(f"/households/{city.household.pk}/record/", fields)
        return client

    return send


def kept() -> list[tuple[str, str]]:
    return list(RecordedFact.objects.order_by("pk").values_list("field", "value"))


def test_only_what_changes_is_written_and_what_was_stays(form: Callable[..., Client], city: SimpleNamespace) -> None:
    form("a", farmland="3.50", toilet="旱厕")
    form("b", farmland="3.5", toilet="卫生厕所")
    form("c", farmland="3.5", toilet="")
    assert kept() == [("toilet", "旱厕"), ("farmland", "3.5"), ("toilet", "卫生厕所"), ("toilet", "")]
    assert _facts().to_pylist() == [{"household_no": city.household.pk, "field": "farmland", "number": 3.5}]
    with pytest.raises(PermissionDenied):
        RecordedFact.objects.update(value="9")
    assert Entry.objects.filter(action="facts_recorded").count() == 3


def test_the_household_shows_it_with_who_and_from_where(form: Callable[..., Client], city: SimpleNamespace) -> None:
    page = form("a", farmland="3.5", fuel="柴草").get(f"/households/{city.household.pk}/").content.decode()
    for said in ("耕地", "3.5 亩", "柴草", "入户查看", "village"):
        assert said in page
    yesterday = localdate() - timedelta(days=1)
    assert form("b").get(f"/households/{city.household.pk}/?on={yesterday}").context.get("recorded", []) == []


def test_a_bank_account_is_sealed_and_never_shown(form: Callable[..., Client], city: SimpleNamespace) -> None:
    client = form("a", bank_account=ACCOUNT)
    pages = [client.get(f"/households/{city.household.pk}/{end}").content.decode() for end in ("", "record/")]
    fact = RecordedFact.objects.get()
    assert fact.value == "****7890"
    assert settings.HOME.sealer().unseal(bytes(fact.sealed), f"fact:{city.household.pk}") == ACCOUNT
    assert all(ACCOUNT not in page for page in pages)
    assert ACCOUNT not in str(list(Entry.objects.values())) + str(list(RecordedFact.objects.values()))
    form("b", farmland="1")
    assert len(kept()) == 2  # an empty account is not taken for a new one


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"farmland": "-1"}, "不是数"),
        ({"farmland": "三亩"}, "不是数"),
        ({"farmland": "NaN"}, "不是数"),
        ({"toilet": "马桶"}, "不在选项内"),
        ({"vehicles": "车" * 201}, "超过200字"),
        ({"farmland": "1", "source": " "}, "请填写依据"),
    ],
)
def test_what_is_no_value_of_its_field_is_refused_in_words(
    form: Callable[..., Client], told: dict[str, str], said: str
) -> None:
    answer = form(**told).answer
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert kept() == []


def test_only_the_own_village_records(
    form: Callable[..., Client], city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    for who in ("county", "township", "foreign", "department"):
        assert at_desk(who).post(f"/households/{city.household.pk}/record/", {"source": "x"}).status_code == 404
    assert kept() == []


def test_the_form_speaks_english(form: Callable[..., Client], city: SimpleNamespace) -> None:
    client = form("a", toilet="旱厕")
    client.get("/account/")  # shows the message of what was recorded, in the language of then
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for end in ("record/", ""):
        assert list(untranslated(client.get(f"/households/{city.household.pk}/{end}").content.decode(), data())) == []
