"""`shouwang demo`: a city of synthetic people, taken in from its department files, screened, and opened in the browser.

Each step can be killed and done again; what is there already is not done twice.
"""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shouwang.cli.output import emit, errors, progress, results
from shouwang.cli.site import HOST, PORT, serve_home
from shouwang.kernel import china_time
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, init_home

if TYPE_CHECKING:
    from shouwang.jobs.demo import HandedOver
    from shouwang.world.build import WorldPlan

HOME, WORLD = "demo-home", "{name}-world"
MONTHS, START = 12, "2021-01"


def register(app: typer.Typer) -> None:
    """Adds the command of this group."""
    app.command("demo")(demo)


def demo(
    persons: int = typer.Option(60_000, "--persons", help="演示人口，从一个村（120）到全市（20000000）"),
    seed: int = typer.Option(2021, "--seed", min=0, help="同一个数给出同一座城市"),
    no_serve: bool = typer.Option(False, "--no-serve", help="建好后不打开网站"),
    host: str = HOST,
    port: int = PORT,
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """建立演示城市：合成人口、十二个月的部门文件、逐月筛查、各级账号，然后打开网站。

    数据目录由 SHOUWANG_HOME 指定，默认 demo-home；演示城市放在旁边的 demo-home-world。
    """
    from shouwang.world.build import WorldPlan

    place = Path(os.environ.get("SHOUWANG_HOME", HOME)).absolute()
    home = _make(place, WorldPlan(persons, MONTHS, seed, START))
    from shouwang.jobs.demo import LOGINS, logins

    accounts = logins(home)
    data = {"home": str(home.path), "logins": accounts}
    if no_serve or not as_json:
        emit(data, as_json, lambda: _print_logins(home.path / LOGINS, accounts))
    if not no_serve:
        serve_home(home, host, port, as_json, data)


def _make(place: Path, plan: "WorldPlan") -> Home:
    """The demonstration home, made whole.

    Raises:
        InputError: the place holds a real installation, or another demonstration.
    """
    home = Home(place)
    if home.is_ready() and not home.is_demonstration():
        raise InputError(f"{place} 是正式的数据目录，不能用来演示", "用 SHOUWANG_HOME 另指一个目录")
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    from shouwang.jobs.casework import prepare
    from shouwang.jobs.demonstration_plan import Plan, note_plan, plan_of

    noted = plan_of(home)
    if noted and (noted.persons, noted.seed) != (plan.persons, plan.seed):
        raise InputError(
            f"{place} 里是另一座演示城市（{noted.persons} 人，种子 {noted.seed}）",
            "用同样的 --persons 和 --seed，或删去该目录后再试",
        )
    note_plan(home, noted or Plan(plan.persons, plan.seed))
    init_home(place)
    with progress("① 建立业务数据库和行政区划"):
        prepare(home)
    if noted and noted.finished:
        return home
    files = _files(place.with_name(WORLD.format(name=place.name)), plan)
    _take_in(home, files)
    _work_at_the_desk(home, place.with_name(WORLD.format(name=place.name)))
    note_plan(home, Plan(plan.persons, plan.seed, finished=True))
    return home


def _files(folder: Path, plan: "WorldPlan") -> "list[HandedOver]":
    """The department files of the demonstration city, in the order in which they arrive."""
    from shouwang.jobs.demo import HandedOver
    from shouwang.world.build import build_world
    from shouwang.world.calendar import SENDING_DAY
    from shouwang.world.files import write_files

    with progress("② 生成合成人口和他们一年的生活（区县）", total=len(plan.places())) as tell:
        build_world(folder, plan, tell)
    with progress("③ 写出部门文件（月×来源）", total=plan.months * len(SENDING_DAY)) as tell:
        sent = write_files(folder, False, tell)
    return [HandedOver(each.source, folder / each.file, each.received_on) for each in sent]


def _take_in(home: Home, files: "list[HandedOver]") -> None:
    from shouwang.jobs.casework import catch_up
    from shouwang.jobs.demo import make_logins, month_ends, screen_months, take_in
    from shouwang.jobs.demo_handling import hand_out
    from shouwang.jobs.demo_helping import include_some

    with progress("④ 读入部门文件", total=len(files)) as tell:
        take_in(home, files, tell)
    with progress("⑤ 建立农户名册（人次）") as tell:
        catch_up(home, tell)
    days = month_ends(files)
    with progress("⑥ 逐月筛查", total=len(days)) as tell:
        screen_months(home, days, tell)
    make_logins(home)
    with progress("⑦ 下发、核实一部分线索"):
        hand_out(china_time.today(), partial(include_some, home))


def _work_at_the_desk(home: Home, world: Path) -> None:
    """A county's department brings in a file that somebody typed by hand; values are proposed and decided."""
    from shouwang.jobs.demo_declaring import declare
    from shouwang.jobs.demo_desk import bring_in, department_county, propose_values
    from shouwang.jobs.demo_eliminating import eliminate
    from shouwang.jobs.demo_helping import help_households
    from shouwang.jobs.demo_identifying import identify
    from shouwang.jobs.demo_outputs import take_out
    from shouwang.jobs.demo_record import put_right
    from shouwang.jobs.demo_sweeping import sweep
    from shouwang.jobs.statistics import fill
    from shouwang.world.supplement import write_supplement

    with progress("⑧ 区县部门补报一份文件，提出和审定政策数值"):
        if county := department_county():
            bring_in(home, *write_supplement(world, county), china_time.today())
        propose_values(china_time.today())
        identify(home, china_time.today())
        eliminate(home, china_time.today())
        declare(china_time.today())
        sweep(china_time.today())
        help_households(home, china_time.today())
        take_out(china_time.today())
        put_right(home, china_time.today())
        fill(china_time.today())
    errors.print("演示城市已建成。")


def _print_logins(path: Path, accounts: list[dict[str, str]]) -> None:
    results.print("[bold]演示已就绪[/bold]：人物全部为合成，与真实个人无关。")
    for each in accounts:
        results.print(f"  {each['username']:<12}{each['password']}  {each['post']}", markup=False)
    results.print(f"  账号也记在 {path}", markup=False)
