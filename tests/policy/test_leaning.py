"""A fact that goes only ways to which a condition does not lean never makes it hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.policy import leaning
from shouwang.policy.expression import Constant, Name, Operation, Term, evaluate, read_condition
from shouwang.policy.leaning import leanings

COUNTS = ("children", "members")
AMOUNTS = ("income", "spent")
PARAMETER = "income.line"
numbers = st.recursive(
    st.sampled_from([*map(Name, (*COUNTS, *AMOUNTS, PARAMETER)), Constant(0)]),
    lambda inner: st.builds(Operation, st.sampled_from("+-*"), st.tuples(inner, inner)),
    max_leaves=3,
)
compared = st.builds(Operation, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.tuples(numbers, numbers))
known = st.builds(
    Operation, st.sampled_from(["is null", "is not null"]), st.tuples(st.sampled_from([*map(Name, AMOUNTS)]))
)
conditions = st.recursive(
    st.one_of(compared, compared, known, st.just(Name("insured"))),
    lambda inner: st.one_of(
        st.builds(Operation, st.sampled_from(["and", "or"]), st.tuples(inner, inner)),
        st.builds(Operation, st.just("not"), st.tuples(inner)),
    ),
    max_leaves=5,
)
values = st.fixed_dictionaries(
    {name: st.integers(0, 3) for name in COUNTS}
    | {name: st.none() | st.integers(-3, 3) for name in AMOUNTS}
    | {PARAMETER: st.integers(-2, 2), "insured": st.booleans()}
)


def finds_none(condition: Term, before: dict[str, int], after: dict[str, int]) -> bool:
    """Whether the condition comes to hold although every fact went only ways to which it does not lean."""
    leant = leanings([condition], COUNTS)
    now = {
        name: after[name] if _may(before[name], after[name], leant.get(name, ())) else before[name] for name in before
    }
    return evaluate(condition, before) is not True and evaluate(condition, now | {PARAMETER: before[PARAMETER]}) is True


def _may(before: int | None, after: int | None, leant: object) -> bool:
    if before is None or after is None:
        return not leant
    return ("up" if after > before else "down") not in leant  # type: ignore[operator]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(condition=conditions, before=values, after=values)
def test_what_leans_nowhere_comes_to_hold_by_nothing(
    condition: Term, before: dict[str, int], after: dict[str, int]
) -> None:
    assert not finds_none(condition, before, after)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("spent >= income.line", {"spent": {"up"}}),
        ("children = 0 and spent > 0", {"children": {"down"}, "spent": {"up"}}),
        ("not (0 <> children)", {"children": {"down"}}),
        ("spent = 0", {"spent": {"up", "down"}}),
        ("income - spent < income.line * members", {"income": {"down"}, "spent": {"up"}, "members": {"up", "down"}}),
        ("income is null or insured", {"income": {"up", "down"}, "insured": {"up"}}),
        ("spent > 0 or spent < income.line", {"spent": {"up", "down"}}),
    ],
)
def test_as_one_would_say_it(written: str, expected: dict[str, set[str]]) -> None:
    assert leanings([read_condition(written, "规则")], COUNTS) == expected


def test_a_sign_that_is_taken_for_another_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(leaning.OTHER, "up", "up")
    before, after = {"spent": 1, "income": 2, "income.line": 0}, {"spent": 3, "income": 2, "income.line": 0}
    assert finds_none(read_condition("income < spent", "规则"), after, before) is False
    assert finds_none(read_condition("spent < income", "规则"), after, before)
