"""A row that is waited for is read with nothing joined that is not locked with it.

PostgreSQL reads the locked row anew when its turn comes, and what is joined to it not: a clue that went to another desk
meanwhile would come with no desk at all. Related rows are fetched afterwards, by `prefetch_related`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "shouwang"


def chains(tree: ast.AST) -> Iterator[dict[str, ast.Call]]:
    """For each chain of calls: the calls by name, with those that are made on a name that the chain was kept under."""
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    for part in functions or [tree]:
        yield from chains_of(part)


def chains_of(part: ast.AST) -> Iterator[dict[str, ast.Call]]:
    kept: dict[str, dict[str, ast.Call]] = {}
    for statement in ast.walk(part):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            found = calls_of(statement.value, kept)
            kept[statement.targets[0].id] = {} if found.keys() & {"get", "first", "last"} else found
        if isinstance(statement, ast.Call):
            yield calls_of(statement, kept)


def calls_of(node: ast.AST, kept: dict[str, dict[str, ast.Call]]) -> dict[str, ast.Call]:
    found: dict[str, ast.Call] = {}
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found[node.func.attr] = node
            node = node.func
        elif isinstance(node, ast.Call):
            node = node.args[0] if node.args else node.func
        node = getattr(node, "value", node) if not isinstance(node, ast.Call) else node
    return found | (kept.get(node.id, {}) if isinstance(node, ast.Name) else {})


def joined_without_a_lock(text: str) -> list[str]:
    """The relations that a locking query joins and does not lock."""
    found = set[str]()
    for calls in chains(ast.parse(text)):
        if "select_for_update" in calls and "select_related" in calls:
            held = {
                each.value
                for word in calls["select_for_update"].keywords
                for each in getattr(word.value, "elts", [])
                if isinstance(each, ast.Constant)
            }
            found |= {
                str(each.value)
                for each in calls["select_related"].args
                if isinstance(each, ast.Constant) and each.value not in held
            }
    return sorted(found)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_joined_to_a_locked_row(path: Path) -> None:
    assert joined_without_a_lock(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Clue.objects.select_for_update(of=("self",)).select_related("desk").get(pk=1)', ["desk"]),
        ('list(Clue.objects.select_related("area", "desk").select_for_update().filter(pk=1))', ["area", "desk"]),
        ('held = Clue.objects.select_for_update()\nheld.select_related("desk").get(pk=1)', ["desk"]),
        ('E.objects.select_for_update(of=("self", "case")).select_related("case").get(pk=1)', []),
        ('Clue.objects.select_for_update().prefetch_related("desk").get(pk=1)', []),
    ],
)
def test_the_checker_sees_what_is_planted(text: str, found: list[str]) -> None:
    assert joined_without_a_lock(text) == found
