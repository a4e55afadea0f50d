"""The office of the tests on changes of the register: who proposes, agrees and delivers, and a proposal of every kind."""

from collections.abc import Callable
from datetime import date
from typing import Any

from desks import OTHER_VILLAGE

from conftest_numbers import number
from shouwang.accounts.models import User
from shouwang.exchange.models import Upload
from shouwang.households.models import Person
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.register_sheet import codes, make_sheet
from shouwang.jobs.uploads import read_upload
from shouwang.kernel import china_time
from shouwang.registration import deciding as doing
from shouwang.registration.models import AmendmentSheet, RegisterRequest, RequestKind
from shouwang.registration.proposing import Proposal, propose

Kind = RequestKind
TODAY = china_time.today()
ROWS = [
    "H1,{village},一般农户,冉大田,{1},户主,健康,普通劳动力,13900000001",
    "H1,{village},一般农户,覃小河,{2},配偶,健康,普通劳动力,",
    "H1,{village},一般农户,冉二田,{3},子,健康,普通劳动力,",
    "H2,{village},脱贫户,彭石头,{4},户主,健康,普通劳动力,",
]


class Office:
    """Everybody at work on the changes of one register."""

    def __init__(self, people: dict[str, User], on: date = TODAY) -> None:
        self.people, self.on, self.forms = people, on, 0

    def order(self, who: str, seen: int | None = None, key: str | None = None) -> doing.Order:
        self.forms += 1
        return doing.Order(
            self.people[who], clocks_of(self.on), self.on, seen, f"f{self.forms}" if key is None else key
        )

    def propose(self, kind: Kind, who: str = "village", household: str = "H1", **told: Any) -> RegisterRequest:
        order = self.order(who, key=told.pop("key", None))
        asked = {"happened_on": self.on, "reason": "看过户口簿"} | told
        step = propose(
            household,
            Proposal(kind, **asked),
            acting_user=order.acting_user,
            requirements=order.requirements,
            codes=codes(),
            on=self.on,
            key=order.key,
        )
        return RegisterRequest.objects.get(pk=step.request_id)

    def deliver(self, who: str = "county") -> AmendmentSheet:
        """The county's sheet, and what the background process makes of it."""
        sheet = make_sheet("500101000000", self.order(who))
        for upload in (sheet.register, sheet.departures):
            if upload is not None:
                read_upload.func(upload.pk)
                upload.refresh_from_db()
                assert upload.state == Upload.State.DONE, upload.message
        return sheet


def key_of(name: str) -> int:
    return Person.objects.get(name=name).key


def split(office: Office, **told: Any) -> RegisterRequest:
    son = key_of("冉二田")
    return office.propose(Kind.SPLIT, members=(son,), relations={son: "户主"}, **told)


def proposals(office: Office) -> dict[Kind, Callable[[], RegisterRequest]]:
    wife, son = key_of("覃小河"), key_of("冉二田")
    someone = {"name": "冉新生", "relation": "孙子女", "sex": "男", "health": "健康"}
    return {
        Kind.SPLIT: lambda: split(office),
        Kind.MERGE: lambda: office.propose(Kind.MERGE, into="H2", relations={wife: "其他"}),
        Kind.DEATH: lambda: office.propose(Kind.DEATH, members=(wife,), happened_on=date(2021, 3, 4)),
        Kind.MOVE_OUT: lambda: office.propose(Kind.MOVE_OUT, members=(son,)),
        Kind.MOVE: lambda: office.propose(Kind.MOVE, to_area=OTHER_VILLAGE),
        Kind.JOIN: lambda: office.propose(Kind.JOIN, someone=someone, number=number(9, "20210101")),
        Kind.CORRECTION: lambda: office.propose(Kind.CORRECTION, members=(son,), correct=("labour", "技能劳动力")),
    }
