"""Pages reach people only through the scoped reading functions: no bare query on their models in a view."""

import ast
from pathlib import Path

import shouwang.web

PLACES = Path(shouwang.web.__file__).parent
# Models that name nobody: areas, whether this is a demonstration, and screenings (for those who may start one).
FREE = {"Area", "User", "ScreeningRun"}


def bare_queries(source: str) -> list[str]:
    """Models whose manager a module uses itself."""
    return [
        node.value.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in ("objects", "_default_manager", "_base_manager")
        and isinstance(node.value, ast.Name)
        and node.value.id not in FREE
    ]


def test_no_page_asks_a_model_itself() -> None:
    sources = sorted(PLACES.rglob("*.py"))
    assert len(sources) > 15
    assert {path.name: found for path in sources if (found := bare_queries(path.read_text(encoding="utf-8")))} == {}


def test_a_bare_query_is_found() -> None:
    assert bare_queries("def view(request):\n    return Clue.objects.filter(pk=1)") == ["Clue"]
