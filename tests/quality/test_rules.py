"""Every rule on data quality finds what it is for and leaves alone what is right; and the proof of that is itself tried."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from examples import HEADERS, Example, examples

from shouwang.deliveries.ingest import ingest_file
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.quality.check import Found, check, parameters
from shouwang.quality.declaration import QualityRule
from shouwang.quality.declared import BY_ID, RULES
from shouwang.quality.tables import Desk

RECEIVED, AS_OF = date(2021, 6, 1), date(2021, 6, 30)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[Example]]:
    """One lake with every example in it."""
    from shouwang.kernel.home import init_home

    home = init_home(tmp_path_factory.mktemp("quality") / "home")
    every = examples()
    files: dict[str, list[str]] = {source: [header] for source, header in HEADERS.items()}
    for example in every:
        for source, row in example.rows():
            files[source].append(row)
    for source, lines in files.items():
        path = home.path.parent / f"{source}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        report = ingest_file(home, source, path, RECEIVED)
        assert report.quarantined == 0, (source, report.quarantined_by_reason)
    return home, every


def desk(every: Iterable[Example]) -> Desk:
    cases = [
        {
            "household_no": each.number,
            "risks": "|" + "|".join(each.risks) + "|",
            "at_risk": not each.eliminated,
            "eliminated": each.eliminated,
            "unhelped_since": each.unhelped_since,
        }
        for each in every
        if each.risks is not None
    ]
    facts = [
        {"household_no": each.number, "field": name, "number": float(number)}
        for each in every
        for name, number in each.facts.items()
    ]
    helped = [
        {"household_no": each.number, "kind": kind, "since": since}
        for each in every
        for kind, since in each.help.items()
    ]
    explained = [{"household_no": each.number, "on": each.explained_on} for each in every if each.explained_on]
    return Desk(*(pa.Table.from_pylist(rows) for rows in (cases, facts, helped, explained)))


def found_in(home: Home, every: list[Example], rules: Iterable[QualityRule] = RULES) -> list[Found]:
    return check(home, current_pack(), AS_OF, desk(every), rules).found


@pytest.fixture(scope="module")
def found(told: tuple[Home, list[Example]]) -> list[Found]:
    return found_in(*told)


@pytest.fixture(scope="module")
def found_turned(told: tuple[Home, list[Example]]) -> list[Found]:
    """What each rule finds that is turned round."""
    return found_in(*told, [replace(rule, when=f"NOT coalesce(({rule.when}), false)") for rule in RULES])


def faults(found: Iterable[Found], every: list[Example]) -> list[str]:
    """What the examples say of the rules, where it is otherwise; and rules of which they say nothing."""
    hit = {(each.rule, each.household_no) for each in found}
    wrong = [
        f"{each.rule} {'misses' if each.found else 'finds'} {each.number}"
        for each in every
        if ((each.rule, each.number) in hit) != each.found
    ]
    for rule in RULES:
        for wanted in (True, False):
            if not any(each.rule == rule.id and each.found == wanted for each in every):
                wrong.append(f"{rule.id} has no example {'for' if wanted else 'against'} it")
    return wrong


def test_every_rule_finds_what_it_is_for_and_nothing_else(found: list[Found], told: tuple[Home, list[Example]]) -> None:
    assert faults(found, told[1]) == []


def test_the_words_are_filled_with_what_was_found(found: list[Found]) -> None:
    for each in found:
        assert set(each.values) <= set(BY_ID[each.rule].columns())
        assert each.delivery == 1
        assert each.line > 1
    names = next(each for each in found if each.rule == "identity.two_names")
    assert names.values["names"] == "2"
    assert "彭老三" in names.values["names_listed"]
    assert all(each.person != 0 for each in found if BY_ID[each.rule].of == "member")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_planted_a_rule_turned_round_is_noticed(
    rule: QualityRule, found: list[Found], found_turned: list[Found], told: tuple[Home, list[Example]]
) -> None:
    _, every = told
    others = [each for each in found if each.rule != rule.id]
    assert faults([*others, *(each for each in found_turned if each.rule == rule.id)], every)
    assert faults(others, every)


def test_planted_a_rule_without_examples_is_noticed(told: tuple[Home, list[Example]]) -> None:
    _, every = told
    left = [each for each in every if each.rule != "insurance.both"]
    assert len([each for each in faults([], left) if "no example" in each]) == 2


def test_every_parameter_is_in_the_pack() -> None:
    known = current_pack().parameters
    assert [name for name in parameters() if name not in known] == []


def test_what_was_delivered_later_is_not_known(told: tuple[Home, list[Example]]) -> None:
    home, every = told
    assert check(home, current_pack(), date(2021, 5, 31), desk(every)).households == 0
