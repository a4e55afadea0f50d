"""Work on the next pieces while the present one is used. Order is kept, and so is the first error."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WORKERS = 2
Piece = TypeVar("Piece")
Result = TypeVar("Result")


def read_ahead(pieces: Iterator[Piece], depth: int = 2) -> Iterator[Piece]:
    """Takes pieces in a thread of its own, at most `depth` ahead of their use."""
    waiting: queue.Queue[tuple[str, Piece | BaseException | None]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(kind: str, value: Piece | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                waiting.put((kind, value), timeout=0.1)
                return
            except queue.Full:
                continue

    def take() -> None:
        try:
            for piece in pieces:
                put("piece", piece)
                if stopped.is_set():
                    return
            put("end", None)
        except BaseException as problem:
            put("problem", problem)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        while True:
            kind, value = waiting.get()
            if kind == "end":
                return
            if isinstance(value, BaseException):
                raise value
            yield value  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()


def in_order(work: Callable[[Piece], Result], pieces: Iterator[Piece], workers: int = WORKERS) -> Iterator[Result]:
    """`map` on a few threads with the results in order and a bounded number under way."""
    with ThreadPoolExecutor(workers) as pool:
        under_way: deque[Future[Result]] = deque()
        try:
            for piece in pieces:
                under_way.append(pool.submit(work, piece))
                if len(under_way) > workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def run_aside(work: Callable[[], Result]) -> Future[Result]:
    """Begins work in a thread of its own; who asks for the result waits for it, and meets its error."""
    with_result: Future[Result] = Future()

    def run() -> None:
        try:
            with_result.set_result(work())
        except BaseException as problem:
            with_result.set_exception(problem)

    threading.Thread(target=run, daemon=True).start()
    return with_result
