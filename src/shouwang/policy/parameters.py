"""Dated parameters: every number and list of codes that comes from a policy document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from shouwang.kernel.errors import InputError
from shouwang.policy.decided import Decided

Value = Decimal | int | tuple[str, ...]
ParameterType = Literal["amount", "ratio", "count", "days", "months", "age", "codes"]
AMOUNT_PLACES = 2  # a fen
RATIO_PLACES = 4
UNITS: dict[str, str] = {"amount": "元", "ratio": "倍", "count": "", "days": "天", "months": "个月", "age": "周岁"}
WHOLE = ("count", "days", "months", "age")


@dataclass(frozen=True)
class Ground:
    """Where a value comes from: a document of the pack, and the clause."""

    document: str
    clause: str


@dataclass(frozen=True)
class Parameter:
    """One parameter. `values` says from which day on which value holds; the last one goes on.

    `written` are the values of the pack's own file and `decided` those that an office decided since; `values` is both:
    of two for the same day a decided one holds, and of two decided ones the later decision.
    """

    id: str
    title: str
    type: ParameterType
    unit: str
    values: tuple[tuple[date, Value], ...]
    ground: Ground
    review: str = ""
    written: tuple[tuple[date, Value], ...] = ()
    decided: tuple[Decided, ...] = ()

    def with_decided(self, decided: Sequence[Decided]) -> "Parameter":
        """The parameter with decided values, in the order of their decision.

        Raises:
            InputError: a decided value does not suit the parameter's type any more.
        """
        values = dict(self.written or self.values)
        for each in decided:
            values[each.valid_from] = parse_value(self.type, each.value, self.id)
        ordered = tuple((day, values[day]) for day in sorted(values))
        return replace(self, values=ordered, written=self.written or self.values, decided=tuple(decided))

    def decided_at(self, day: date) -> Decided | None:
        """The decision by which the value of a day holds; None where the pack's own value holds."""
        since = max((since for since, _ in self.values if since <= day), default=None)
        return next((each for each in reversed(self.decided) if each.valid_from == since), None)

    def at(self, day: date) -> Value:
        """The value that holds on a day.

        Raises:
            InputError: the first value begins later.
        """
        held = [value for since, value in self.values if since <= day]
        if not held:
            begins = self.values[0][0]
            raise InputError(f"参数 {self.id}（{self.title}）自{begins}起才有数值，不能用于{day}", "选用更晚的截至日期")
        return held[-1]

    def is_older_than_a_year(self, day: date) -> bool:
        """Whether the last dated value began more than a year before a day."""
        since = self.values[-1][0]
        return (since.year + 1, since.month, since.day) < (day.year, day.month, day.day)

    def words(self, value: Value) -> str:
        """A value with its unit, as people write it."""
        return f"{plain(value)}{self.unit}"


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
    return Parameter(name, data["title"], kind, unit, values, ground, data.get("review", ""))


def _type_of(name: str, data: Mapping[str, Any]) -> ParameterType:
    kinds: tuple[ParameterType, ...] = get_args(ParameterType)
    for kind in kinds:
        if data.get("type") == kind:
            return kind
    raise InputError(f"参数 {name} 的类型 {data.get('type')!r} 不认识", f"可用：{'、'.join(kinds)}")


def read_ground(data: Any, what: str) -> Ground:
    """Raises InputError where document or clause is missing."""
    if not isinstance(data, dict) or not data.get("document") or not data.get("clause"):
        raise InputError(f"{what}的依据（ground）须写明 document 和 clause", "补上文件和条款后再试")
    return Ground(data["document"], str(data["clause"]))
