"""Dated parameters: every number and list of codes that comes from a policy document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeGuard, get_args

from shouwang.kernel.errors import InputError
from shouwang.policy.dated import Dated, read_ground

Value = Decimal | int | tuple[str, ...]
ParameterType = Literal["amount", "ratio", "count", "days", "months", "age", "codes"]
AMOUNT_PLACES = 2  # a fen
RATIO_PLACES = 4
UNITS: dict[str, str] = {"amount": "元", "ratio": "倍", "count": "", "days": "天", "months": "个月", "age": "周岁"}
WHOLE = ("count", "days", "months", "age")


@dataclass(frozen=True, kw_only=True)
class Parameter(Dated[Value]):
    """A number or a list of codes that rules and facts speak of."""

    type: ParameterType
    unit: str

    def parse(self, text: str) -> Value:
        return parse_value(self.type, text, self.id)

    def text(self, value: Value) -> str:
        return written(value)

    def words(self, value: Value) -> str:
        return f"{plain(value * 100)}%" if is_share(self, value) else f"{plain(value)}{self.unit}"


def is_share(parameter: object, value: object) -> TypeGuard[Decimal]:
    """Whether a value is a ratio below one, which people say in percent: 50%, not 0.5倍."""
    return isinstance(parameter, Parameter) and parameter.type == "ratio" and isinstance(value, Decimal) and value < 1


def plain(value: Value) -> str:
    """A value without superfluous noughts after the point."""
    if isinstance(value, tuple):
        return "、".join(value)
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def written(value: Value) -> str:
    """A value as `parse_value` reads it back."""
    return ",".join(value) if isinstance(value, tuple) else plain(value)


def parse_value(kind: ParameterType, raw: object, name: str) -> Value:
    """A value from a pack's file or from a person's words.

    Raises:
        InputError: it is not of the parameter's type; the message names the parameter.
    """
    if kind == "codes":
        items = raw.replace("，", ",").split(",") if isinstance(raw, str) else raw
        if not isinstance(items, list) or not items or not all(isinstance(i, str) and i.strip() for i in items):
            raise InputError(f"参数 {name} 的数值 {raw!r} 不是代码清单", "用逗号分开各个代码，至少一个")
        return tuple(item.strip() for item in items)
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
        raise InputError(f"参数 {name} 的数值 {raw!r} 不是数", "写成 7000 或 1.5 的样子")
    return _number(kind, str(raw).strip(), name)


def _number(kind: ParameterType, text: str, name: str) -> Value:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InputError(f"参数 {name} 的数值“{text}”不是数", "写成 7000 或 1.5 的样子") from None
    places = AMOUNT_PLACES if kind == "amount" else RATIO_PLACES if kind == "ratio" else 0
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** 12:
        raise InputError(f"参数 {name} 的数值“{text}”不在允许的范围内", "不能为负，也不能过大")
    if number != round(number, places):
        raise InputError(f"参数 {name} 的数值“{text}”小数位过多", f"最多{places}位小数")
    if kind in WHOLE:
        return int(number)
    return round(number, places)


def read_parameter(name: str, data: Mapping[str, Any]) -> Parameter:
    """One parameter from its file.

    Raises:
        InputError: something is missing, of a wrong type, or not in order of date.
    """
    kind = _type_of(name, data)
    for field in ("title", "ground"):
        if not data.get(field):
            raise InputError(f"参数 {name} 缺少 {field}", "补上后再试")
    dated = data.get("values")
    if not isinstance(dated, dict) or not dated or not all(type(day) is date for day in dated):
        raise InputError(f"参数 {name} 的 values 应为“日期: 数值”", "例如 2020-01-01: 6000")
    if list(dated) != sorted(dated):
        raise InputError(f"参数 {name} 的数值没有按日期先后排列", "把较早的日期写在前面")
    values = tuple((day, parse_value(kind, raw, name)) for day, raw in dated.items())
    ground = read_ground(data["ground"], f"参数 {name}")
    unit = data.get("unit", UNITS.get(kind, ""))
    return Parameter(
        id=name,
        title=data["title"],
        type=kind,
        unit=unit,
        values=values,
        ground=ground,
        review=data.get("review", ""),
    )


def _type_of(name: str, data: Mapping[str, Any]) -> ParameterType:
    kinds: tuple[ParameterType, ...] = get_args(ParameterType)
    for kind in kinds:
        if data.get("type") == kind:
            return kind
    raise InputError(f"参数 {name} 的类型 {data.get('type')!r} 不认识", f"可用：{'、'.join(kinds)}")
