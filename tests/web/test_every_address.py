"""Every page of the site: it comes up for the county, and needs nothing that the content security policy forbids.

Who may open what is in `tests/access`.
"""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from small_city import (
    AS_OF,
    COUNTY,
    VILLAGE,
    make_case,
    make_defect,
    make_delivery,
    make_elimination,
    make_household,
    make_notice,
    standing,
)

from addresses import ADDRESSES
from conftest_numbers import number
from shouwang.accounts.models import User
from shouwang.cases.models import Case, CasePhoto, Proof
from shouwang.cases.photos import keep_all
from shouwang.clues.photos import Drawn
from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.home import Home
from shouwang.web.reporting import ticket_of
from waiting_rows import put_in_review

# Pages that the county does not get: steps of the login, and a file that is not there.
NOT_SHOWN = {"login", "login-code", "quarantine-download"}
PAGES = [
    name
    for name, address in ADDRESSES.items()
    if name not in NOT_SHOWN and ("county" in address.reading or address.reading in ("anyone", "signed in"))
]


def address(name: str, city: SimpleNamespace) -> str:
    if ADDRESSES[name].about == "elimination":
        watched = make_case(make_household("H-watched", VILLAGE, "向明", 77))
        return reverse(name, args=[make_elimination(watched).number])
    named: dict[str, Callable[[], list[object]]] = {
        "": lambda: [],
        "account": lambda: [city.account.pk],
        "area": lambda: ["500101000000"],
        "clue": lambda: [city.clue.number],
        "case": lambda: [city.case.number],
        "case_photo": lambda: [proof_of(city.case).name],
        "case_paper": lambda: [city.case.number, "statement"],
        "notice": lambda: [proof_of(city.case).proof.notice_id],
        "standing_notice": lambda: [VILLAGE, standing(city.case).pk],
        "register_request": lambda: [city.request.number],
        "household": lambda: [city.household.pk],
        "person": lambda: [city.household.persons.get().pk],
        "delivery": lambda: [city.delivery.pk],
        "upload": lambda: [city.upload.pk],
        "run": lambda: [city.run.pk],
        "rule": lambda: ["medical.high_out_of_pocket"],
        "photo": lambda: [city.photo.name],
        "waiting_row": lambda: [11, 2],
        "quarantine": lambda: [12],
        "parameter": lambda: ["income.monitoring_line"],
        "amendment": lambda: [city.amendment.pk],
        "message": lambda: [city.message.pk],
        "declaration": lambda: [city.declaration.number],
        "declaration_photo": lambda: [city.declaration.photos.get().name],
        "poster_village": lambda: [VILLAGE],
        "sweep": lambda: [city.campaign.number],
        "sweep_task": lambda: [city.campaign.tasks.get().pk],
        "receipt": lambda: [ticket_of(city.declaration)],
        "ticket": lambda: [ticket_of(city.unverified)],
        "export": lambda: [city.export.pk],
        "plan": lambda: [city.help.plan.number],
        "task": lambda: [city.help.task.number],
        "need": lambda: [city.help.need.number],
        "contact": lambda: [city.help.contact.pk],
        "help_photo": lambda: [city.help.photo.name],
    }
    return reverse(name, args=named[ADDRESSES[name].about]())


def proof_of(case: Case) -> CasePhoto:
    """A photo of a notice of the case, made once."""
    if not case.photos.exists():
        proof = Proof.objects.create(notice=make_notice(case), taken_on=AS_OF, place="公示栏", by=User.objects.all()[0])
        keep_all([Drawn(b"jpeg", 1, 1)], case, proof=proof)
    return case.photos.all()[0]


@pytest.fixture(autouse=True)
def rows_of_the_lake(home: Home, city: SimpleNamespace) -> None:
    put_in_review(home, 11, "冉光荣", VILLAGE, {11: "姓名相同；同村"})
    make_defect(city.household)
    header = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,个人自付"
    rows = f"{header}\nS1,{number(1)},冉光荣,2021-13-01,住院,300.00,100.00\n".encode()
    report = ingest_file(home, "medical_settlement", BytesIO(rows), date(2021, 6, 30), name="结算.csv")
    make_delivery(report.number, COUNTY, quarantined=1)


FORBIDDEN = (" style=", "<style", "<script>", " onclick=")


def against_the_policy(response: HttpResponse) -> list[str]:
    """What a page needs that a strict content security policy forbids, and what its own header would let through."""
    policy = response.headers.get("Content-Security-Policy", "unsafe-inline, for there is none")
    wrong = [word for word in ("unsafe-inline",) if word in policy]
    if response["Content-Type"].startswith("text/html"):
        wrong += [word for word in FORBIDDEN if word in response.content.decode()]
    return wrong


def test_the_county_gets_every_page_and_none_needs_what_the_policy_forbids(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    city.delivery.quarantined = 0
    city.delivery.save()
    client, wrong = at_desk("county"), []
    for name in PAGES:
        response = client.get(address(name, city))
        if response.status_code != 200:
            wrong.append(f"{name} answers {response.status_code}")
        wrong += [f"{name} has {word}" for word in against_the_policy(response)]
    assert wrong == []


@pytest.mark.parametrize("name", ["login", "login-code"])
def test_the_login_needs_nothing_that_the_policy_forbids(name: str, city: SimpleNamespace) -> None:
    assert against_the_policy(Client().get(address(name, city))) == []


@pytest.mark.parametrize("word", FORBIDDEN)
def test_what_the_policy_forbids_is_found(word: str) -> None:
    page = HttpResponse(f"<p{word}'x'></p>", headers={"Content-Security-Policy": "default-src 'self'"})
    assert against_the_policy(page) == [word]
    assert against_the_policy(HttpResponse("<p>")) == ["unsafe-inline"]
