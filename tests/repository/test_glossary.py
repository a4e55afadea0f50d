"""Every domain identifier stands in the glossary with its Chinese."""

from repository import identifiers, layout

GLOSSARY = layout.ROOT / "docs" / "glossary.md"


def test_every_identifier_has_its_chinese() -> None:
    found = identifiers.domain_identifiers()
    assert len(found) > 200
    rows = identifiers.glossary_rows(GLOSSARY.read_text(encoding="utf-8"))
    assert identifiers.missing(found, rows) == []


def test_no_row_outlives_its_identifier() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    assert identifiers.abandoned(identifiers.domain_identifiers(), text) == []


def test_faults_are_noticed() -> None:
    rows = identifiers.glossary_rows("| `clue` | 线索 | a question |\n| `fact` | none | x |\n| `rule` | 规则 | x |\n")
    wanted = {"clue": {"线索"}, "fact": set(), "rule": {"筛查规则"}, "level": {"级别"}}
    assert identifiers.missing(wanted, rows) == [
        "fact has no Chinese",
        "level (级别) has no row",
        "rule lacks 筛查规则",
    ]
    assert identifiers.abandoned({"clue": set()}, "| `gone` | 旧 | x |\n## Terms\n| `as_of` | 截至 | x |\n") == ["gone"]
