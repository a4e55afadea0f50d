"""Connections of the site: none is kept by who sends drop by drop, and what comes goes to whichever process has a thread free."""

import time
from datetime import timedelta
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import WSGIServer

REQUESTS_A_CONNECTION = 8
LONGEST_SENDING = timedelta(minutes=30)
"""The largest file that is taken in needs a quarter of an hour over a line of 2 Mbit/s."""


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, for a number of requests."""

    begun, answered = 0.0, 0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.begun = time.monotonic()
        elif time.monotonic() - self.begun > LONGEST_SENDING.total_seconds():
            self.will_close = True
            return False
        return bool(super().received(data))

    def service(self) -> None:
        self.answered += 1
        if self.answered >= REQUESTS_A_CONNECTION:
            self.requests[0].headers["CONNECTION"] = "close"
        try:
            super().service()
        finally:
            self.server.working.remove(self)
            self.server.pull_trigger()


class Server(WSGIServer):  # type: ignore[misc]
    """Takes no further connection while all its threads work: another process of the same socket may have one free."""

    channel_class = Channel

    def __init__(self, *args: Any, **named: Any) -> None:
        self.working: list[Channel] = []
        super().__init__(*args, **named)

    def add_task(self, task: Channel) -> None:
        self.working.append(task)
        super().add_task(task)

    def readable(self) -> bool:
        return bool(super().readable()) and len(self.working) < self.adj.threads
