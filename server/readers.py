"""Readers: processes that read files nobody vouches for, and may die of one."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import connection
from types import TracebackType
from typing import Generic, TypeVar

from media.errors import HostileFile, MediaError, UnreadableFile

Item = TypeVar("Item")
Result = TypeVar("Result")

_PATIENCE_SECONDS = 300
_AHEAD = 4


class Readers:
    """As many processes as there are processors; one that dies is replaced."""

    def __init__(self, count: int | None = None) -> None:
        self._count = count or os.cpu_count() or 1
        self._pool = self._start()

    def read(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result | MediaError]:
        """What the function makes of each item, in their order, or why it cannot."""
        waiting = iter(items)
        flying: deque[tuple[Item, Future[Result | MediaError]]] = deque()
        while True:
            for item in islice(waiting, self._count * _AHEAD - len(flying)):
                flying.append((item, self._begin(function, item)))
            if not flying:
                return
            try:
                yield flying[0][1].result()
                flying.popleft()
            except BrokenProcessPool:
                # Whose fault it was is not told, so each of them is tried alone.
                suspects = [item for item, _ in flying]
                flying.clear()
                self._restart()
                yield from (self._alone(function, item) for item in suspects)

    def _begin(self, function: Callable[[Item], Result], item: Item) -> Future[Result | MediaError]:
        try:
            return self._pool.submit(_Guarded(function), item)
        except BrokenProcessPool as error:
            broken: Future[Result | MediaError] = Future()
            broken.set_exception(error)
            return broken

    def _alone(self, function: Callable[[Item], Result], item: Item) -> Result | MediaError:
        try:
            return self._begin(function, item).result()
        except BrokenProcessPool:
            self._restart()
            return HostileFile("Reading it takes for ever, or ends the reader.")

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._count, multiprocessing.get_context("forkserver"), initializer=_settle
        )

    def _restart(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=error is None, cancel_futures=True)


class _Guarded(Generic[Item, Result]):
    """Whatever a file does to the function becomes a reason to skip the file."""

    def __init__(self, function: Callable[[Item], Result]) -> None:
        self._function = function

    def __call__(self, item: Item) -> Result | MediaError:
        signal.alarm(_PATIENCE_SECONDS)
        try:
            return self._function(item)
        except MediaError as error:
            return error
        except Exception as error:
            return UnreadableFile(f"It cannot be read ({type(error).__name__}).")
        finally:
            signal.alarm(0)


def _settle() -> None:
    """Whoever interrupts means the parent; who has lost the parent goes too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
