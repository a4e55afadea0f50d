"""The ground rules of the repository hold, and the checks would notice if they did not."""

from pathlib import Path

import pytest

from repository import layout
from shouwang.kernel.citizen_id import check_digit
from shouwang.policy.pack import load_pack

PIPELINE = ("facts", "policy", "screening")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = [path.relative_to(layout.ROOT) for path in layout.tracked()]
    assert len(found) > 200
    return found


@pytest.fixture(scope="module")
def python(files: list[Path]) -> dict[str, str]:
    return {str(path): (layout.ROOT / path).read_text(encoding="utf-8") for path in files if path.suffix == ".py"}


@pytest.fixture(scope="module")
def pages(files: list[Path]) -> dict[str, str]:
    return {str(path): (layout.ROOT / path).read_text(encoding="utf-8") for path in files if path.suffix == ".md"}


def test_files_are_named_by_domain(files: list[Path]) -> None:
    assert layout.nameless(files) == []


def test_a_nameless_file_is_noticed() -> None:
    assert layout.nameless([Path("src/shouwang/clues/utils.py"), Path("src/shouwang/common/money.py")]) != []
    assert layout.nameless([Path("src/shouwang/clues/models.py"), Path("docs/common-ground.md")]) == []


def test_every_file_of_tests_has_a_name_of_its_own(files: list[Path]) -> None:
    assert layout.of_one_name(files) == []


def test_two_files_of_one_name_are_noticed() -> None:
    assert layout.of_one_name([Path("tests/a/test_x.py"), Path("tests/b/test_x.py"), Path("src/test_x.py")]) == [
        "test_x.py"
    ]


def test_files_and_functions_are_short(python: dict[str, str]) -> None:
    assert layout.too_long(python) == []


def test_long_files_and_functions_are_noticed() -> None:
    body = "def long():\n" + "    pass\n" * 70
    assert layout.too_long({"a.py": body}) == ["a.py: long has 71 lines"]
    assert layout.too_long({"b.py": "a = 1\n" * 500}) == ["b.py has 500 lines"]


def test_no_identity_number_outside_samples_and_tests(files: list[Path]) -> None:
    texts = {
        str(path): (layout.ROOT / path).read_text(encoding="utf-8")
        for path in files
        if path.suffix in layout.TEXT and not str(path).startswith(layout.WITH_PEOPLE)
    }
    assert layout.identity_numbers(texts) == []


def test_an_identity_number_is_noticed() -> None:
    first = "50010119900307123"
    number = first + check_digit(first)
    wrong = first + ("0" if number[-1] != "0" else "1")
    text = f"名册\n张三 {number}\n{wrong} {number}7"
    assert layout.identity_numbers({"notes.md": text}) == ["notes.md:2"]


def test_links_lead_somewhere(pages: dict[str, str]) -> None:
    assert {"README.md", "README.zh.md"} <= set(pages)
    assert [fault for name, text in pages.items() for fault in layout.broken_links(name, text, layout.ROOT)] == []


def test_broken_links_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, here\n", encoding="utf-8")
    text = "# Top\n[a](there.md#a-heading-here) [b](#top) ![c](gone.png) [d](there.md#gone) [e](https://example.org/x)"
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    assert layout.broken_links("page.md", text, tmp_path) == ["page.md → gone.png", "page.md → there.md#gone"]


def test_no_policy_number_stands_in_python(python: dict[str, str]) -> None:
    amounts = [value for parameter in load_pack().parameters.values() for _, value in parameter.values]
    pipeline = {
        name: text for name, text in python.items() if name.startswith(tuple(f"src/shouwang/{p}" for p in PIPELINE))
    }
    assert len(pipeline) > 20
    assert layout.policy_numbers(pipeline, amounts) == []


def test_a_policy_number_is_noticed() -> None:
    assert layout.policy_numbers({"rule.py": "LINE = 6000\nTOP = 'a'\nfew = 90"}, [6000, 90, "二级"]) == [
        "rule.py:1: 6000"
    ]
