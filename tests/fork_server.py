"""Imports what the product imports of others, and then becomes, once forked, whichever program it is asked for.

`processes.py` runs this text by `python -c`. It knows nothing of the product: every process imports that for itself.
"""

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from types import ModuleType
from typing import Any

OF_OTHERS = """
numpy polars pyarrow.parquet duckdb sqlglot sqlglot.generators.duckdb typer pydantic.main pydantic.types pydantic.type_adapter
rich.console rich.progress rich.table yaml filelock cryptography.hazmat.primitives.ciphers.aead psycopg xlsxwriter PIL.Image
PIL.ImageOps segno django.core.management django.db.models django.db.backends.sqlite3.base django.db.migrations.executor
django.forms django.http django.template django.urls django.views.generic django.test django_stubs_ext
"""
READ_AS_IT_STARTS = ("PYTHON", "LANG", "LC_", "LD_", "OPENBLAS_", "POLARS_", "ARROW_", "OMP_", "MALLOC_")
ENDED: list[int] = []


def read_as_it_starts(environ: dict[str, str]) -> dict[str, str]:
    """What an interpreter and the libraries look at before the program begins: whoever is forked has done so already."""
    return {name: value for name, value in environ.items() if name.startswith(READ_AS_IT_STARTS)}


def wait_to_be_somebody(asked: socket.socket) -> dict[str, Any]:
    """Forks for whatever is asked for, and returns in the process so made. Whoever asks is its parent: the one in between ends
    at once, and whoever asks takes orphans."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(asked, 1 << 20, 3)
        if not message:
            os._exit(0)
        told, tells = os.pipe()
        if between := os.fork():
            for each in (tells, *descriptors):
                os.close(each)
            os.waitpid(between, 0)
            asked.sendall(os.read(told, 20))
            os.close(told)
        elif made := os.fork():
            os.write(tells, str(made).encode())
            os._exit(0)
        else:
            asked.close()
            for place, each in enumerate(descriptors):
                os.dup2(each, place)
            for each in (told, tells, *descriptors):
                os.close(each)
            return dict(json.loads(message))


def become(somebody: dict[str, Any]) -> str:
    """Takes on its folder, environment and words; gives its program."""
    os.chdir(somebody["folder"])
    os.environ.clear()
    os.environ.update(somebody["environ"])
    time.tzset()
    if behind := float(os.environ.get("SHOUWANG_TEST_CLOCK_BEHIND", "0")):
        importlib.import_module("time_machine").travel(time.time() - behind).start()
    tempfile.tempdir = None
    sys.argv = ["-c", *somebody["words"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return str(somebody["program"])


def leave() -> None:
    """The last of what a process does at its end: to take down a thousand modules takes longer than many a command."""
    gc.unfreeze()  # they are taken down all the same where something went wrong
    if ENDED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ENDED[0])


def main() -> str:
    """Returns in every process that is made, with its program."""
    atexit.register(leave)  # the first to be registered is the last to be done
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when the tests do
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # whoever reads settings here fails
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        for name in OF_OTHERS.split():
            importlib.import_module(name)
        gc.collect()
        gc.freeze()
        asked.sendall(b"ready")
        return become(wait_to_be_somebody(asked))


if __name__ == "__main__":
    program = compile(main(), "<string>", "exec")
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        exec(program, vars(sys.modules["__main__"]))
        ENDED.append(0)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            ENDED.append(ended.code or 0)
        raise
