"""Wires: the connections that a gateway keeps, as many as it may have."""

import select

from psycopg import AsyncRawCursor
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db.errors import Unavailable
from db.wire import Wire

_CONNECTED = {"autocommit": True, "cursor_factory": AsyncRawCursor, "client_encoding": "utf8"}


class Wires:
    """A pool of connections; those that are free lie at hand, past the pool.

    Going through the pool each time would cost a tenth of a small query. It makes connections,
    looks after those that failed or have grown old, and lets the waiting wait in their order.
    """

    def __init__(self, url: str, size: int, patience: float) -> None:
        self._pool = AsyncConnectionPool(
            url,
            connection_class=Wire,
            min_size=1,
            max_size=size,
            open=False,
            kwargs=_CONNECTED,
        )
        self._patience = patience
        self._free: list[Wire] = []
        self._wanting = 0

    async def open(self) -> None:
        """Connect; raises when the server cannot be reached."""
        await self._pool.open(wait=True, timeout=10)

    async def close(self) -> None:
        """Give all connections back to the server."""
        while self._free:
            await self._pool.putconn(self._free.pop())
        await self._pool.close()

    async def take(self) -> Wire:
        """A connection that is free, past those that the server has closed meanwhile."""
        while _is_lost(wire := self._free.pop() if self._free else await self._pooled()):
            await wire.close()
            await self._pool.putconn(wire)
        return wire

    async def give_back(self, wire: Wire) -> None:
        """Keep a connection at hand, or return it to the pool where somebody waits for one."""
        if self._wanting or wire.closed or wire.is_old:
            await self._pool.putconn(wire)
        else:
            self._free.append(wire)

    async def _pooled(self) -> Wire:
        self._wanting += 1
        try:
            return await self._pool.getconn(self._patience)
        except PoolTimeout as error:
            raise Unavailable("The database is busy or away; try again later.") from error
        finally:
            self._wanting -= 1


def _is_lost(wire: Wire) -> bool:
    """An idle server says nothing, unless it hangs up; looking costs no round trip."""
    socket = select.poll()
    socket.register(wire.fileno(), select.POLLIN)
    return bool(socket.poll(0))
