"""Chinese names: what compares equal, and what only sounds alike."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.linkage import names
from shouwang.linkage.names import canonical_name, canonical_names, name_forms


def form(name: str, kind: str) -> str:
    return str(name_forms(pl.Series([name]))[kind][0])


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (" 王　秀 英 ", "王秀英"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("\ufeff李\u200b四", "李四"),
        ("\uf900四", "豈四"),
        ("john  smith", "JOHN SMITH"),
        ("Ｊｏｈｎ Smith", "JOHN SMITH"),
        ("李峯", "李峯"),
    ],
)
def test_canonical(written: str, canonical: str) -> None:
    assert canonical_name(written) == canonical


@given(st.text(max_size=20))
def test_canonical_is_settled(text: str) -> None:
    once = canonical_name(text)
    assert canonical_name(once) == once


def test_null_stays_null_and_order_stays() -> None:
    assert canonical_names(pl.Series(["李 四", None, "王五"])).to_list() == ["李四", None, "王五"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("李峯", "李峰"),
        ("張偉", "张伟"),
        ("钟淑贞", "锺淑貞"),
        ("肖濬", "萧浚"),
        ("付强", "傅强"),
        ("阿依·古丽", "阿依古丽"),
    ],
)
def test_variants_fold_to_one_form(one: str, other: str) -> None:
    assert form(one, "canonical") != form(other, "canonical")
    assert form(one, "folded") == form(other, "folded")


@pytest.mark.parametrize(("one", "other"), [("王淼", "王渺"), ("李鑫", "李金"), ("王付", "王傅"), ("李明", "李朋")])
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert form(one, "folded") != form(other, "folded")


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("单小平", "shan'xiao'ping'"),
        ("王单", "wang'dan'"),
        ("仇和", "qiu'he'"),
        ("覃家兴", "qin'jia'xing'"),
        ("解建国", "xie'jian'guo'"),
        ("查良", "zha'liang'"),
        ("曾国华", "zeng'guo'hua'"),
        ("区丽", "ou'li'"),
        ("任强", "ren'qiang'"),
        ("万俟雪", "mo'qi'xue'"),
        ("尉迟恭敬", "yu'chi'gong'jing'"),
        ("吕绿", "lv'lv'"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, sound: str) -> None:
    assert form(name, "sound") == sound


def test_homophones_share_a_sound_and_local_speech_hears_less() -> None:
    assert form("王秀英", "sound") == form("汪秀瑛", "sound")
    assert form("兰小珍", "sound") != form("南小真", "sound")
    for one, other in (("兰小珍", "南小珍"), ("张世民", "章士明"), ("胡芝", "扶资"), ("陈增", "岑真")):
        assert form(one, "sound") != form(other, "sound")
        assert form(one, "local_sound") == form(other, "local_sound")
    assert form("王芳", "local_sound") != form("王帆", "local_sound")


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("欧阳娜娜", "欧阳"),
        ("欧阳", "欧"),
        ("阿依古丽·买买提", "阿依古丽"),
        ("张三", "张"),
        ("JOHN SMITH", "JOHN SMITH"),
    ],
)
def test_surname(name: str, surname: str) -> None:
    assert form(name, "surname") == surname


def test_forms_stand_once_for_each_distinct_name() -> None:
    forms = name_forms(pl.Series(["张三", "李四", "张三", None]))
    assert forms["name"].to_list() == ["张三", "李四"]


@given(st.lists(st.text(min_size=1, max_size=12), max_size=8))
def test_any_text_has_forms(texts: list[str]) -> None:
    assert name_forms(pl.Series(texts, dtype=pl.String)).height == len(set(texts))


def test_tables_are_sound() -> None:
    variants = names._variants()
    assert len(variants) > 400
    for variant, standard in variants.items():
        assert len(variant) == len(standard) == 1
        assert standard not in variants, f"{standard} is listed as a variant too"
        assert unicodedata.normalize("NFKC", variant) == variant, f"{variant} never survives NFKC"
    readings = names._surname_readings()
    assert all(reading.count("'") == len(surname) for surname, reading in readings.items())
    assert not set("".join(names._surname_spellings())) & set(variants)
