"""Whoever sends a request drop by drop is cut off, and whoever sends it slowly but in time is not."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from shouwang.jobs import connections, serving


@pytest.fixture
def port() -> Iterator[int]:
    server = serving.make_server("127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    yield server.effective_port
    server.close()


@pytest.mark.parametrize(("seconds", "taken"), [(60, True), (0.2, False)])
def test_a_request_has_an_end_in_time(port: int, seconds: float, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LONGEST_SENDING", timedelta(seconds=seconds))
    assert drips(port, 1 if taken else 60) == taken


def drips(port: int, seconds: int) -> bool:
    """Whether the server still takes drops after so many seconds of them."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sending:
        sending.sendall(b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        for _ in range(seconds * 20):
            try:
                sending.sendall(b"x")
            except (BrokenPipeError, ConnectionResetError):
                return False
            time.sleep(0.05)
    return True
