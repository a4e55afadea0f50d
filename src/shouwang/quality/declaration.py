"""A rule on data quality: which members or households it finds fault with, in which words, and where that is mended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from shouwang.facts.setting import Setting, literal

PARAMETER = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Severity(IntEnum):
    """How bad a defect is: it decides about people, it makes figures wrong, it is to be looked at."""

    SERIOUS = 1
    ORDINARY = 2
    HINT = 3


class Of(StrEnum):
    """Whose defect it is."""

    MEMBER = "member"
    HOUSEHOLD = "household"


class Place(StrEnum):
    """Where it is mended: the register, what the desk recorded, the case, or the department that sent it."""

    REGISTER = "register"
    RECORD = "record"
    CASE = "case"
    INCOME = "income"
    DEPARTMENT = "department"


@dataclass(frozen=True)
class QualityRule:
    """One rule.

    Args:
        when: a condition over the columns of the table `of` (`tables`), with `{area.name}` for parameters of the pack.
        says: what is wrong, in words; `{column}` is filled with the value found.
        advice: what is to be done.
        confidence: H official text, M one source or another province's practice (DOMAIN).
    """

    id: str
    severity: Severity
    of: Of
    title: str
    when: str
    says: str
    advice: str
    place: Place
    field: str = ""
    document: str = "other-counties"
    clause: str = "数据质量核查"
    confidence: str = "M"

    def parameters(self) -> list[str]:
        return list(dict.fromkeys(PARAMETER.findall(self.when)))

    def columns(self) -> list[str]:
        """The columns whose values the words show."""
        return list(dict.fromkeys(PLACEHOLDER.findall(self.says)))

    def condition(self, at: Setting) -> str:
        """The condition as a statement's expression, parameters filled in."""
        return PARAMETER.sub(lambda found: _written(at, found.group(1)), self.when)


def _written(at: Setting, parameter: str) -> str:
    value = at.parameters[parameter]
    return f"({', '.join(literal(name) for name in value)})" if isinstance(value, tuple) else str(value)


def filled(says: str, values: Mapping[str, str], missing: str) -> str:
    """The words with the values found, and `missing` where nothing is filled in."""
    return PLACEHOLDER.sub(lambda found: values.get(found.group(1)) or missing, says)
