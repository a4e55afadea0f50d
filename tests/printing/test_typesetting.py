"""What is typed stands on the paper as it was typed; the same data is the same paper; without a font it is said."""

import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from paper import pages_of, text_of

from shouwang.kernel.errors import Failure, InputError
from shouwang.printing import chinese_fonts, pdf, typesetting

HOSTILE = [
    '#import "@preview/x:0.1.0": *',
    '#read("/etc/passwd")',
    "$ x^2 $",
    "*粗* _斜_ `码` = 标题",
    '"]); #panic("x") // /* \\u{41}',
    "#sys.inputs.data <a> @b ~ -- ... \\",
    "𠮷野家 㐂 𬭚",
]


def register(*rows: list[Any], **more: Any) -> bytes:
    return pdf("register", {"title": "名册", "head": ["甲", "乙"], "rows": rows, **more})


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_prints_as_it_was_typed(words: str) -> None:
    plain = "".join(words.split())
    assert plain in text_of(register([words, "一"]))
    notice = {"title": words, "lines": [words, words], "office": words, "day": date(2021, 5, 6)}
    assert text_of(pdf("notice", notice)).count(plain) == 4


def test_the_same_data_is_the_same_paper() -> None:
    first = register(["张三", Decimal("1234.5")])
    time.sleep(1.1)
    assert register(["张三", Decimal("1234.5")]) == first
    assert register(["张三", Decimal("1234.6")]) != first


def test_values_stand_as_an_office_writes_them() -> None:
    found = text_of(register([date(2021, 5, 6), Decimal("1234567.5")], [None, 3], note="以上\n共二行"))
    for words in ("2021年5月6日", "1,234,567.50", "—", "以上", "共二行", "第1页共1页"):
        assert words in found


def test_the_head_comes_again_on_every_page() -> None:
    pages = pages_of(register(*([f"农户{n}", n] for n in range(120))))
    assert len(pages) > 2
    assert all("甲" in page and "乙" in page for page in pages)
    assert "农户 119" in pages[-1]


def test_paper_lies_on_its_side_where_it_is_told_to() -> None:
    assert register(["a", "b"]) != register(["a", "b"], landscape=True)


def test_without_a_chinese_font_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SERIF", ("No Such Serif",))
    assert chinese_fonts() is not None  # the other face stands in
    assert "名册" in text_of(register(["a", "b"]))
    monkeypatch.setattr(typesetting, "SANS", ("No Such Sans",))
    with pytest.raises(InputError) as refused:
        register(["a", "b"])
    assert "fonts-noto-cjk" in refused.value.advice


def test_an_unknown_template_and_data_that_do_not_fit_are_told() -> None:
    with pytest.raises(InputError, match="没有打印模板"):
        pdf("no-such", {})
    with pytest.raises(Failure, match="register"):
        pdf("register", {"title": "名册"})
