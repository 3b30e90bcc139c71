"""Departures: whoever has left waits for nothing, so nothing is computed for them any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

Result = TypeVar("Result")

# Most requests are answered sooner; looking out for the client costs as much as a small one.
SOON_SECONDS = 0.05


class Departed(Exception):
    """The client left before the answer was ready."""


async def watched(work: Coroutine[Any, Any, Result], receive: Receive) -> Result:
    """What the work results in; it is cancelled, its statement too, when the client leaves.

    The request's body must have been received whole.
    """
    watch = _Watch(receive)
    try:
        return await work
    except asyncio.CancelledError:
        if not watch.has_left:
            raise
        watch.task.uncancel()
        raise Departed from None
    finally:
        watch.end()


class _Watch:
    def __init__(self, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        current = asyncio.current_task()
        if current is None:
            raise RuntimeError("only a task can be watched")
        self.task: asyncio.Task[Any] = current
        self.has_left = False
        self._receive = receive
        self._looking: asyncio.Task[None] | None = None
        self._soon = loop.call_later(SOON_SECONDS, self._begin)

    def end(self) -> None:
        self._soon.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self) -> None:
        self._looking = asyncio.create_task(self._look_out())

    async def _look_out(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        self.task.cancel()
