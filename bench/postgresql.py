"""A throw-away PostgreSQL server: Debian's own, in a folder of its own, reached by a socket that only its starter can open.

Tests and benchmarks start it; it ends with them, even where they are killed.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "shouwang"
NOTHING_IS_KEPT: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: what is lost with the power would have been thrown away."""
SECONDS_TO_START = 60.0
PR_SET_PDEATHSIG = 1


class NoServer(RuntimeError):
    """PostgreSQL is not installed, or does not start; the message says what it said."""


@dataclass(frozen=True)
class Server:
    """A running server: `folder` holds its socket and data, `process` is its first process."""

    folder: Path
    process: int

    def url(self, database: str = "postgres", user: str = USER) -> str:
        """As `SHOUWANG_DATABASE_URL` takes it."""
        return url_at(self.folder, database, user)


def url_at(folder: Path, database: str, user: str = USER) -> str:
    """Of the server whose socket lies there."""
    return f"postgresql://{user}@/{database}?host={folder}"


def programs() -> Path:
    """The folder of the newest server on this machine.

    Raises:
        NoServer: there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_the_path = shutil.which("initdb")
    if not found and on_the_path is None:
        raise NoServer("no PostgreSQL server is installed: apt-get install postgresql")
    return (found[-1] if found else Path(str(on_the_path))).parent


@contextmanager
def throw_away(options: Mapping[str, str], under: Path | None = None) -> Iterator[Server]:
    """A server that is gone afterwards.

    Args:
        options: settings of `postgresql.conf`; it listens on no port.
        under: where its data may grow; the folder for temporary files.

    Raises:
        NoServer: it is not installed, or does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="shouwang-pg-", dir=under))
    try:
        with kept(options, folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept(options: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """A server whose data stay in a folder afterwards; where there are none, they are made.

    Raises:
        NoServer: it is not installed, or does not start.
    """
    binaries, owner = programs(), _owner()
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "data"
    if not data.exists():
        _made(binaries, data, owner)
    server = _started(binaries, data, folder, {"listen_addresses": "", **options}, owner)
    try:
        yield Server(folder, server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def _owner() -> pwd.struct_passwd | None:
    """Whom the server belongs to where root starts it, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as(owner: pwd.struct_passwd | None) -> dict[str, int | list[int]]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}


def _made(binaries: Path, data: Path, owner: pwd.struct_passwd | None) -> None:
    made = subprocess.run(
        [binaries / "initdb", "--pgdata", data, "--username", USER, "--auth=trust", "--no-sync", "--no-instructions",
         "--encoding=UTF8", "--locale=C.UTF-8"],
        capture_output=True, text=True, cwd=data.parent, **_as(owner),  # type: ignore[call-overload]
    )  # fmt: skip
    if made.returncode:
        raise NoServer(made.stderr or made.stdout)


def _started(
    binaries: Path, data: Path, folder: Path, options: Mapping[str, str], owner: pwd.struct_passwd | None
) -> "subprocess.Popen[bytes]":
    given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as written:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", folder, *given],
            stdout=written, stderr=written, cwd=folder, preexec_fn=_end_with_parent, **_as(owner),  # type: ignore[call-overload]
        )  # fmt: skip
    end = time.monotonic() + SECONDS_TO_START
    while subprocess.run([binaries / "pg_isready", "-q", "-h", folder, "-U", USER]).returncode:
        if server.poll() is not None or time.monotonic() > end:
            server.kill()
            raise NoServer(log.read_text(errors="replace"))
        time.sleep(0.05)
    return server


def _end_with_parent() -> None:
    """Linux sends the server its order for a fast shutdown when whoever started it is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
