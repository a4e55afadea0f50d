"""The checklist of a sweep as the pack's `checklist.yaml` has it, each item with its ground."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shouwang.kernel.checklist import Item
from shouwang.kernel.errors import InputError
from shouwang.policy.dated import Ground, read_ground

REGISTER = ("", "health", "school", "labour")


@dataclass(frozen=True)
class Checklist:
    """The items in the order of the file, and by item what it rests on."""

    items: tuple[Item, ...]
    grounds: Mapping[str, Ground]


def read_checklist(data: Mapping[str, Any]) -> Checklist:
    """The pack's file.

    Raises:
        InputError: something is missing or of no known kind; the message names the item.
    """
    items, grounds = [], {}
    for name, each in data.items():
        what = f"排查项目 {name}"
        texts = {part: str(each.get(part, "")).strip() for part in ("title", "ask", "risk")}
        if empty := [part for part, text in texts.items() if not text]:
            raise InputError(f"{what}缺少 {empty[0]}", "写明标题、问什么、有困难时是哪类风险")
        register = str(each.get("register", ""))
        if register not in REGISTER:
            raise InputError(f"{what}的 register {register!r} 不认识", f"写成 {'、'.join(REGISTER[1:])}，或不写")
        sources = tuple(str(source) for source in each.get("sources", ()))
        items.append(Item(name, texts["title"], texts["ask"], texts["risk"], sources, register))
        grounds[what] = read_ground(each.get("ground"), what)
    return Checklist(tuple(items), grounds)
