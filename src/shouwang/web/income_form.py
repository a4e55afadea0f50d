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
    """Each line from its fields a-<line> and r-<line>.

    Raises:
        InputError: what stands there is no amount.
    """
    return {name: _line(form.get(f"a-{name}", ""), form.get(f"r-{name}", ""), name, delivered[name]) for name in TITLES}


def _line(text: str, reason: str, name: str, known: Line) -> Line:
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").strip() or "0")
    except InvalidOperation:
        raise InputError(
            gettext("{title}“{amount}”不是金额").format(title=TITLES[name], amount=text),
            gettext("填写元，最多两位小数"),
        ) from None
    return replace(known, amount=amount, reason=reason)


def shown(form: QueryDict, delivered: Mapping[str, Line]) -> list[tuple[str, Any, Any, str, Line]]:
    """Name, title, amount, reason and what was delivered of each line, as the form was sent or else as it is known."""
    return [
        (name, title, form.get(f"a-{name}", delivered[name].amount), form.get(f"r-{name}", ""), delivered[name])
        for name, title in TITLES.items()
    ]
