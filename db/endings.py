"""Endings: transactions that end while nobody has to wait for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

_PATIENCE_SECONDS = 5.0


class Endings:
    """Those that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, ending: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Let one take its time; whoever wants to may wait for it."""
        task = asyncio.create_task(ending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self) -> None:
        """Wait for all of them; what takes too long is cut off."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_PATIENCE_SECONDS)
            for task in late:
                task.cancel()
