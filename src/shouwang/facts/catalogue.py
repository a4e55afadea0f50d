"""All declared facts, found by themselves: every module of `facts/declared` offers the Facts in its `FACTS`."""

import importlib
import pkgutil
from functools import cache

from shouwang.facts import declared
from shouwang.facts.declaration import Fact

FIRST = ("household", "income")


@cache
def catalogue() -> dict[str, Fact]:
    """Every fact by name: the household itself and its income first, then area by area.

    Raises:
        ValueError: one name is declared twice.
    """
    found: dict[str, Fact] = {}
    for module in sorted(pkgutil.iter_modules(declared.__path__), key=lambda each: _place(each.name)):
        for fact in importlib.import_module(f"{declared.__name__}.{module.name}").FACTS:
            if fact.name in found:
                raise ValueError(f"fact {fact.name} is declared twice")
            found[fact.name] = fact
    return found


def _place(area: str) -> tuple[int, str]:
    return (FIRST.index(area) if area in FIRST else len(FIRST), area)
