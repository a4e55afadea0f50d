"""Conditions read aloud with their values filled in: what was compared with what, and how it came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shouwang.facts.catalogue import catalogue
from shouwang.policy.expression import OPERATORS, SUMS, Constant, Name, Operation, Term, evaluate
from shouwang.policy.pack import Pack
from shouwang.screening.wording import UNKNOWN, value_words

SIGNS = {"<": "＜", "<=": "≤", ">": "＞", ">=": "≥", "=": "＝", "<>": "≠", "*": "×", "+": "＋", "-": "－"}
OUTCOMES = {True: "成立", False: "不成立", None: UNKNOWN}


@dataclass(frozen=True)
class Comparison:
    """One comparison of a condition: both sides in words, and whether it holds (None: a value is missing)."""

    words: str
    holds: bool | None

    def as_json(self) -> dict[str, Any]:
        return {"words": self.words, "holds": self.holds}


class Reader:
    """Reads conditions for one household's facts and one set of parameter values."""

    def __init__(self, pack: Pack, values: Mapping[str, Any]) -> None:
        self._pack = pack
        self._values = values

    def holds(self, term: Term) -> bool | None:
        found = evaluate(term, self._values)
        return None if found is None else bool(found)

    def comparisons(self, term: Term) -> list[Comparison]:
        """Every comparison that the condition makes, in its order."""
        if isinstance(term, Operation) and term.sign in ("and", "or"):
            return [each for operand in term.operands for each in self.comparisons(operand)]
        return [Comparison(self.aloud(term), self.holds(term))]

    def aloud(self, term: Term) -> str:
        """The condition with names and values; after each comparison whether it holds."""
        if isinstance(term, Name):
            return self._named(term.text)
        if isinstance(term, Constant):
            return "无" if term.value is None else OUTCOMES[term.value] if isinstance(term.value, bool) else "0"
        if term.sign in ("and", "or"):
            joint = "，且" if term.sign == "and" else "，或"
            return joint.join(self._bracketed(operand) for operand in term.operands)
        if term.sign == "not":
            return f"并非“{self.aloud(term.operands[0])}”"
        if term.sign in ("is null", "is not null"):
            return f"{self.aloud(term.operands[0])}{'没有' if term.sign == 'is null' else '有'}数值"
        left, right = (self._side(operand) for operand in term.operands)
        return f"{left} {SIGNS[term.sign]} {right}"

    def with_outcome(self, term: Term) -> str:
        """The condition aloud, each comparison followed by 成立, 不成立 or 未知."""
        if isinstance(term, Operation) and term.sign in ("and", "or"):
            joint = "，且 " if term.sign == "and" else "，或 "
            parts = []
            for operand in term.operands:
                text = self.with_outcome(operand)
                mixed = isinstance(operand, Operation) and operand.sign in ("and", "or") and operand.sign != term.sign
                parts.append(f"（{text}）" if mixed else text)
            return joint.join(parts)
        return f"{self.aloud(term)}【{OUTCOMES[self.holds(term)]}】"

    def _bracketed(self, term: Term) -> str:
        compound = isinstance(term, Operation) and term.sign in ("and", "or")
        return f"（{self.aloud(term)}）" if compound else self.aloud(term)

    def _side(self, term: Term) -> str:
        text = self.aloud(term)
        if isinstance(term, Operation) and term.sign in SUMS.values() and term.sign in OPERATORS:
            found = evaluate(term, self._values)
            return f"{text}（={UNKNOWN if found is None else f'{found:.2f}'}）"
        return text

    def _named(self, name: str) -> str:
        if "." in name:
            parameter = self._pack.parameters[name]
            return f"{parameter.title}{parameter.words(self._values[name])}"
        fact = catalogue()[name]
        return f"{fact.title}{'：' if fact.kind == 'flag' else ''}{value_words(fact, self._values[name])}"
