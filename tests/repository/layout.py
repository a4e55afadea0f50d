"""Checks of the repository's files: names, lengths, links, numbers that do not belong there."""

import ast
import re
import subprocess
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import unquote

from shouwang.kernel.citizen_id import is_valid

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 450
LONGEST_FUNCTION = 60
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
TEXT = {".py", ".md", ".yaml", ".toml", ".html", ".css", ".js", ".tsv", ".csv", ".txt", ""}
NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
WITH_PEOPLE = ("tests/", "src/shouwang/sources/")


def tracked() -> list[Path]:
    """The files of the repository, those about to be added too; without git, those that lie there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
        return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())
    folders = ("src", "tests", "docs", "policies", "bench")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())


def nameless(paths: Iterable[Path]) -> list[str]:
    """Files and folders named for nothing that the field knows."""
    return [str(path) for path in paths if NAMELESS & {part.split(".")[0] for part in path.parts}]


def of_one_name(paths: Iterable[Path]) -> list[str]:
    """Files of tests that are called alike: each is run by itself, together pytest takes them for one and runs nothing."""
    names = [path.name for path in paths if path.parts[0] == "tests" and path.name.startswith("test_")]
    return sorted({name for name in names if names.count(name) > 1})


def too_long(sources: Mapping[str, str]) -> list[str]:
    """Python files that nobody reads to the end, and functions outside the tests, which may tell a long story.

    An app's first migration lists its tables, as Django writes it: there is nothing to split.
    """
    faults = []
    for name, text in sources.items():
        lines = text.count("\n")
        if lines > LONGEST_FILE and not name.endswith("/migrations/0001_squashed.py"):
            faults.append(f"{name} has {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not name.startswith("tests/"):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    faults.append(f"{name}: {node.name} has {length} lines")
    return faults


def identity_numbers(texts: Mapping[str, str]) -> list[str]:
    """Where something that passes as somebody's identity number stands, by file and line."""
    return [
        f"{name}:{place}"
        for name, text in texts.items()
        for place, line in enumerate(text.splitlines(), 1)
        if any(is_valid(found.upper()) for found in NUMBER.findall(line))
    ]


def broken_links(name: str, text: str, root: Path) -> list[str]:
    """Relative links of a page that lead nowhere, to a file or to a heading."""
    here = (root / name).parent
    faults = []
    for target in LINK.findall(text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = unquote(target).partition("#")
        page = here / path if path else root / name
        if not page.exists():
            faults.append(f"{name} → {target}")
        elif anchor and page.suffix == ".md":
            content = text if not path else page.read_text(encoding="utf-8")
            if anchor not in {_anchor(heading) for heading in HEADING.findall(content)}:
                faults.append(f"{name} → {target}")
    return faults


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def policy_numbers(sources: Mapping[str, str], amounts: Iterable[object]) -> list[str]:
    """Where Python spells out a number that a parameter of the pack holds; small ones could be anything."""
    telling = {Decimal(str(amount)) for amount in amounts if _is_number(amount) and Decimal(str(amount)) >= 400}
    faults = []
    for name, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and _is_number(node.value) and Decimal(str(node.value)) in telling:
                faults.append(f"{name}:{node.lineno}: {node.value}")
    return faults


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return False
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
