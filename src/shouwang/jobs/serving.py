"""The site and its worker, as one command runs them."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from shouwang.jobs.casework import anchor_after_start, connect, require_ready
from shouwang.jobs.policy import write_decided_after_start
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, open_home
from shouwang.kernel.keys import made_up

logger = logging.getLogger(__name__)
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
THREADS, LEAST_THREADS = 4, 2
"""Of all processes together, and of each: what a thread does is mostly reckoning, and each keeps a connection of its own."""
CONNECTIONS = 500
COLLECTED_AFTER = (50_000, 20, 20)
MOST_PROCESSES = 4
LONGEST_PAUSE = 60


def serve(home: Home, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves until interrupted. `announce` is told the address once it answers.

    `SHOUWANG_TRUSTED_PROXY` names the address of a proxy in front that says who asks and whether over HTTPS.

    Raises:
        InputError: the port is taken or not allowed, or the settings would serve the site to anybody as it should not be.
        Failure: the casework database is missing or old.
    """
    require_ready(home)
    refuse_careless_settings(host)
    refuse_mighty_role()
    anchor_after_start()
    write_decided_after_start(home)
    server = make_server(host, port)
    stopping = threading.Event()
    # A name of several addresses has several sockets; then one process answers.
    listening = server.socket.fileno() if hasattr(server, "socket") else None
    others = processes() - 1 if listening is not None else 0
    beside = [["shouwang.jobs.worker"], *[["shouwang.jobs.serving", str(listening)]] * others]
    watchers = [
        threading.Thread(target=_keep_running, args=(home, each, listening, stopping), daemon=True) for each in beside
    ]
    for watcher in watchers:
        watcher.start()
    settle()
    announce(f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{server.effective_port}/")
    try:
        server.run()
    finally:
        stopping.set()
        for watcher in watchers:
            watcher.join(timeout=10)
        server.close()


def processes() -> int:
    """How many processes answer: on PostgreSQL one a processor, at most four; SQLite has one writer at a time anyway.

    Raises:
        InputError: `SHOUWANG_PROCESSES` is no number from 1 to 64.
    """
    from django.db import connection

    asked = os.environ.get("SHOUWANG_PROCESSES", "")
    if not asked:
        return min(os.cpu_count() or 1, MOST_PROCESSES) if connection.vendor == "postgresql" else 1
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= 64):
        raise InputError(f"环境变量 SHOUWANG_PROCESSES 的值“{asked}”不是 1 至 64 的整数", "改成整数，或不设置")
    return int(asked)


def refuse_careless_settings(host: str = "") -> None:
    """Raises InputError where the site would answer to any name, show its inside beyond this machine, or use a made-up key.

    `host` is the address on which it is to listen, where that is known.
    """
    from django.conf import settings

    if "*" in settings.ALLOWED_HOSTS:
        raise InputError("SHOUWANG_ALLOWED_HOSTS 允许任何主机名，网站没有启动", "写成实际的域名，多个之间用逗号")
    if settings.DEBUG and (settings.BEYOND_THIS_MACHINE or host not in ("", *THIS_MACHINE)):
        raise InputError("调试模式下不能对外服务，网站没有启动", "去掉环境变量 SHOUWANG_DEBUG")
    if names := made_up(settings.HOME.keys()):
        raise InputError(
            f"密钥不是随机生成的，或几个密钥相同：{'、'.join(names)}；网站没有启动",
            '每个密钥单独生成：python3 -c "import secrets; print(secrets.token_hex(32))"；已有数据的字段密钥用 shouwang keys rotate 更换',
        )


def refuse_mighty_role() -> None:
    """Raises InputError where the site would ask PostgreSQL as somebody whom its row policies do not hold."""
    from shouwang.jobs.rights import role, too_mighty

    if mighty := too_mighty():
        raise InputError(
            f"数据库角色 {role()} 不受行级策略约束（{mighty}），网站没有启动",
            "按 docs/operations.md 另建运行角色写进 SHOUWANG_DATABASE_URL；表的属主只写进 SHOUWANG_DATABASE_OWNER_URL，供 shouwang init 用",
        )


def make_server(host: str, port: int, listening: socket.socket | None = None) -> Any:
    """A waitress server over the site, whose temporary files nobody can read and to whom nobody sends for ever.

    `listening` is the socket of another process of the same site, with which this one shares what comes.

    Who sends nothing for two minutes is cut off by waitress itself; a request that arrives drop by drop, by us. Neither
    keeps a thread busy: waitress hands a request on once it is whole.
    """
    import waitress.server
    from waitress.buffers import TempfileBasedBuffer

    from shouwang.exchange.scratch import ScratchFile
    from shouwang.exchange.spool import LARGEST_FILE
    from shouwang.jobs.connections import Server
    from shouwang.wsgi import application

    waitress.server.TcpWSGIServer = Server
    TempfileBasedBuffer.newfile = lambda _: ScratchFile()
    proxy = os.environ.get("SHOUWANG_TRUSTED_PROXY")
    trusted = {"trusted_proxy": proxy, "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto"} if proxy else {}
    try:
        return waitress.server.create_server(
            application,
            **({"sockets": [listening]} if listening else {"host": host, "port": port}),
            threads=max(THREADS // processes(), LEAST_THREADS),
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            ident=None,
            max_request_body_size=LARGEST_FILE + (8 << 20),
            clear_untrusted_proxy_headers=True,
            **trusted,
        )
    except (OSError, ValueError, OverflowError) as problem:
        words = getattr(problem, "strerror", None) or str(problem)
        raise InputError(
            f"无法在 {host}:{port} 上提供服务：{words}", "换一个端口（--port），或停止占用它的程序"
        ) from None


def _keep_running(home: Home, module: Sequence[str], listening: int | None, stopping: threading.Event) -> None:
    """Runs the worker, or another process that answers; one that dies is started again, after a pause that grows."""
    pause = 1
    while not stopping.is_set():
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdin=subprocess.PIPE,
            env=os.environ | {"SHOUWANG_HOME": str(home.path)},
            pass_fds=[listening] if listening is not None and len(module) > 1 else [],
        )
        while process.poll() is None and not stopping.wait(0.2):
            pass
        if stopping.is_set():
            process.stdin.close()  # type: ignore[union-attr]
            process.wait(timeout=30)
            return
        pause = 1 if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
        logger.warning("%s ended with %s; starting it again in %s s", module[0], process.returncode, pause)
        stopping.wait(pause)


def stop_with_parent() -> None:
    """Whoever started a process holds the other end of its standard input; when they are gone, so is the process."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def settle() -> None:
    """Acts for no area but a request's, and has at hand what every page needs. The collector of garbage passes over all that, and
    comes less often: a page makes tens of thousands of objects, of which hardly any is part of a ring."""
    from shouwang.areas.tree import tree
    from shouwang.jobs.by_thread import keep_by_thread
    from shouwang.jobs.policy import current_pack
    from shouwang.tables.acting import nowhere_by_default

    keep_by_thread()
    nowhere_by_default()
    tree()
    current_pack()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def answer_too(home: Home, listening: int) -> None:
    """Answers requests that come to another process's socket, until that process is gone."""
    connect(home)
    server = make_server("", 0, socket.socket(fileno=listening))
    settle()
    with suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    stop_with_parent()
    answer_too(open_home(), int(sys.argv[1]))
