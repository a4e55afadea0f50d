"""The measure map as the pack's `measures.yaml` has it, each answer to a risk and each measure with its ground."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from shouwang.kernel.errors import InputError
from shouwang.kernel.measure_map import KINDS, LABOUR, MeasureEntry, MeasureMap, Received
from shouwang.policy.dated import Ground, read_ground
from shouwang.policy.deadlines import Confidence

CERTAIN = "H"
LATEST = 366  # days; a measure that may take longer than a year is no help


@dataclass(frozen=True)
class Measures:
    """The map, the Chinese of its categories, and by what it rests on: what is said → ground."""

    map: MeasureMap
    titles: Mapping[str, str]
    grounds: Mapping[str, Ground]


def read_measures(data: Mapping[str, Any]) -> Measures:
    """The pack's file.

    Raises:
        InputError: something is missing or of no known kind; the message names the entry.
    """
    categories, risks, listed = (_part(data, name) for name in ("categories", "risks", "measures"))
    grounds: dict[str, Ground] = {}
    kinds, titles, answers, certain = {}, {}, {}, set()
    for name, each in categories.items():
        what = f"措施类别 {name}"
        titles[name] = _text(each, "title", what)
        kinds[name] = _one_of(KINDS, each.get("kind"), f"{what}的 kind")
        grounds[what] = read_ground(each.get("ground"), what)
    for name, each in risks.items():
        what = f"风险 {name} 的对应措施"
        answers[name] = tuple(_each(categories, each.get("answers"), what))
        if _one_of(get_args(Confidence), each.get("confidence"), f"{what}的可信程度") == CERTAIN:
            certain.add(name)
        grounds[what] = read_ground(each.get("ground"), what)
    entries = []
    for name, each in listed.items():
        what = f"措施 {name}"
        entries.append(_entry(name, each, what, categories, risks))
        grounds[what] = read_ground(each.get("ground"), what)
    return Measures(MeasureMap(kinds, answers, frozenset(certain), tuple(entries)), titles, grounds)


def _entry(
    name: str, each: Mapping[str, Any], what: str, categories: Mapping[str, Any], risks: Mapping[str, Any]
) -> MeasureEntry:
    days = each.get("days")
    if type(days) is not int or not 1 <= days <= LATEST:
        raise InputError(f"{what}的 days {days!r} 不是 1 到 {LATEST} 的整数", "写明多少天内落实")
    return MeasureEntry(
        id=name,
        title=_text(each, "title", what),
        category=_one_of(tuple(categories), each.get("category"), f"{what}的类别"),
        risks=tuple(_each(risks, each.get("risks", []), what)),
        labour=_one_of(LABOUR, each.get("labour", "any"), f"{what}的 labour"),
        member=bool(each.get("member", False)),
        department=str(each.get("department", "")),
        fund=_text(each, "fund", what),
        days=days,
        amount=str(each.get("amount", "")),
        received=_received(each["received"], what) if "received" in each else None,
    )


def _received(data: Mapping[str, Any], what: str) -> Received:
    where = {str(column): tuple(map(str, codes)) for column, codes in data.get("where", {}).items()}
    told = {name: str(data.get(name, "")) for name in ("since", "until", "year")}
    return Received(_text(data, "source", f"{what}的 received"), where, **told)


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict) or not part:
        raise InputError(f"measures.yaml 缺少 {name}", "按相邻部分的样子补上")
    return part


def _text(each: Mapping[str, Any], name: str, what: str) -> str:
    if not each.get(name):
        raise InputError(f"{what}缺少 {name}", "补上后再试")
    return str(each[name])


def _each(known: Mapping[str, Any], names: Any, what: str) -> Iterator[str]:
    for name in names or ():
        if name not in known:
            raise InputError(f"{what}提到没有列出的 {name}", f"可用：{'、'.join(known)}")
        yield str(name)


def _one_of(allowed: tuple[Any, ...], given: Any, what: str) -> Any:
    if given not in allowed:
        raise InputError(f"{what} {given!r} 不认识", f"可用：{'、'.join(allowed)}")
    return given
