"""Every address of the site, for nobody and for people from elsewhere: built from the URL map itself.

A new address without an expectation declared here fails the suite.
"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from shouwang.web.urls import urlpatterns

# What somebody of a foreign county, somebody without a post, and another department get: a status.
# 200 pages are checked not to show the household.
ADDRESSES: dict[str, dict[str, object]] = {
    "login": {"args": [], "public": True, "foreign": 302, "postless": 302},
    "login-code": {"args": [], "halfway": True, "foreign": 302, "postless": 302},
    "logout": {"args": [], "foreign": 405, "postless": 405},
    "account": {"args": [], "foreign": 200, "postless": 200},
    "password": {"args": [], "foreign": 200, "postless": 200},
    "second-factor": {"args": [], "foreign": 200, "postless": 200},
    "second-factor-remove": {"args": [], "foreign": 405, "postless": 405},
    "recovery-codes": {"args": [], "foreign": 405, "postless": 405},
    "sessions-end": {"args": [], "foreign": 405, "postless": 405},
    "users": {"args": [], "foreign": 200, "postless": 403},
    "user-new": {"args": [], "foreign": 200, "postless": 403},
    "users-sheet": {"args": [], "foreign": 200, "postless": 403},
    "users-template": {"args": [], "foreign": 200, "postless": 403},
    "user": {"args": ["account.pk"], "foreign": 404, "postless": 404},
    "user-password": {"args": ["account.pk"], "foreign": 405, "postless": 405},
    "user-second-factor": {"args": ["account.pk"], "foreign": 405, "postless": 405},
    "user-sessions": {"args": ["account.pk"], "foreign": 405, "postless": 405},
    "post-give": {"args": ["account.pk"], "foreign": 405, "postless": 405},
    "post-end": {"args": ["account.pk", "post.pk"], "foreign": 405, "postless": 405},
    "post-move": {"args": ["account.pk", "post.pk"], "foreign": 405, "postless": 405},
    "overview": {"args": [], "foreign": 200, "postless": 200},
    "overview-area": {"args": ["500101000000"], "foreign": 404, "postless": 404},
    "worklist": {"args": [], "foreign": 200, "postless": 403},
    "clue": {"args": ["clue.number"], "foreign": 404, "postless": 404},
    "households": {"args": [], "foreign": 200, "postless": 403},
    "household": {"args": ["household.pk"], "foreign": 404, "postless": 404},
    "deliveries": {"args": [], "foreign": 200, "postless": 403},
    "review": {"args": [], "foreign": 200, "postless": 403},
    "delivery": {"args": ["delivery.pk"], "foreign": 404, "postless": 404},
    "quarantine-download": {"args": ["delivery.pk"], "foreign": 404, "postless": 404},
    "upload": {"args": [], "foreign": 200, "postless": 403},
    "upload-state": {"args": ["upload.pk"], "foreign": 404, "postless": 404},
    "screenings": {"args": [], "foreign": 200, "postless": 403},
    "screening-state": {"args": ["run.pk"], "foreign": 200, "postless": 404},
    "policy": {"args": [], "foreign": 200, "postless": 200},
    "rule": {"args": ["medical.high_out_of_pocket"], "foreign": 200, "postless": 200},
    "parameter": {"args": ["income.monitoring_line"], "foreign": 200, "postless": 200},
    "components": {"args": [], "foreign": 200, "postless": 200},
}
# Addresses that show the county's officer no page: forms to send, steps of the login, and a file that is not there.
SENT_ONLY = {"login", "login-code", "quarantine-download"} | {
    name for name, expected in ADDRESSES.items() if expected["foreign"] == 405
}
OF_THE_HOUSEHOLD = ("冉光荣", "500101001001-0001", "D000002")


def address(name: str, city: SimpleNamespace) -> str:
    def value(text: str) -> object:
        of, _, field = text.partition(".")
        return getattr(getattr(city, of), field) if hasattr(city, of) else text

    return reverse(name, args=[value(text) for text in ADDRESSES[name]["args"]])  # type: ignore[attr-defined]


def test_every_address_has_an_expectation() -> None:
    resolver = get_resolver()
    named = {name for name in resolver.reverse_dict if isinstance(name, str)}
    assert named == set(ADDRESSES)
    assert len(urlpatterns) == len(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
def test_nobody_gets_no_further_than_the_door(name: str, city: SimpleNamespace) -> None:
    response = Client().get(address(name, city))
    if ADDRESSES[name].get("public"):
        assert response.status_code == 200
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/login/" if ADDRESSES[name].get("halfway") else "/login/?next=")


@pytest.mark.parametrize("who", ["foreign", "postless"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_people_from_elsewhere_see_nothing_of_the_county(
    name: str, who: str, city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    response = at_desk(who).get(address(name, city))
    assert response.status_code == ADDRESSES[name][who]
    text = response.content.decode(errors="replace")
    assert not [word for word in OF_THE_HOUSEHOLD if word in text]


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name not in SENT_ONLY])
def test_the_county_gets_every_page(name: str, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    city.delivery.quarantined = 0
    city.delivery.save()
    response = at_desk("county").get(address(name, city))
    assert response.status_code == 200


def test_no_page_needs_what_the_policy_forbids(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    """A strict content security policy: no inline style and no inline script on any page, and the header says so."""
    city.delivery.quarantined = 0
    city.delivery.save()
    client = at_desk("county")
    for name in ADDRESSES:
        response = client.get(address(name, city))
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        if response["Content-Type"].startswith("text/html") and response.status_code == 200:
            text = response.content.decode()
            assert " style=" not in text, name
            assert "<style" not in text, name
            assert "<script>" not in text, name
            assert " onclick=" not in text, name
