"""A PDF from a template and data: the same bytes for the same data, with the Chinese fonts of this machine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import typst

from shouwang.kernel.errors import Failure, InputError

FOLDER = Path(__file__).parent / "templates"
TEMPLATES = {path.stem: path for path in sorted(FOLDER.glob("*.typ"))}
# Families with the Chinese characters of the register, the fullest first; free ones before those of Windows and macOS.
SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "Noto Serif SC", "SimSun", "Songti SC")
SANS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti SC",
)


@dataclass(frozen=True)
class ChineseFonts:
    """The family of running text and that of headings; one stands in for the other where only one is there."""

    serif: str
    sans: str


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """A template filled with data, as the bytes of a PDF of A4 pages.

    `data` holds text, numbers, booleans, None, dates (2021年5月6日 on paper), Decimals (two places), bytes of a JPEG, PNG or SVG,
    and lists and mappings of them.

    Raises:
        InputError: this machine has no Chinese font, or there is no such template.
        Failure: the template and the data do not fit each other.
    """
    if template not in TEMPLATES:
        raise InputError(f"没有打印模板 {template}", "模板在 shouwang/printing/templates 中")
    fonts = chinese_fonts()
    if fonts is None:
        raise InputError("本机没有中文字体，不能生成可打印的文件", "在运行服务的机器上安装 fonts-noto-cjk 后再试")
    handed = {
        "data": json.dumps({name: _as_json(value) for name, value in data.items()}, ensure_ascii=False),
        "serif": fonts.serif,
        "sans": fonts.sans,
    }
    try:
        return typst.compile(TEMPLATES[template], root=FOLDER, font_paths=_fonts(), sys_inputs=handed)
    except RuntimeError as wrong:
        raise Failure(f"打印模板 {template} 无法生成文件：{wrong}", "请把这段话告诉系统管理员") from wrong


def chinese_fonts() -> ChineseFonts | None:
    """The Chinese fonts that this machine has; None where it has none."""
    there = set(_fonts().families())
    serif = next((name for name in SERIF if name in there), None)
    sans = next((name for name in SANS if name in there), None)
    either = serif or sans
    return ChineseFonts(serif or either, sans or either) if either else None


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts()


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return list(value)  # a picture
    if isinstance(value, datetime):
        return f"{_day(value)} {value:%H:%M}"
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, Mapping):
        return {str(name): _as_json(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_json(each) for each in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)  # words of a page in the language of the moment among them


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
