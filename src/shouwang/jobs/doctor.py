"""What is missing or insecure in an installation, and how to mend it."""

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from filelock import FileLock, Timeout

from shouwang.deliveries.ledger import deliveries
from shouwang.jobs.casework import connect, pending_migrations
from shouwang.kernel import china_time
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home
from shouwang.kernel.keys import NAMES, made_up
from shouwang.policy.pack import pack_of
from shouwang.printing import chinese_fonts
from shouwang.screening.pack_check import NOTICE_AHEAD

OK, NOTE, WARNING, INSECURE, BROKEN = "ok", "note", "warning", "insecure", "broken"
OLDEST_PYTHON = (3, 11)
# https://sqlite.org/wal.html: a WAL file can be reset wrongly before these versions.
SOUND_WAL = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
TIGHT_DISK, FULL_DISK = 2 << 30, 200 << 20


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is ok, note, warning, insecure or broken; `mend` says what to do."""

    check: str
    state: str
    message: str
    mend: str = ""

    @property
    def is_bad(self) -> bool:
        return self.state in (INSECURE, BROKEN)

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def gettext(text: str) -> str:
    """A text in the language of the page; as it stands where no site is set up yet that has a language."""
    return translation.gettext(text) if settings.configured else text


def examine(home: Home) -> list[Finding]:
    """Every check that can be made; on an installation without a home only those that need none."""
    checks: list[Callable[[Home], Iterator[Finding]]] = [_python, _policy, _font, _home]
    if home.is_ready():
        checks += [_permissions, _disk, _clock, _staging, _lake, _settled, _keys, _exposure, _database, _people, _desk]
    found = []
    for check in checks:
        try:
            found += list(check(home))
        except ShouwangError as problem:
            found.append(Finding(check.__name__.strip("_"), BROKEN, problem.message, problem.advice))
    return found


def _python(_: Home) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield Finding(
            "python",
            BROKEN,
            gettext("Python {version} 太旧").format(version=version),
            gettext("安装 Python 3.11 或更新的版本"),
        )
    else:
        yield Finding("python", OK, f"Python {version}")


def _policy(home: Home) -> Iterator[Finding]:
    pack = pack_of(home)
    yield Finding(
        "policy", OK, gettext("政策包 {title} {version}").format(title=gettext(pack.title), version=pack.version)
    )
    stale = [each for each in pack.overdue(china_time.today()) if each.type == "amount"]
    if stale:
        listed = gettext("、").join(
            gettext("{title}（{id}）").format(title=gettext(each.title), id=each.id) for each in stale
        )
        words = gettext("{stale} 项金额标准一年以上没有新值，沿用旧值：{listed}").format(
            stale=len(stale), listed=listed
        )
        yield Finding("outdated_parameters", WARNING, words, gettext("按当年文件在“政策”页提出并审定新的数值"))
    for year in pack.calendar.assumed(china_time.today(), china_time.today() + NOTICE_AHEAD):
        words = gettext("没有{year}年的节假日安排，暂按周一至周五计算工作日").format(year=year)
        yield Finding("holidays", WARNING, words, gettext("按国务院办公厅通知在“政策”页提出并审定"))


def _font(_: Home) -> Iterator[Finding]:
    fonts = chinese_fonts()
    if fonts is not None:
        yield Finding("font", OK, gettext("有中文字体：{serif}").format(serif=fonts.serif))
    else:
        yield Finding(
            "font",
            WARNING,
            gettext("本机没有中文字体：浏览不受影响，但公示、公告、名册和档案不能打印"),
            gettext("安装 fonts-noto-cjk"),
        )


def _home(home: Home) -> Iterator[Finding]:
    if home.is_ready():
        yield Finding("home", OK, gettext("数据目录 {path}").format(path=home.path))
    else:
        yield Finding(
            "home",
            BROKEN,
            gettext("数据目录 {path} 尚未建立").format(path=home.path),
            gettext("运行 shouwang init，或设置 SHOUWANG_HOME"),
        )


def _permissions(home: Home) -> Iterator[Finding]:
    looked_at = [(home.path, "0700"), (home.keys_file, "0600"), (home.database, "0600")]
    wide = False
    for path, wanted in looked_at:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            wide = True
            mode = f"{stat.S_IMODE(path.stat().st_mode):04o}"
            mend = f"chmod {wanted} {path}"
            yield Finding(
                "permissions",
                INSECURE,
                gettext("{name} 的权限 {mode} 允许本机其他用户读取").format(name=path.name, mode=mode),
                mend,
            )
    if not wide:
        yield Finding("permissions", OK, gettext("数据目录、密钥和数据库只有本用户可读"))


def _settled(home: Home) -> Iterator[Finding]:
    connect(home)
    yield Finding("settings", OK, gettext("设置可以读取"))


def _keys(home: Home) -> Iterator[Finding]:
    if names := made_up(home.keys()):
        mend = gettext("每个密钥单独随机生成；已有数据的字段密钥用 shouwang keys rotate 更换")
        words = gettext("密钥不是随机生成的，或几个密钥相同：{names}").format(names=gettext("、").join(names))
        yield Finding("random_keys", INSECURE, words, mend)
    if all(os.environ.get(name) for name in NAMES) and not home.keys_file.exists():
        yield Finding("keys", OK, gettext("密钥来自环境变量，不与数据放在一起"))
        return
    state = INSECURE if _settings().BEYOND_THIS_MACHINE else WARNING
    mend = gettext("把 {name} 中的全部密钥移到服务的环境变量（或密钥管理系统）中，另行备份，再删除该文件").format(
        name=home.keys_file.name
    )
    yield Finding("keys", state, gettext("密钥与数据放在同一目录，拿到目录就能解密"), mend)


def _disk(home: Home) -> Iterator[Finding]:
    free = shutil.disk_usage(home.path).free
    words = gettext("数据目录所在磁盘剩余 {free:.1f} GB").format(free=free / (1 << 30))
    state = BROKEN if free < FULL_DISK else WARNING if free < TIGHT_DISK else OK
    yield Finding("disk", state, words, "" if state == OK else gettext("清理磁盘或换更大的磁盘"))


def _clock(home: Home) -> Iterator[Finding]:
    now = datetime.now().astimezone()
    latest = max((datetime.fromisoformat(each.ingested_at) for each in deliveries(home)), default=None)
    if latest and latest.astimezone() > now + timedelta(minutes=5):
        yield Finding(
            "clock",
            BROKEN,
            gettext("系统时间 {now:%Y-%m-%d %H:%M} 早于最近一次读入").format(now=now),
            gettext("校准系统时间（启用 NTP）"),
        )
    else:
        yield Finding("clock", OK, gettext("系统时间 {now:%Y-%m-%d %H:%M}").format(now=now))


def _staging(home: Home) -> Iterator[Finding]:
    left = [each.name for each in home.staging.glob("*")] if home.staging.exists() else []
    if left and not _being_written(home):
        mend = gettext("若没有命令在运行，重新运行被中断的命令即可：未完成的内容不计入，下一次写入会清理")
        yield Finding("staging", WARNING, gettext("有未完成的读入留下 {left} 个暂存文件").format(left=len(left)), mend)
    else:
        yield Finding("staging", OK, gettext("没有未完成的读入"))


def _being_written(home: Home) -> bool:
    try:
        with FileLock(home.path / "lock", timeout=0):
            return False
    except Timeout:
        return True


def _lake(home: Home) -> Iterator[Finding]:
    reports = deliveries(home)
    lost = [r.label for r in reports if r.accepted and not (home.rows(r.source) / f"{r.label}.parquet").exists()]
    if lost:
        words = gettext("{lost} 个交付的数据文件不见了：{lost_2}").format(
            lost=len(lost), lost_2=gettext("、").join(lost[:5])
        )
        yield Finding("lake", BROKEN, words, gettext("从备份恢复数据目录中的 lake/rows"))
    else:
        yield Finding("lake", OK, gettext("{reports} 个交付，数据文件齐全").format(reports=len(reports)))


def _exposure(_: Home) -> Iterator[Finding]:
    settings = _settings()
    if settings.DEBUG:
        mend = gettext("去掉环境变量 SHOUWANG_DEBUG")
        yield Finding("debug", INSECURE, gettext("调试模式已打开，出错页面会泄露内部信息"), mend)
    else:
        yield Finding("debug", OK, gettext("调试模式已关闭"))
    if "*" in settings.ALLOWED_HOSTS:
        mend = gettext("把 SHOUWANG_ALLOWED_HOSTS 写成实际的域名")
        yield Finding("allowed_hosts", INSECURE, gettext("允许以任何主机名访问"), mend)
    else:
        yield Finding(
            "allowed_hosts",
            OK,
            gettext("允许的主机名：{allowed_hosts}").format(allowed_hosts=gettext("、").join(settings.ALLOWED_HOSTS)),
        )
    if settings.BEYOND_THIS_MACHINE and not settings.HTTPS:
        mend = gettext("在前面架设 HTTPS 反向代理，去掉 SHOUWANG_PLAIN_HTTP")
        yield Finding("https", INSECURE, gettext("对外服务而不用 HTTPS，密码和个人信息会明文传输"), mend)


def _database(home: Home) -> Iterator[Finding]:
    connect(home)
    from django.db import connection

    if connection.vendor == "sqlite" and not home.database.exists():
        yield Finding("database", BROKEN, gettext("业务数据库尚未建立"), gettext("运行 shouwang init"))
        return
    pending = pending_migrations()
    if pending:
        yield Finding(
            "migrations",
            BROKEN,
            gettext("数据库有 {pending} 项更新未执行").format(pending=len(pending)),
            gettext("运行 shouwang init"),
        )
    else:
        yield Finding("migrations", OK, gettext("数据库结构是最新的"))
    if connection.vendor == "sqlite":
        yield from _sqlite(home)
    elif not pending:
        yield from _wall()


def _wall() -> Iterator[Finding]:
    from shouwang.jobs.rights import role, too_mighty
    from shouwang.jobs.row_policies import out_of_date

    mighty, out = too_mighty(), out_of_date()
    if mighty:
        words = gettext("数据库角色 {role} 不受行级策略约束（{mighty}）").format(role=role(), mighty=mighty)
        yield Finding(
            "runtime_role", INSECURE, words, gettext("按 docs/operations.md 另建运行角色，改 SHOUWANG_DATABASE_URL")
        )
    if out:
        words = gettext("{out} 张表的行级策略缺失或不是本版本的").format(out=len(out))
        yield Finding("row_policies", BROKEN, words, gettext("以表的属主运行 shouwang init"))
    if not mighty and not out:
        yield Finding("row_policies", OK, gettext("行级策略齐全，数据库角色 {role} 绕不过去").format(role=role()))


def _sqlite(home: Home) -> Iterator[Finding]:
    with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)) as opened:
        journal = opened.execute("PRAGMA journal_mode").fetchone()[0]
    version = sqlite3.sqlite_version_info
    sound = any(version[:2] == each[:2] and version >= each for each in SOUND_WAL) or version >= SOUND_WAL[-1]
    words = gettext("SQLite {sqlite_version}，日志方式 {journal}").format(
        sqlite_version=sqlite3.sqlite_version, journal=journal
    )
    if journal == "wal" and not sound:
        mend = gettext("停止服务后运行 sqlite3 shouwang.sqlite3 'PRAGMA journal_mode=DELETE'")
        yield Finding("sqlite", BROKEN, gettext("{words}：这个版本的 WAL 可能损坏数据").format(words=words), mend)
    else:
        yield Finding("sqlite", OK, words)


def _people(home: Home) -> Iterator[Finding]:
    if not _has_tables(home):
        return
    from shouwang.accounts.duties import ADMINISTRATORS, Duty
    from shouwang.accounts.models import Post, User
    from shouwang.accounts.scope import current_on

    demonstration = User.objects.filter(demonstration=True, is_active=True).count()
    if demonstration and not is_demonstration(home):
        mend = gettext("停用或删除这些账号；演示只在演示数据目录中进行")
        yield Finding(
            "demo_accounts",
            INSECURE,
            gettext("正式数据目录中有 {demonstration} 个演示账号").format(demonstration=demonstration),
            mend,
        )
    elif demonstration and _settings().BEYOND_THIS_MACHINE:
        mend = gettext("对外服务请新建正式的数据目录")
        yield Finding("demo_accounts", INSECURE, gettext("演示数据目录正在对外服务"), mend)
    today = china_time.today()
    current = Post.objects.filter(current_on(today))
    idle = User.objects.filter(is_active=True).exclude(posts__in=current).count()
    if idle:
        mend = gettext("离岗人员请停用账号；在岗人员请补上任职")
        yield Finding(
            "posts", NOTE, gettext("{idle} 个启用的账号没有在任岗位，登录后看不到任何数据").format(idle=idle), mend
        )
    unfilled = [str(duty.label) for duty in Duty if duty in ADMINISTRATORS and not current.filter(duty=duty).exists()]
    if unfilled and not is_demonstration(home):
        mend = gettext("用 shouwang user add 设置，由三个不同的人担任")
        yield Finding(
            "administrators", NOTE, gettext("没有在任的{unfilled}").format(unfilled=gettext("、").join(unfilled)), mend
        )
    if not User.objects.exists():
        yield Finding("users", NOTE, gettext("还没有任何账号"), gettext("运行 shouwang user add"))


def _desk(home: Home) -> Iterator[Finding]:
    if not _has_tables(home):
        return
    from shouwang.exchange.models import Delivery
    from shouwang.households.models import RegisterLoad

    reports = deliveries(home)
    listed = set(Delivery.objects.values_list("number", flat=True))
    loaded = set(RegisterLoad.objects.values_list("delivery", flat=True))
    behind = [r for r in reports if r.number not in listed]
    behind += [r for r in reports if r.source == "household_register" and r.number not in loaded and r not in behind]
    if behind:
        mend = gettext("再运行一次 shouwang ingest 或筛查，会自动补上")
        yield Finding("desk", WARNING, gettext("{behind} 个交付还没有进入业务库").format(behind=len(behind)), mend)
    else:
        yield Finding("desk", OK, gettext("业务库与数据目录一致"))


def is_demonstration(home: Home) -> bool:
    """Whether the home was made by `shouwang demo`."""
    return home.is_demonstration()


def _has_tables(home: Home) -> bool:
    connect(home)
    return not pending_migrations()


def _settings() -> Any:
    from django.conf import settings

    return settings
