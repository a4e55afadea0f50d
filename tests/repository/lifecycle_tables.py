"""Every lifecycle as a table in words, for docs/lifecycles.md: `python tests/repository/lifecycle_tables.py > docs/lifecycles.md`.

Made from the tables that the code reads, so that nobody copies one by hand; a test compares the two.
"""

import os
from collections.abc import Iterator
from typing import Any

HEAD = """# Every lifecycle as its table

What may be done with each kind of matter, where it stands, by whom, and where it then stands: the very tables that the code
reads (`flow.py` of each app). Written by `tests/repository/lifecycle_tables.py`; a test fails where it is old. What a table
cannot say stands beside the step: above all that whoever acted for one office does not decide for the next.

who: `desk` at the desk on which it lies; `above` an office above that; `either` both; `reaching` whoever's area holds the desk;
`home` the household's village, wherever it lies; `calling` whoever's area holds that village; `own` who asked; `other` somebody
else over its area.
"""
COLUMNS = ("stage", "on a desk of", "action", "permission", "who", "then")


def page() -> str:
    """The whole page."""
    from django.utils import translation

    from shouwang.proceedings.lifecycles import lifecycles

    with translation.override("zh-hans"):
        parts = [HEAD]
        for kind in lifecycles():
            stages = dict(kind.matter._meta.get_field("stage").flatchoices)
            parts += _table(str(kind.lifecycle.title), kind.matter._meta.label, _moves(kind, stages))
        parts += _table("导出", "outputs.Export", _exports())
    return "\n".join(parts) + "\n"


def _table(title: str, label: str, rows: Iterator[tuple[str, ...]]) -> list[str]:
    head = [f"## {title} `{label}`", "", _line(COLUMNS), _line(["---"] * len(COLUMNS))]
    return [*head, *map(_line, rows), ""]


def _line(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"


def _moves(kind: Any, stages: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    from shouwang.areas.models import Area

    levels = dict(Area.LEVELS)
    for move in kind.lifecycle.moves:
        level = kind.lifecycle.level_of.get(move.stage)
        then = "stays" if move.to == (move.stage,) else " / ".join(f"`{each}` {stages[each]}" for each in move.to)
        yield (
            f"`{move.stage}` {stages[move.stage]}",
            str(levels[level]) if level else "—",
            f"`{move.action}` {move.action.label}",
            f"`{move.permission}`",
            f"`{move.who}`",
            then,
        )


def _exports() -> Iterator[tuple[str, ...]]:
    from shouwang.outputs.flow import WAYS

    for step, way in WAYS.items():
        who = "own" if way.own else "other"
        yield (
            f"`{way.begin}` {way.begin.label}",
            "—",
            f"`{step}` {step.label}",
            f"`{way.permission}`",
            f"`{who}`",
            f"`{way.end}` {way.end.label}",
        )


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.settings")
    django.setup()
    print(page(), end="")
