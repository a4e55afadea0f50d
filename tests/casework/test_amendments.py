"""A proposed value: tried on the data, decided by somebody else, in force from its day on, and never twice."""

import json
import threading
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from desks import CITY, COUNTY, FOREIGN_COUNTY, TOWNSHIP, make_areas
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, connection
from django.test import TestCase
from django_tasks_db.models import DBTaskResult
from small_register import AS_OF, LINE, make_register

import processes
from processes import SHOUWANG
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.amendments.deciding import NotOpen, Overtaken
from shouwang.amendments.flow import Step, open_to
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.amendments.reading import amendments_visible_to
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue, ScreeningRun
from shouwang.jobs import policy as policies
from shouwang.jobs import policy_amendments, policy_whatif
from shouwang.jobs.policy import current_pack, pack_in_use, write_decided
from shouwang.jobs.policy_whatif import changes
from shouwang.jobs.worker import resume
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home
from shouwang.policy.decided import decided_path
from shouwang.policy.pack import decided_in
from shouwang.screening.run import screen

TWENTY = 20
pytestmark = pytest.mark.django_db
at_once = pytest.mark.django_db(transaction=True)
PEOPLE = {
    "city": (CITY, "city"),
    "city_too": (CITY, "city"),
    "county": (COUNTY, "county"),
    "sibling": (FOREIGN_COUNTY, "county"),
    "township": (TOWNSHIP, "township"),
    "auditor": (CITY, "auditor"),
}


@pytest.fixture
def people(home: Home) -> dict[str, User]:
    make_areas()
    ScreeningRun.objects.create(as_of=AS_OF, known_at=AS_OF, state="done")
    return {name: somebody(name, *post) for name, post in PEOPLE.items()}


def somebody(name: str, area: str, duty: str) -> User:
    user = User.objects.create(username=name, display_name=name, password="!")
    Post.objects.create(user=user, area_id=area, duty=duty, starts_on=date(2020, 1, 1))
    return user


def put(user: User, value: str = "7000", since: date = date(2021, 6, 1), **more: Any) -> Amendment:
    told = {
        "document": "关于调整监测范围的通知",
        "document_number": "渝乡振发〔2021〕9号",
        "clause": "第二条",
        "reason": "物价上涨",
    }
    return policy_amendments.propose(LINE, value, since, acting_user=user, **told | more)


def tried(amendment: Amendment) -> Amendment:
    waiting = amendment.whatifs.get(state="waiting")
    policy_whatif.run_whatif.call(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.progress) == ("done", 100), waiting.message
    return amendment


def decide(amendment: Amendment, user: User, step: Step = Step.ACCEPT, **more: Any) -> Amendment:
    with TestCase.captureOnCommitCallbacks(execute=True):  # in a test's own transaction nothing is ever committed
        return policy_amendments.decide(amendment.pk, step, acting_user=user, **{"reason": "同意"} | more)


def entries(amendment: Amendment) -> list[str]:
    told = Entry.objects.filter(subject_type="amendment", subject=str(amendment.pk))
    return list(told.order_by("sequence").values_list("action", flat=True))


def test_from_the_proposal_to_the_evidence_of_a_clue(people: dict[str, User], home: Home) -> None:
    make_register(home)
    before = current_pack().version
    amendment = tried(put(people["county"]))
    assert (amendment.area_id, amendment.value, amendment.state) == (COUNTY, "7000", "proposed")
    assert current_pack().version == before
    decide(amendment, people["city"])
    pack = current_pack()
    assert pack.version.startswith("2021.1-1+")
    assert pack.at(date(2021, 5, 31))[LINE] == Decimal(6000)
    clues = {clue.household_no: clue for clue in screen(home, pack, AS_OF).clues}
    assert set(clues) == {"H1", "H2", "H3"}
    found = next(iter(clues["H2"].evidence.values()))
    assert found["parameters"][LINE] == "7000.00"
    assert found["decided"][LINE] == {
        "number": 1,
        "since": "2021-06-01",
        "document": "关于调整监测范围的通知",
        "document_number": "渝乡振发〔2021〕9号",
        "clause": "第二条",
    }
    earlier = screen(home, pack, date(2021, 5, 31), AS_OF)
    assert all("decided" not in each for clue in earlier.clues for each in clue.evidence.values())
    assert entries(amendment) == ["parameter_proposed", "whatif_run", "parameter_decided"]


def test_another_value_that_is_tried_does_not_borrow_the_ground(people: dict[str, User], home: Home) -> None:
    make_register(home)
    decide(tried(put(people["county"])), people["city"])
    batch = screen(home, current_pack(), AS_OF, overrides={LINE: "9100"})
    assert len(batch.clues) == 4
    assert all("decided" not in each for clue in batch.clues for each in clue.evidence.values())


def test_the_whatif_says_what_comes_by_county_and_township(people: dict[str, User], home: Home) -> None:
    make_register(home)
    amendment = tried(put(people["county"]))
    result = amendment.whatifs.get().result
    assert result["set"] == {LINE: ["6000", "7000"]}
    assert "H2" not in str(result)
    total, places = changes(result, lambda code: True, 2)
    assert (sum(total.before.values()), sum(total.after.values())) == (1, 3)
    assert {each.code: sum(each.come.values()) for each in places} == {COUNTY: 1, FOREIGN_COUNTY: 1}
    county = scope_of(people["county"], AS_OF)
    own, places = changes(result, county.covers, 3)
    assert (sum(own.after.values()), [each.code for each in places]) == (2, [TOWNSHIP])
    assert Clue.objects.count() == 0


def test_clues_that_go_and_change_their_level_are_counted() -> None:
    side = {"before": {"red": 2}, "after": {"orange": 1}, "come": {}, "go": {"red": 1}, "graver": 0, "lighter": 1}
    still = {"before": {"red": 1}, "after": {"red": 1}, "come": {}, "go": {}, "graver": 0, "lighter": 0}
    told = {"places": {"500101001000": side, "500101002000": still, "500102001000": side}}
    total, places = changes(told, lambda code: code.startswith("500101"), 3)
    assert (total.before, total.after, total.go, total.changed) == ({"red": 3}, {"orange": 1, "red": 1}, {"red": 1}, 2)
    assert [each.code for each in places] == ["500101001000"]


@pytest.mark.parametrize("step", [Step.ACCEPT, Step.REJECT])
def test_nobody_decides_before_a_whatif_of_the_policy_in_force(people: dict[str, User], home: Home, step: Step) -> None:
    first, second = put(people["county"]), put(people["city_too"], "8000")
    with pytest.raises(NotOpen, match="还没有按现行数值推演"):
        decide(first, people["city"], step)
    tried(first), tried(second)
    decide(first, people["city"])
    with pytest.raises(NotOpen, match="还没有按现行数值推演"):
        decide(second, people["city"], step)
    policy_whatif.ask_for_whatif(second, acting_user=people["city"])
    decide(tried(second), people["city"], step)
    assert len(current_pack().decided) == (2 if step == Step.ACCEPT else 1)


def test_the_proposer_never_decides(people: dict[str, User], home: Home) -> None:
    amendment = tried(put(people["city"]))
    with pytest.raises(NotOpen, match="不能审定自己提出的建议"):
        decide(amendment, people["city"])
    Post.objects.create(user=people["county"], area_id=CITY, duty="city", starts_on=date(2020, 1, 1))
    own = tried(put(people["county"]))
    for step in (Step.ACCEPT, Step.REJECT):
        assert step not in open_to(people["county"], scope_of(people["county"], AS_OF), own)
        with pytest.raises(NotOpen):
            decide(own, people["county"], step)
    with pytest.raises(IntegrityError):
        Amendment.objects.filter(pk=amendment.pk).update(state="accepted", number=1, decided_by=people["city"])
    assert current_pack().decided == ()


@pytest.mark.parametrize("who", ["county", "sibling", "township", "auditor"])
def test_only_the_city_decides(people: dict[str, User], home: Home, who: str) -> None:
    amendment = tried(put(people["city"]))
    for step in Step:
        with pytest.raises(NotOpen):
            decide(amendment, people[who], step)
    assert entries(amendment) == ["parameter_proposed", "whatif_run"]


@pytest.mark.parametrize("who", ["township", "auditor"])
def test_only_city_and_county_propose_and_try(people: dict[str, User], home: Home, who: str) -> None:
    with pytest.raises(PermissionDenied):
        put(people[who])
    with pytest.raises(PermissionDenied):
        policy_whatif.ask_for_whatif(put(people["city"]), acting_user=people[who])
    assert Amendment.objects.count() == 1


def test_what_was_proposed_can_be_taken_back_once(people: dict[str, User], home: Home) -> None:
    amendment = put(people["county"])
    with pytest.raises(NotOpen):
        decide(amendment, people["city"], Step.WITHDRAW)
    assert decide(amendment, people["county"], Step.WITHDRAW, reason="").state == "withdrawn"
    with pytest.raises(Overtaken, match="county已于"):
        decide(amendment, people["city"])
    assert entries(amendment)[-1] == "parameter_withdrawn"


def test_a_county_sees_its_own_and_the_citys_proposals(people: dict[str, User], home: Home) -> None:
    made = {name: put(people[name]).pk for name in ("city", "county", "sibling")}
    seen = {name: set(amendments_visible_to(people[name]).values_list("pk", flat=True)) for name in people}
    assert seen["city"] == set(made.values())
    assert seen["county"] == {made["city"], made["county"]}
    assert seen["sibling"] == {made["city"], made["sibling"]}
    assert seen["township"] == seen["auditor"] == set()


def test_one_form_sent_three_times_is_one_record(people: dict[str, User], home: Home) -> None:
    assert len({put(people["county"], key="one form").pk for _ in range(3)}) == 1
    amendment = tried(Amendment.objects.get())
    for _ in range(3):
        decide(amendment, people["city"], key="another form")
    assert entries(amendment) == ["parameter_proposed", "whatif_run", "parameter_decided"]
    assert len(current_pack().decided) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "七千"}, "不是数"),
        ({"value": "-1"}, "不在允许的范围"),
        ({"value": "6000.00"}, "本来就是6000元"),
        ({"since": date(2019, 12, 31)}, "才有数值"),
        ({"since": date(2202, 7, 1)}, "太远"),
        ({"document": " "}, "请填写依据文件"),
        ({"clause": ""}, "请填写条款"),
        ({"reason": "x" * 1001}, "超过1000字"),
    ],
)
def test_a_proposal_that_cannot_be_is_refused_with_words(
    people: dict[str, User], home: Home, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        put(people["county"], **change)
    assert Amendment.objects.count() == 0
    assert not Entry.objects.filter(action="parameter_proposed").exists()


def test_codes_that_no_file_has_are_refused(people: dict[str, User], home: Home) -> None:
    told = {
        "document": "通知",
        "document_number": "",
        "clause": "一",
        "reason": "增加类别",
        "acting_user": people["city"],
    }
    with pytest.raises(InputError, match="不是救助类别的代码"):
        policy_amendments.propose("assistance.standing_categories", "农村低保，没有的类别", AS_OF, **told)
    made = policy_amendments.propose("assistance.standing_categories", "农村低保", AS_OF, **told)
    assert made.value == "农村低保"


def test_killed_between_the_decision_and_the_file(
    people: dict[str, User], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    amendment = tried(put(people["county"]))
    with monkeypatch.context() as killed:
        killed.setattr(policy_amendments, "write_decided_after_start", lambda home: None)
        decide(amendment, people["city"])
    assert decided_in(decided_path(home)) == ()
    assert current_pack().decided == ()
    home.database.touch()  # the tests' database lies in memory; a command looks for this file first
    assert len(pack_in_use(home).decided) == 1
    assert not write_decided(home)
    home.path.joinpath("policy", "decided.yaml").unlink()
    assert write_decided(home)
    assert decided_in(decided_path(home))[0].amendment == amendment.pk


def test_a_decision_is_not_made_over_a_file_that_lags(
    people: dict[str, User], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tried(put(people["county"])), tried(put(people["city_too"], "8000"))
    with monkeypatch.context() as killed:
        killed.setattr(policy_amendments, "write_decided_after_start", lambda home: None)
        decide(first, people["city"])
        killed.setattr(policy_amendments, "write_decided", lambda home: False)
        with pytest.raises(NotOpen, match="还没有按现行数值推演"):
            decide(second, people["city"])


def test_a_list_that_has_more_than_the_database_stays_as_it_is(people: dict[str, User], home: Home) -> None:
    decide(tried(put(people["county"])), people["city"])
    content = decided_path(home).read_bytes()
    decided_path(home).write_bytes(content.replace("第二条".encode(), "第三条".encode()))
    with pytest.raises(Failure, match="不一致"):
        write_decided(home)
    policies.write_decided_after_start(home)
    assert "第三条" in decided_path(home).read_text(encoding="utf-8")


def test_a_whatif_that_fails_says_why_and_can_be_asked_again(people: dict[str, User], home: Home) -> None:
    amendment = put(people["county"])
    assert policy_whatif.ask_for_whatif(amendment, acting_user=people["city"]) == amendment.whatifs.get()
    WhatIf.objects.update(as_of=date(2019, 1, 1))
    policy_whatif.run_whatif.call(amendment.whatifs.get().pk)
    failed = amendment.whatifs.get()
    assert (failed.state, "才有数值" in failed.message) == ("failed", True)
    policy_whatif.ask_for_whatif(amendment, acting_user=people["city"])
    assert amendment.whatifs.count() == 2


def test_what_was_left_unfinished_is_queued_again_once(people: dict[str, User], home: Home) -> None:
    amendment = put(people["county"])
    WhatIf.objects.update(state="running", progress=50)
    resume()
    queued = DBTaskResult.objects.filter(task_path__endswith="run_whatif")
    assert [task.args_kwargs["args"] for task in queued] == [[amendment.whatifs.get().pk]]
    policy_whatif.run_whatif.call(amendment.whatifs.get().pk)
    assert amendment.whatifs.get().state == "done"


def test_what_is_decided_or_belongs_to_another_pack_is_not_tried(people: dict[str, User], home: Home) -> None:
    amendment = put(people["county"])
    decide(amendment, people["county"], Step.WITHDRAW)
    amendment.refresh_from_db()
    with pytest.raises(NotOpen, match="不再推演"):
        policy_whatif.ask_for_whatif(amendment, acting_user=people["city"])
    other = put(people["county"])
    Amendment.objects.filter(pk=other.pk).update(pack="chengdu")
    other.refresh_from_db()
    with pytest.raises(NotOpen, match="另一个政策包"):
        policy_whatif.ask_for_whatif(other, acting_user=people["city"])


def all_at_once(tasks: list[Callable[[], Amendment]]) -> list[str]:
    """What each was told; empty for who won."""
    told: list[str] = []
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], Amendment]) -> None:
        start.wait()
        while True:
            try:
                task()
                told.append("")
                break
            except Overtaken as second:
                told.append(second.message)
                break
            except OperationalError:  # the tests' database in memory does not wait for its lock
                time.sleep(0.2)
        connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@at_once
def test_of_twenty_decisions_one_wins_and_the_others_hear_whose(people: dict[str, User], home: Home) -> None:
    amendment = tried(put(people["county"]))
    deciders = [somebody(f"shi{place}", CITY, "city") for place in range(TWENTY)]
    steps = [Step.ACCEPT, Step.REJECT]
    told = all_at_once(
        [lambda user=user, step=steps[place % 2]: decide(amendment, user, step) for place, user in enumerate(deciders)]
    )
    assert len(told) == TWENTY
    assert told.count("") == 1
    amendment.refresh_from_db()
    assert {words.split("已于")[0] for words in told if words} == {str(amendment.decided_by)}
    assert len(entries(amendment)) == 3
    assert len(current_pack().decided) == (1 if amendment.state == "accepted" else 0)


@at_once
def test_one_form_sent_ten_times_at_once_is_one_proposal(people: dict[str, User], home: Home) -> None:
    assert all_at_once([lambda: put(people["county"], key="one form")] * 10) == [""] * 10
    assert entries(Amendment.objects.get()) == ["parameter_proposed", "whatif_run"]
    assert WhatIf.objects.count() == 1


KILLED_AFTER_COMMIT = """
import os, sys
from shouwang.kernel.home import open_home
from shouwang.jobs.casework import connect
connect(open_home())
from shouwang.accounts.models import User
from shouwang.amendments.flow import Step
from shouwang.jobs import policy_amendments
policy_amendments.write_decided_after_start = lambda home: os.kill(os.getpid(), 9)
policy_amendments.decide(int(sys.argv[1]), Step.ACCEPT, acting_user=User.objects.get(username="shi"), reason="同意")
"""
PROPOSED = """
from shouwang.kernel.home import open_home
from shouwang.jobs.casework import connect
connect(open_home())
from datetime import date
from shouwang.accounts.models import User
from shouwang.jobs import policy_amendments, policy_whatif
made = policy_amendments.propose(
    "income.monitoring_line", "7000", date(2021, 6, 1), acting_user=User.objects.get(username="xian"),
    document="通知", document_number="", clause="第二条", reason="物价上涨")
policy_whatif.run_whatif.call(made.whatifs.get().pk)
print(made.pk)
"""


@pytest.mark.sqlite
def test_a_process_killed_after_its_commit_is_made_up_for_by_the_next_command(home_with_tables: Home) -> None:
    home = home_with_tables

    def run(program: str, *words: str, ends: int = 0) -> str:
        return processes.run(program, *words, environ={"SHOUWANG_HOME": str(home.path)}, ends=ends).stdout

    make_register(home)
    run(SHOUWANG, "init")
    for name, area, duty in (("xian", COUNTY, "county"), ("shi", CITY, "city")):
        run(SHOUWANG, "user", "add", name, "--area", area, "--duty", duty, "--name", name)
    pk = run(PROPOSED).strip()
    run(KILLED_AFTER_COMMIT, pk, ends=-9)
    assert not decided_path(home).exists()
    shown = json.loads(run(SHOUWANG, "policy", "show", LINE, "--json"))
    assert shown["parameter"]["values"]["2021-06-01"] == "7000.00"
    assert decided_in(decided_path(home))[0].amendment == int(pk)
