"""The language of conditions: facts and parameters compared, joined by and, or, not. Nothing else can be said in it.

`medical_out_of_pocket >= medical.high_lifted` compares a fact (a bare name) with a parameter (`area.name`). Numbers
do not occur but for 0. sqlglot parses; what it gives is let through only node by node, by a list of what is allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import errors, exp, parse

from shouwang.kernel.errors import InputError

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
SUMS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
Scalar = Decimal | int | bool | None


@dataclass(frozen=True)
class Name:
    """A fact (`members`) or a parameter (`income.monitoring_line`)."""

    text: str

    @property
    def is_parameter(self) -> bool:
        return "." in self.text


@dataclass(frozen=True)
class Constant:
    """0, true, false or null."""

    value: int | bool | None


@dataclass(frozen=True)
class Operation:
    """`sign` between or before its operands: and, or, not, is null, is not null, = <> < <= > >= + - *."""

    sign: str
    operands: tuple["Term", ...]


Term = Name | Constant | Operation


def read_condition(text: str, what: str) -> Term:
    """The condition as a term.

    Raises:
        InputError: it is no condition, or says something that the language does not have; `what` names its owner.
    """
    try:
        statements = parse(text, read="duckdb")
    except (errors.SqlglotError, RecursionError) as problem:
        raise InputError(f"{what}的条件读不懂：{text.strip()}", "用 and、or、not、比较和括号书写") from problem
    if len(statements) != 1 or statements[0] is None:
        raise InputError(f"{what}的条件须为一个式子：{text.strip()}", "去掉分号和多余的语句")
    return _term(statements[0], what)


def _term(node: exp.Expr, what: str) -> Term:
    if isinstance(node, exp.Paren):
        return _term(node.this, what)
    if type(node) in (exp.And, exp.Or):
        return Operation("and" if type(node) is exp.And else "or", _two(node, what))
    if isinstance(node, exp.Not) and isinstance(node.this, exp.Is) and isinstance(node.this.expression, exp.Null):
        return Operation("is not null", (_term(node.this.this, what),))
    if type(node) is exp.Not:
        return Operation("not", (_term(node.this, what),))
    if type(node) is exp.Is and isinstance(node.expression, exp.Null):
        return Operation("is null", (_term(node.this, what),))
    if sign := COMPARISONS.get(type(node)) or SUMS.get(type(node)):
        return Operation(sign, _two(node, what))
    return _leaf(node, what)


def _two(node: exp.Expr, what: str) -> tuple[Term, Term]:
    return _term(node.this, what), _term(node.expression, what)


def _leaf(node: exp.Expr, what: str) -> Term:
    if type(node) is exp.Column and not node.args.get("db") and not node.args.get("catalog"):
        parts = [part for part in (node.args.get("table"), node.this) if part is not None]
        if all(type(part) is exp.Identifier and not part.args.get("quoted") for part in parts):
            return Name(".".join(part.name for part in parts))
    if type(node) is exp.Null:
        return Constant(None)
    if type(node) is exp.Boolean:
        return Constant(bool(node.this))
    if type(node) is exp.Literal and not node.is_string and node.name == "0":
        return Constant(0)
    raise InputError(
        f"{what}的条件中不能使用“{node.sql()}”", "只用事实名、参数名、0、true、false、null；数字请定义为参数"
    )


def names(term: Term) -> list[str]:
    """Every fact and parameter that a term speaks of, in order of appearance."""
    if isinstance(term, Name):
        return [term.text]
    if isinstance(term, Operation):
        return list(dict.fromkeys(name for operand in term.operands for name in names(operand)))
    return []


def to_sql(term: Term, of_name: Callable[[str], str]) -> str:
    """The term as a statement's expression; `of_name` writes facts and parameters."""
    if isinstance(term, Name):
        return of_name(term.text)
    if isinstance(term, Constant):
        return "NULL" if term.value is None else str(term.value).upper()
    parts = [to_sql(operand, of_name) for operand in term.operands]
    if term.sign == "not":
        return f"(NOT {parts[0]})"
    if len(parts) == 1:
        return f"({parts[0]} {term.sign.upper()})"
    return f"({parts[0]} {term.sign.upper()} {parts[1]})"


def evaluate(term: Term, values: Mapping[str, Scalar]) -> Scalar:
    """The term's value by three-valued logic: None is unknown, as in SQL."""
    if isinstance(term, Name):
        return values[term.text]
    if isinstance(term, Constant):
        return term.value
    found = [evaluate(operand, values) for operand in term.operands]
    if term.sign in ("is null", "is not null"):
        return (found[0] is None) == (term.sign == "is null")
    if term.sign in ("and", "or"):
        decisive = term.sign == "or"
        if any(value is decisive for value in found):
            return decisive
        return None if None in found else not decisive
    if None in found:
        return None
    if term.sign == "not":
        return not found[0]
    return OPERATORS[term.sign](*found)  # type: ignore[arg-type]


Number = Decimal | int
OPERATORS: dict[str, Callable[[Number, Number], Scalar]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}


def kind_of(term: Term, kinds: Mapping[str, str], what: str) -> str:
    """Whether a term is a `flag` or a `number`; `null` for the empty constant. `kinds` gives it for every name.

    Raises:
        InputError: an unknown name, or an operation on things that do not go together.
    """
    if isinstance(term, Name):
        if term.text not in kinds:
            sort = "参数" if term.is_parameter else "事实"
            raise InputError(f"{what}的条件用到没有定义的{sort} {term.text}", "核对名称，或先定义它")
        return kinds[term.text]
    if isinstance(term, Constant):
        return "null" if term.value is None else "flag" if isinstance(term.value, bool) else "number"
    found = [kind_of(operand, kinds, what) for operand in term.operands]
    if term.sign in ("is null", "is not null"):
        return "flag"
    wanted = "flag" if term.sign in ("and", "or", "not") else "number"
    if term.sign in ("=", "<>") and set(found) <= {"flag"}:
        wanted = "flag"
    if any(kind != wanted for kind in found):
        raise InputError(
            f"{what}的条件在“{term.sign}”两边用了不能这样组合的内容", "是否类用 and/or/not，数值类用比较和加减乘"
        )
    return "number" if term.sign in SUMS.values() else "flag"
