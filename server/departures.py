"""Departures: whoever has left waits for nothing, so nothing is computed for them any more."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

Result = TypeVar("Result")
Stop = Callable[[], bool]

# Most requests are answered sooner; looking out for the client costs as much as a small one.
SOON_SECONDS = 0.05


class Departed(Exception):
    """The client left before the answer was ready."""


class Lookout:
    """Looks out for the clients of all operations that take their time; one clock serves all."""

    def __init__(self) -> None:
        self._new: set[_Watch] = set()
        self._old: set[_Watch] = set()
        self._clock: asyncio.TimerHandle | None = None

    async def watched(
        self, work: Coroutine[Any, Any, Result], receive: Receive, stop: Stop | None = None
    ) -> Result:
        """What the work results in; it is stopped, its statement too, when the client leaves.

        `stop` ends it in a way of its own, if it says so; else its task is cancelled.
        The request's body must have been received whole.
        """
        watch = _Watch(receive, stop)
        self._new.add(watch)
        if self._clock is None:
            self._clock = asyncio.get_running_loop().call_later(SOON_SECONDS, self._tick)
        try:
            result = await work
        except asyncio.CancelledError:
            if not watch.has_left:
                raise
            watch.task.uncancel()
            raise Departed from None
        finally:
            self._new.discard(watch)
            self._old.discard(watch)
            watch.end()
        if watch.has_left:
            raise Departed
        return result

    def _tick(self) -> None:
        """Who was there at the last tick already takes long enough to be watched."""
        for watch in self._old:
            watch.begin()
        self._old, self._new = self._new, set()
        again = asyncio.get_running_loop().call_later
        self._clock = again(SOON_SECONDS, self._tick) if self._old else None


class _Watch:
    __slots__ = ("_looking", "_receive", "_stop", "has_left", "task")

    def __init__(self, receive: Receive, stop: Stop | None) -> None:
        current = asyncio.current_task()
        if current is None:
            raise RuntimeError("only a task can be watched")
        self.task: asyncio.Task[Any] = current
        self.has_left = False
        self._receive = receive
        self._stop = stop
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._looking = asyncio.create_task(self._look_out())

    def end(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    async def _look_out(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        if self._stop is None or not self._stop():
            self.task.cancel()
