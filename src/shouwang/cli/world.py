"""`shouwang world build`, `world files`: a city of synthetic people, and the files that departments would send of it."""

from pathlib import Path

import typer

from shouwang.cli.output import emit, errors, progress, results

AS_JSON = typer.Option(False, "--json", help="只输出一个 JSON 对象")


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    group = typer.Typer(help="演示城市：合成的人和他们的部门文件", no_args_is_help=True)
    group.callback()(_group)
    group.command("build")(world_build)
    group.command("files")(world_files)
    app.add_typer(group, name="world")


def _group() -> None:
    """演示城市：合成的人和他们的部门文件。"""


def world_build(
    out: Path = typer.Option(..., "--out", help="放演示城市的空目录"),
    persons: int = typer.Option(60_000, "--persons", help="人数，从一个村（120）到全市（20000000）"),
    months: int = typer.Option(12, "--months", help="月数"),
    start: str = typer.Option("2021-01", "--start", help="第一个月，例如 2021-01"),
    seed: int = typer.Option(2021, "--seed", min=0, help="同一个数给出同一座城市"),
    as_json: bool = AS_JSON,
) -> None:
    """建立演示城市：合成的家庭逐月生活，真实情况另存 truth 目录，产品从不读取。"""
    from shouwang.kernel.limits import room_for
    from shouwang.world.build import WorldPlan, build_world, bytes_of_lives

    plan = WorldPlan(persons, months, seed, start)
    counties = len(plan.places())
    errors.print(room_for(bytes_of_lives(persons, months), out).words())
    with progress("逐区县生成人口和生活", total=counties) as tell:
        build_world(out.absolute(), plan, tell)
    data = {"world": str(out.absolute()), "persons": persons, "months": months, "counties": counties, "seed": seed}
    emit(data, as_json, lambda: results.print(f"演示城市已建成：{out}，{counties} 个区县，{persons} 人", markup=False))


def world_files(
    world: Path = typer.Argument(..., help="演示城市的目录"),
    clean: bool = typer.Option(False, "--clean", help="不带差错的文件"),
    as_json: bool = AS_JSON,
) -> None:
    """写出各部门逐月报送的文件，带着各部门自己的格式和差错。"""
    from shouwang.kernel.limits import room_for
    from shouwang.world.build import open_world
    from shouwang.world.calendar import SENDING_DAY
    from shouwang.world.files import bytes_of_files, write_files

    _, plan = open_world(world)
    errors.print(room_for(bytes_of_files(plan.persons, plan.months), world).words())
    with progress("写出部门文件", total=plan.months * len(SENDING_DAY)) as tell:
        sent = write_files(world, clean, tell)
    data = {
        "world": str(world.absolute()),
        "files": [{"source": e.source, "file": e.file, "received_on": e.received_on.isoformat()} for e in sent],
    }
    emit(data, as_json, lambda: results.print(f"已写出 {len(sent)} 份部门文件：{world / 'files'}", markup=False))
