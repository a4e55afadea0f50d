"""Every text that the desk says, with the first place where it stands."""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from django.utils.translation.template import templatize

from shouwang.facts.catalogue import catalogue
from shouwang.policy.pack import Pack
from shouwang.quality.declared import RULES
from shouwang.screening.cases import Case, load_cases
from shouwang.sources.contract import Contract

CHINESE = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e]")
HAN = re.compile("[\u4e00-\u9fff]")
TAGS = re.compile(r"{%\s*blocktranslate.*?endblocktranslate\s*%}|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
FUNCTIONS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
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
    _add(found, (text for rule in RULES for text in (rule.title, rule.says, rule.advice)), "rules on data quality")
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
    yield pack.title
    for rule in pack.rules.values():
        yield from (rule.title, rule.note, *(reason.say for reason in rule.reasons))
    for case in load_cases(pack):
        yield from case_texts(case)
    for parameter in pack.parameters.values():
        yield from (parameter.title, parameter.unit, parameter.review)
        for _, value in parameter.values:
            yield from value if isinstance(value, tuple) else ()
    for deadline in pack.deadlines.values():
        yield from (deadline.title, deadline.review)
    for level in pack.levels:
        yield from (level.title, level.words)
    yield from pack.risk_types.values()
    yield from (entry.title for entry in pack.measures.map.entries)


def case_texts(case: Case) -> Iterator[str]:
    """What an example says of itself, its people and their rows."""
    yield from (case.says, case.household_type)
    for row in chain(case.members, *case.rows.values()):
        yield from (str(value) for value in row.values())


def contract_texts(contracts: Iterable[Contract]) -> Iterator[str]:
    for contract in contracts:
        yield from (contract.title, contract.owner, *contract.owner.split("/"))
        for column in contract.columns:
            yield column.header
            yield from column.codes or ()


def unspoken(source: str) -> Iterator[str]:
    """Chinese in Python that no function of translation is given: what would stay Chinese on an English page."""
    tree = ast.parse(source)
    given = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        for inner in ast.walk(node)
    }
    given |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return (str(text.value) for text in texts if id(text) not in given and HAN.search(str(text.value)))


def unspoken_in_template(source: str) -> Iterator[str]:
    """Lines of a template with Chinese outside its tags."""
    return (line.strip() for line in TAGS.sub("", source).splitlines() if HAN.search(line))
