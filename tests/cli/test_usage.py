"""Every kind of wrong usage is said in Chinese with advice, on standard error, with exit code 2; so is help."""

import re

import pytest

from shouwang.cli.main import run

ENGLISH_SENTENCE = re.compile(r"[a-z]+ [a-z]+ [a-z]+")


def said(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        run(words)
    out, err = capsys.readouterr()
    return ended.value.code, out, err


@pytest.mark.parametrize(
    ("words", "message", "advice"),
    [
        (("nosuch",), "没有命令 nosuch", "ingest"),
        (("ingst", "a", "b"), "没有命令 ingst", "可用的命令：ingest、init；"),
        (("quarantine", "nosuch"), "没有命令 nosuch", "可用的命令：export"),
        (("ingest",), "缺少参数 SOURCE（数据来源", "shouwang ingest --help"),
        (("ingest", "medical_settlement"), "缺少参数 FILE…（一个或多个文件）", "补上"),
        (("screen",), "缺少选项 --as-of（截至日期", "shouwang screen --help"),
        (("screen", "--json"), "缺少选项 --as-of", "补上"),
        (("screen", "--as-off", "2021-06-17"), "没有选项 --as-off", "是不是要写 --as-of"),
        (("screen", "-x"), "没有选项 -x", "--help"),
        (("screen", "--as-of"), "选项 --as-of 后面缺少数值", "--help"),
        (("screen", "--as-of", "2021-06-17", "--dry-run=1"), "选项 --dry-run 后面不带数值", "只写 --dry-run"),
        (("screen", "--as-of", "2021-06-17", "all", "of", "it"), "多出了内容：all of it", "引号"),
        (("serve", "--port", "http"), "选项 --port（端口）的数值无法使用", "1至65535"),
        (("serve", "--port", "0", "--json"), "选项 --port（端口）的数值无法使用", "1至65535"),
        (("screen", "--as-of", "2021-06-31", "--json"), "“2021-06-31”无法识别", "2021-06-30 的样子"),
        (("screen", "--as-of", "20210617"), "“20210617”无法识别", "2021-06-30 的样子"),
        (("ingest", "medical_settlement", "a.csv", "--received-on", "6/17"), "“6/17”无法识别", "2021-06-30 的样子"),
    ],
)
def test_wrong_usage_is_said_in_words(
    words: tuple[str, ...], message: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(words, capsys)
    assert (code, out) == (2, "")
    first, second = err.removesuffix("\n").split("\n")
    assert first.startswith("错误：")
    assert message in first
    assert second.startswith("办法：")
    assert advice in second
    assert not ENGLISH_SENTENCE.search(err.replace("all of it", ""))


@pytest.mark.parametrize("words", [(), ("policy",), ("quarantine",), ("user",), ("linkage",)])
def test_a_group_alone_shows_its_commands(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(words, capsys)
    assert (code, out) == (2, "")
    assert "命令：" in err


@pytest.mark.parametrize(
    "words", [(), ("ingest",), ("screen",), ("explain",), ("whatif",), ("serve",), ("policy", "show"), ("user", "add")]
)
def test_help_is_chinese(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said((*words, "--help"), capsys)
    assert (code, err) == (0, "")
    assert out.startswith(f"用法：{' '.join(('shouwang', *words))} [选项]")
    assert not re.search("Options|Usage|Show this|required|default|<str>|<path>|list\\[", out)
