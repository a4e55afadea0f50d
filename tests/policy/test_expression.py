"""The language of conditions lets nothing through that it does not have, and means what SQL means."""

import itertools
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import InputError
from shouwang.policy.expression import Constant, Name, Operation, Term, evaluate, kind_of, names, read_condition, to_sql

HOSTILE = [
    "1=1; drop table x",
    "members > 0; select 1",
    "members in (select 1)",
    "(select count(*) from read_csv('/etc/passwd')) > 0",
    "read_csv('/etc/passwd')",
    "exists (select 1)",
    "members > 5000",
    "members > 1",
    "name = '张三'",
    "members between 0 and 0",
    "case when true then true else false end",
    "members / members > 0",
    "cast(members as varchar) = null",
    "members::text is null",
    '"members" > 0',
    "a.b.c > 0",
    "members > -0.0",
    "*",
    "count(*) > 0",
    "members || members is null",
    "members is true",
    "members like null",
    "$1 > 0",
    "members > ?",
    "",
    "   ",
    "select members",
    "members >",
    "members collate x > 0",
    "not exists(select 1)",
    "members[0] > 0",
    "x -> x > 0",
    "@members > 0",
    "members > 0 -- and more\n; drop table x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_the_language_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_condition(text, "规则 x")


@given(st.text(alphabet="abmn.()<>=!+-*/ 01'\";,andortis", max_size=40))
def test_any_text_is_a_term_or_refused(text: str) -> None:
    try:
        term = read_condition(text, "规则 x")
    except InputError:
        return
    assert isinstance(term, Name | Constant | Operation)
    assert all(name.count(".") <= 1 for name in names(term))


def test_a_deep_condition_is_refused_not_crashed() -> None:
    with pytest.raises(InputError):
        read_condition("(" * 20_000 + "members > 0" + ")" * 20_000, "规则 x")


def test_names_come_in_order_of_appearance_once() -> None:
    term = read_condition("net_income < income.monitoring_line * members and members > 0", "规则 x")
    assert names(term) == ["net_income", "income.monitoring_line", "members"]


@pytest.mark.parametrize(
    "text",
    ["members and flag", "members > flag", "flag > 0", "members", "flag = 0", "unknown > 0", "area.unknown > 0"],
)
def test_what_does_not_go_together_is_refused(text: str) -> None:
    kinds = {"members": "number", "flag": "flag"}
    term = read_condition(text, "规则 x")
    if text == "members":
        assert kind_of(term, kinds, "规则 x") == "number"
    else:
        with pytest.raises(InputError):
            kind_of(term, kinds, "规则 x")


LEAVES = st.sampled_from([Name("a"), Name("b"), Constant(0), Constant(None)])


def _numbers() -> st.SearchStrategy[Term]:
    return st.recursive(
        LEAVES, lambda inner: st.builds(Operation, st.sampled_from("+-*"), st.tuples(inner, inner)), max_leaves=4
    )


def _conditions() -> st.SearchStrategy[Term]:
    comparison = st.builds(
        Operation, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.tuples(_numbers(), _numbers())
    )
    missing = st.builds(Operation, st.sampled_from(["is null", "is not null"]), st.tuples(_numbers()))
    flag = st.sampled_from([Name("f"), Constant(True), Constant(False)])
    return st.recursive(
        st.one_of(comparison, missing, flag),
        lambda inner: st.one_of(
            st.builds(Operation, st.sampled_from(["and", "or"]), st.tuples(inner, inner)),
            st.builds(Operation, st.just("not"), st.tuples(inner)),
        ),
        max_leaves=6,
    )


NUMBERS = [None, Decimal("0.00"), Decimal("-1.50"), Decimal("2.25")]
DATABASE = duckdb.connect()
DATABASE.execute("CREATE TABLE x (a DECIMAL(18,2), b DECIMAL(18,2), f BOOLEAN)")
DATABASE.executemany("INSERT INTO x VALUES (?, ?, ?)", list(itertools.product(NUMBERS, NUMBERS, [None, True, False])))


@given(_conditions())
def test_a_condition_means_the_same_in_python_and_in_sql(term: Term) -> None:
    rows = DATABASE.execute(f"SELECT a, b, f, {to_sql(term, lambda name: name)} FROM x").fetchall()
    assert len(rows) == len(NUMBERS) ** 2 * 3
    for a, b, f, found in rows:
        expected = evaluate(term, {"a": a, "b": b, "f": f})
        assert found == expected
        assert (found is None) == (expected is None)
