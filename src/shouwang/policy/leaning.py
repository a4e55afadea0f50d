"""Which way the value of a fact must go before a condition can come to hold.

`medical_out_of_pocket >= medical.high` comes to hold only where the fact rises, `members_in_work = 0` only where it falls. Whoever
knows that nothing held yesterday need not ask again where facts went the other way.
"""

from collections.abc import Collection, Iterable
from typing import Literal

from shouwang.policy.expression import Constant, Name, Operation, Term

Way = Literal["up", "down"]
BOTH: frozenset[Way] = frozenset(("up", "down"))
UP: frozenset[Way] = frozenset(("up",))
OTHER: dict[Way, Way] = {"up": "down", "down": "up"}
ZERO = Constant(0)
Leanings = dict[str, frozenset[Way]]


def leanings(conditions: Iterable[Term], counts: Collection[str]) -> Leanings:
    """Of every fact the ways that some condition leans to. A fact that goes only other ways, and so do all that change with it,
    makes no condition hold that was false or unknown before.

    `counts` are facts that are never below nought. That a value becomes known, or unknown, is either way.
    """
    found: Leanings = {}
    for condition in conditions:
        _lean(condition, UP, counts, found)
    return found


def _lean(term: Term, ways: frozenset[Way], counts: Collection[str], found: Leanings) -> None:
    if isinstance(term, Name) and not term.is_parameter:
        found[term.text] = found.get(term.text, frozenset()) | ways
    if isinstance(term, Operation):
        for operand, leant in zip(term.operands, _of_operands(term, ways, counts), strict=True):
            _lean(operand, leant, counts, found)


def _of_operands(term: Operation, ways: frozenset[Way], counts: Collection[str]) -> list[frozenset[Way]]:
    """To which ways each operand must go for the term to go these ways."""
    against: frozenset[Way] = frozenset(OTHER[way] for way in ways)
    match term.sign:
        case "and" | "or" | "+":
            return [ways, ways]
        case "not":
            return [against]
        case "-" | ">" | ">=":
            return [ways, against]
        case "<" | "<=":
            return [against, ways]
        case "=" | "<>" if _is_whether_any(term, counts):
            return [against if term.sign == "=" else ways] * 2
    return [BOTH] * len(term.operands)


def _is_whether_any(term: Operation, counts: Collection[str]) -> bool:
    """Whether a count is compared with nought: none or some."""
    count, other = term.operands if term.operands[1] == ZERO else reversed(term.operands)
    return other == ZERO and isinstance(count, Name) and count.text in counts
