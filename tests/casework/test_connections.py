"""Several processes of one site share what comes: a connection waits for a free thread, and none is kept for ever."""

import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import processes
from over_http import eventually
from shouwang.jobs import by_thread, connections, serving

Serving = Callable[[Any, str], Any]


@pytest.fixture
def runs() -> Iterator[Serving]:
    """Runs a server whose every page says a word; it waits for `go` where the address is /wait."""
    servers = []

    def run(server: Any, word: str) -> Any:
        server.go = threading.Event()

        def page(environ: dict[str, Any], start: Any) -> list[bytes]:
            if environ["PATH_INFO"] == "/wait":
                server.go.wait(20)
            start("200 OK", [("Content-Type", "text/plain")])
            return [word.encode()]

        server.application = page
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
        return server

    yield run
    for each in servers:
        each.go.set()
        each.close()


def asking(server: Any, path: str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=120)
    connection.request("GET", path)
    return connection


def test_a_connection_goes_to_the_process_that_has_a_thread_free(runs: Serving) -> None:
    first = runs(serving.make_server("127.0.0.1", 0), "first")
    waiting = [asking(first, "/wait") for _ in range(first.adj.threads)]
    assert eventually(lambda: len(first.working) == first.adj.threads)
    more = asking(first, "/")
    second = runs(serving.make_server("", 0, socket.socket(fileno=os.dup(first.socket.fileno()))), "second")
    assert more.getresponse().read() == b"second"
    first.go.set()
    assert {each.getresponse().read() for each in waiting} == {b"first"}
    assert eventually(lambda: first.working == second.working == [])


def test_a_process_takes_connections_again_when_a_thread_is_free(runs: Serving) -> None:
    first = runs(serving.make_server("127.0.0.1", 0), "first")
    waiting = [asking(first, "/wait") for _ in range(first.adj.threads)]
    assert eventually(lambda: len(first.working) == first.adj.threads)
    more = asking(first, "/")
    first.go.set()
    assert [each.getresponse().read() for each in (*waiting, more)] == [b"first"] * (len(waiting) + 1)


def test_a_connection_is_for_a_number_of_requests(runs: Serving) -> None:
    first = runs(serving.make_server("127.0.0.1", 0), "first")
    connection, told = asking(first, "/"), []
    for number in range(connections.REQUESTS_A_CONNECTION):
        if number:
            connection.request("GET", "/")
        answer = connection.getresponse()
        told.append(answer.getheader("Connection"))
        assert answer.read() == b"first"
    assert told == [None] * (connections.REQUESTS_A_CONNECTION - 1) + ["close"]


EACH_THREAD_ITS_OWN = """
import django, threading
django.setup()
from django.db import connection
from django.utils import translation
from shouwang.jobs.by_thread import STORES, keep_by_thread
keep_by_thread()
assert all(type(getattr(owner, name)) is threading.local for owner, name in STORES)
translation.activate("en")
def other():
    translation.activate("zh-hans")
    told.append((translation.get_language(), connection.cursor().execute("SELECT 1").fetchone(), id(connection.connection)))
told = []
beside = threading.Thread(target=other)
beside.start()
beside.join()
assert translation.get_language() == "en" and told[0][:2] == ("zh-hans", (1,))
assert connection.cursor().execute("SELECT 2").fetchone() == (2,) and id(connection.connection) != told[0][2]
"""


def test_what_is_kept_by_thread_is_each_threads_own(fresh_home: Any) -> None:
    processes.run(EACH_THREAD_ITS_OWN, environ={"SHOUWANG_HOME": str(fresh_home)}, ends=0)


def test_a_django_that_keeps_it_otherwise_is_not_meddled_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_thread, "STORES", ((SimpleNamespace(_active={}), "_active"),))
    with pytest.raises(TypeError):
        by_thread.keep_by_thread()
