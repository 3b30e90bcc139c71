"""Wires: the connections that a gateway keeps, as many as it may have."""

import asyncio
from collections import deque
from typing import NamedTuple

from psycopg import AsyncRawCursor, InterfaceError, OperationalError
from psycopg.errors import QueryCanceled
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db.errors import Unavailable
from db.wire import Wire

_TRYING_SECONDS = 4.0
_CLOSING_SECONDS = 1.0
_BUSY = "The database is busy or away; try again later."
_CONNECTED = {"autocommit": True, "cursor_factory": AsyncRawCursor, "client_encoding": "utf8"}

_Handed = asyncio.Future[Wire | None]


class _Waiting(NamedTuple):
    """Whoever waits for a connection, and until when."""

    handed: _Handed
    until: float


class Wires:
    """At most so many connections; who finds none waits in line for the next.

    The pool makes connections and looks after those that failed or have grown old. Those that
    are free lie at hand: going through the pool each time would cost a tenth of a small query.
    """

    def __init__(self, url: str, size: int, patience: float) -> None:
        self._pool = AsyncConnectionPool(
            url,
            connection_class=Wire,
            min_size=1,
            max_size=size,
            open=False,
            # Each try waits twice as long as the one before: those that begin anew come sooner.
            reconnect_timeout=_TRYING_SECONDS,
            kwargs=_CONNECTED,
        )
        self._size = self._left = size
        self._patience = patience
        self._free: list[Wire] = []
        self._line: deque[_Waiting] = deque()
        self._clock: asyncio.TimerHandle | None = None

    @property
    def in_use(self) -> int:
        """How many connections somebody uses now."""
        return self._size - self._left - len(self._free)

    async def open(self) -> None:
        """Connect; raises when the server cannot be reached."""
        await self._pool.open(wait=True, timeout=10)

    async def close(self) -> None:
        """Give all connections back to the server; those that are only begun are given up soon."""
        while self._free:
            await self._dismiss(self._free.pop())
        await self._pool.close(_CLOSING_SECONDS)

    async def take(self) -> Wire:
        """A connection that is free, past those that the server has closed meanwhile."""
        while True:
            wire = await self._next()
            if wire is not None and not wire.has_hung_up:
                return wire
            if wire is not None:
                await wire.close()
                await self._dismiss(wire)

    async def give_back(self, wire: Wire) -> None:
        """Hand a connection to whoever waits longest, or keep it at hand."""
        if wire.closed or wire.is_old:
            await self._dismiss(wire)
        elif not self._hand_on(wire):
            self._free.append(wire)

    async def _next(self) -> Wire | None:
        if self._free:
            return self._free.pop()
        if not self._left:
            return await self._waited()
        self._left -= 1
        try:
            return await self._pool.getconn(self._patience)
        except BaseException as error:
            self._left += 1
            self._hand_on(None)
            if isinstance(error, PoolTimeout):
                raise Unavailable(_BUSY) from error
            raise

    async def _waited(self) -> Wire | None:
        """What is handed on; None says that a connection may be made now."""
        loop = asyncio.get_running_loop()
        handed: _Handed = loop.create_future()
        self._line.append(_Waiting(handed, loop.time() + self._patience))
        if self._clock is None:
            self._clock = loop.call_later(self._patience, self._lose_patience)
        try:
            return await handed
        except asyncio.CancelledError:
            if not handed.cancelled():
                await self._refused(handed)
            raise

    def _lose_patience(self) -> None:
        """Whoever waits longest stands first in line: one clock serves all."""
        loop = asyncio.get_running_loop()
        while self._line and (self._line[0].until <= loop.time() or self._line[0].handed.done()):
            waiting = self._line.popleft()
            if not waiting.handed.done():
                waiting.handed.set_exception(Unavailable(_BUSY))
        first = self._line[0].until if self._line else None
        self._clock = None if first is None else loop.call_at(first, self._lose_patience)

    async def _refused(self, handed: _Handed) -> None:
        """Whoever waited has just gone: what was handed to them is for the next."""
        if handed.exception() is not None:
            return
        wire = handed.result()
        if wire is None:
            self._hand_on(None)
        else:
            await self.give_back(wire)

    async def _dismiss(self, wire: Wire) -> None:
        await self._pool.putconn(wire)
        self._left += 1
        self._hand_on(None)

    def _hand_on(self, wire: Wire | None) -> bool:
        while self._line:
            handed = self._line.popleft().handed
            if not handed.done():
                handed.set_result(wire)
                return True
        return False


def is_away(error: BaseException) -> bool:
    """Whether the same may well be answered in a moment, by a database that is back by then."""
    is_lost = isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, Unavailable) or (is_lost and not isinstance(error, QueryCanceled))
