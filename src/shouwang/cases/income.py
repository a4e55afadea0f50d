"""The income statement of an identification: computed line by line from what departments delivered, completed by the village.

DOMAIN B3: twelve whole months before the month of recognition; net income a head, and beside it the reference income with
claims and compliant self-paid costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import words

# Each line of the statement with its sign in the net income; 0 counts for the reference income alone.
LINES: Mapping[str, int] = {
    "wage_income": 1,
    "business_income": 1,
    "property_income": 1,
    "transfer_income": 1,
    "business_cost": -1,
    "claims_income": 0,
    "compliant_out_of_pocket": 0,
}
TITLES = {
    "wage_income": gettext_lazy("工资性收入"),
    "business_income": gettext_lazy("生产经营性收入"),
    "property_income": gettext_lazy("财产性收入"),
    "transfer_income": gettext_lazy("转移性收入"),
    "business_cost": gettext_lazy("生产经营性支出"),
    "claims_income": gettext_lazy("理赔收入"),
    "compliant_out_of_pocket": gettext_lazy("合规自付支出"),
}
FEN = Decimal("0.01")
HIGHEST = Decimal(10) ** 9


@dataclass(frozen=True)
class Part:
    """One delivered row of a line: yuan within the window, whose and what it is, and where it stands."""

    amount: Decimal
    text: str
    source: str
    delivery: str
    line: int

    def as_json(self) -> dict[str, Any]:
        where = {"source": self.source, "delivery": self.delivery, "line": self.line}
        return where | {"amount": str(self.amount), "text": self.text}


@dataclass(frozen=True)
class Line:
    """One line: what departments delivered (None: nothing), what holds, and why it differs.

    `delivery` and `line` name the statement that says so, `period` its own window where that is another; `parts` are the
    rows of other departments within the window, which make up `delivered` where no statement covers it.
    """

    amount: Decimal
    delivered: Decimal | None = None
    delivery: int | None = None
    line: int | None = None
    reason: str = ""
    period: tuple[date, date] | None = None
    parts: tuple[Part, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "amount": str(self.amount),
            "reason": self.reason,
            "delivered": None if self.delivered is None else str(self.delivered),
            "delivery": self.delivery,
            "line": self.line,
            "period": [day.isoformat() for day in self.period] if self.period else None,
            "parts": [each.as_json() for each in self.parts],
        }


@dataclass(frozen=True)
class Reckoning:
    """A statement reckoned over the members who live together."""

    net: Decimal
    per_capita: Decimal
    reference_per_capita: Decimal


def months_before(day: date) -> tuple[date, date]:
    """The twelve whole months before the month of a day: on any day of June 2021, 2020-06-01 to 2021-05-31."""
    first = day.replace(day=1)
    last = date.fromordinal(first.toordinal() - 1)
    return first.replace(year=first.year - 1), last


def reckoned(lines: Mapping[str, Line], members: int) -> Reckoning:
    """Net income, and income a head to the fen.

    Raises:
        InputError: nobody lives together, a line is missing, or an amount is not one; a change has no reason.
    """
    if members < 1:
        raise InputError(_("共同生活人数至少为 1"), _("按实际共同生活的人数填写"))
    for name, line in lines.items():
        _check(name, line)
    if missing := [str(TITLES[name]) for name in LINES if name not in lines]:
        raise InputError(_("收入测算缺少{missing}").format(missing="、".join(missing)), _("没有的填 0"))
    net = sum((sign * lines[name].amount for name, sign in LINES.items()), Decimal(0))
    reference = net + lines["claims_income"].amount - lines["compliant_out_of_pocket"].amount
    return Reckoning(net, (net / members).quantize(FEN), (reference / members).quantize(FEN))


def _check(name: str, line: Line) -> None:
    if name not in LINES:
        raise InputError(_("没有收入项 {name}").format(name=name), _("按表中的各项填写"))
    if not line.amount.is_finite() or not 0 <= line.amount < HIGHEST or line.amount != round(line.amount, 2):
        raise InputError(
            _("{title}“{amount}”不是金额").format(title=TITLES[name], amount=line.amount), _("填写元，最多两位小数")
        )
    if line.delivered is not None and line.amount != line.delivered:
        words(line.reason, _("改动{title}的理由").format(title=TITLES[name]))
