"""`shouwang keys`: the generations of the field key, listed, rotated and retired."""

from typing import TYPE_CHECKING

import typer

from shouwang.cli.output import emit, progress, results
from shouwang.kernel.home import Home, open_home

if TYPE_CHECKING:
    from shouwang.jobs.field_keys import Rotated

AS_JSON = typer.Option(False, "--json", help="只输出一个 JSON 对象")


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    group = typer.Typer(help="字段密钥", no_args_is_help=True)
    group.callback()(_keys)
    group.command("list")(list_keys)
    group.command("rotate")(rotate_key)
    group.command("retire")(retire_key)
    app.add_typer(group, name="keys")


def _keys() -> None:
    """字段密钥"""


def _ready_home() -> Home:
    from shouwang.jobs.casework import require_ready

    home = open_home()
    require_ready(home)
    return home


def list_keys(as_json: bool = AS_JSON) -> None:
    """列出各代字段密钥，以及还由它加密的内容。不显示密钥本身。"""
    home = _ready_home()
    from shouwang.jobs.field_keys import sealed_by

    with progress("统计加密内容"):
        found = sealed_by(home)
    current = home.sealer().generation
    data = {"current": current, "sealed": {str(generation): places for generation, places in found.items()}}
    emit(data, as_json, lambda: _print_list(found, current))


def _print_list(found: dict[int, dict[str, int]], current: int) -> None:
    from shouwang.jobs.field_keys import in_words

    for generation, places in found.items():
        mark = "[green]正在使用[/]" if generation == current else "旧"
        results.print(f"第 {generation} 代  {mark}  {in_words(places) or '没有内容由它加密'}")


def rotate_key(as_json: bool = AS_JSON) -> None:
    """换用新的字段密钥，并把已有的加密内容逐步改用新密钥；网站不用停，中断后再运行会接着做。"""
    home = _ready_home()
    from shouwang.jobs.field_keys import rotate

    with progress("改用新密钥") as tell:
        done = rotate(home, tell)
    data = {"generation": done.generation, "made": done.made, "resealed": done.resealed, "left": done.left}
    emit(data, as_json, lambda: _print_rotated(done))


def _print_rotated(done: "Rotated") -> None:
    from shouwang.jobs.field_keys import in_words

    verb = "已换用" if done.made else "接着完成了"
    results.print(f"{verb}第 {done.generation} 代字段密钥，{done.resealed:,} 处内容已改用它")
    if done.left:
        results.print(f"  还由旧密钥加密：{in_words(done.left)}。读完后再运行一次，或等它们读完再撤下旧密钥")
    results.print("  请把 keys.env（或新的环境变量）另行备份；旧备份仍需要旧密钥，删除前请另存")


def retire_key(generation: int = typer.Argument(help="第几代"), as_json: bool = AS_JSON) -> None:
    """撤下一代旧密钥；还有内容由它加密时不会撤下。"""
    home = _ready_home()
    from shouwang.jobs.field_keys import retire

    with progress("核对加密内容"):
        retire(home, generation)
    emit({"retired": generation}, as_json, lambda: results.print(f"第 {generation} 代密钥已撤下"))
