"""The lines of an income statement as a form sends them: the amounts, and why one differs from what departments delivered."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from shouwang.cases.income import TITLES, Line
from shouwang.kernel.errors import InputError


def lines_of(form: QueryDict, delivered: Mapping[str, Line]) -> dict[str, Line]:
    """Each line from its fields a-<line> and r-<line>; nobody's silence is an income of zero.

    Raises:
        InputError: what stands there is no amount, or nothing stands there and nobody ticked that the rest is nothing.
    """
    nothing_else = bool(form.get("nothing-else"))
    return {
        name: _line(form.get(f"a-{name}", ""), form.get(f"r-{name}", ""), name, delivered[name], nothing_else)
        for name in TITLES
    }


def _line(text: str, reason: str, name: str, known: Line, nothing_else: bool) -> Line:
    written = text.replace(",", "").replace("，", "").strip()
    if not written and not (nothing_else and known.delivered is None):
        raise InputError(
            gettext("没有填写{title}").format(title=TITLES[name]),
            gettext("没有这一项的填 0，或勾选“没有填写的项目，家里都没有”"),
        )
    try:
        amount = Decimal(written or "0")
    except InvalidOperation:
        raise InputError(
            gettext("{title}“{amount}”不是金额").format(title=TITLES[name], amount=text),
            gettext("填写元，最多两位小数"),
        ) from None
    return replace(known, amount=amount, reason=reason)


def shown(form: QueryDict, delivered: Mapping[str, Line]) -> list[tuple[str, Any, Any, str, Line]]:
    """Name, title, amount, reason and what was delivered of each line, as the form was sent or else as it is known."""
    return [
        (name, title, form.get(f"a-{name}", _begins_with(delivered[name])), form.get(f"r-{name}", ""), delivered[name])
        for name, title in TITLES.items()
    ]


def _begins_with(known: Line) -> Decimal | str:
    return "" if known.delivered is None else known.amount
