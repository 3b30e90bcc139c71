"""Landings: where the answers to a flight arrive; its socket is watched until then, no longer.

libpq closes the socket of a connection that it finds lost, and the next one that is opened may be
given the same number: whoever stopped watching a moment later would stop what is watched by then.
"""

import asyncio
from collections.abc import Callable


class Landing:
    """Watches one socket until the flight has landed, or its connection is lost."""

    def __init__(self, socket: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._landed: asyncio.Future[None] = self._loop.create_future()
        self._socket: int | None = socket
        self._writes = False

    def reads(self, read: Callable[["Landing"], None]) -> None:
        """Read whenever there is something to read."""
        if self._socket is not None:
            self._loop.add_reader(self._socket, read, self)

    def writes(self, write: Callable[["Landing"], None]) -> None:
        """Write whenever there is room to write."""
        if self._socket is not None:
            self._writes = True
            self._loop.add_writer(self._socket, write, self)

    def has_written(self) -> None:
        """There is nothing more to write."""
        if self._socket is not None and self._writes:
            self._writes = False
            self._loop.remove_writer(self._socket)

    def land(self, error: Exception | None = None) -> None:
        """Everything is there; or nothing more will come, because of this error."""
        self.leave()
        if self._landed.done():
            return
        if error is None:
            self._landed.set_result(None)
        else:
            self._landed.set_exception(error)

    def leave(self) -> None:
        """Watch the socket no longer."""
        if self._socket is not None:
            self.has_written()
            self._loop.remove_reader(self._socket)
            self._socket = None

    async def landed(self) -> None:
        """Wait until it has."""
        await self._landed
