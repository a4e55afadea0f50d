"""Every text that the desk says, with the first place where it stands."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from shouwang.facts.catalogue import catalogue
from shouwang.policy.pack import Pack
from shouwang.sources.contract import Contract

CHINESE = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e]")
FUNCTIONS = {"_", "gettext", "gettext_lazy"}
# `templatize` writes a template as the Python that would say the same, for programs that read Python alone.
SAID = re.compile(
    r"""\bgettext\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)|\b_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)"""
)


def gathered(source: Path, pack: Pack, contracts: Iterable[Contract]) -> dict[str, str]:
    """Text → where it stands: of the package under `source`, and the titles that it shows from the pack and contracts."""
    found: dict[str, str] = {}
    for path in sorted(source.rglob("*.py")):
        _add(found, python_texts(path.read_text(encoding="utf-8")), str(path.relative_to(source)))
    for path in sorted(source.rglob("*.html")):
        _add(found, template_texts(path.read_text(encoding="utf-8")), str(path.relative_to(source)))
    _add(found, pack_texts(pack), "policy pack")
    _add(found, contract_texts(contracts), "contracts")
    _add(found, (fact.title for fact in catalogue().values()), "facts")
    return found


def _add(found: dict[str, str], texts: Iterable[str], place: str) -> None:
    for text in texts:
        if CHINESE.search(text):
            found.setdefault(text, place)


def python_texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.args:
            text = node.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


def template_texts(source: str) -> Iterator[str]:
    for found in SAID.finditer(templatize(source)):
        yield ast.literal_eval(found[1] or found[2])


def pack_texts(pack: Pack) -> Iterator[str]:
    for rule in pack.rules.values():
        yield rule.title
    for parameter in pack.parameters.values():
        yield from (parameter.title, parameter.unit, parameter.review)
    for level in pack.levels:
        yield from (level.title, level.words)
    yield from pack.risk_types.values()


def contract_texts(contracts: Iterable[Contract]) -> Iterator[str]:
    for contract in contracts:
        yield from (contract.title, contract.owner)
        for column in contract.columns:
            yield column.header
            yield from column.codes or ()
