"""Sessions: one viewer's transaction, opened in the same flight as its first statements."""

import asyncio
import json
import math
import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
from psycopg import AsyncConnection, AsyncRawCursor, OperationalError
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db.cursors import Cursors
from db.errors import Unavailable
from db.statements import Statement

Values = list[tuple[Any, ...]]

_DIGITS_OF_64_BITS = 18


def _loaded(text: str | bytes) -> Any:
    """JSON as PostgreSQL keeps it, which knows larger numbers than most."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, parse_int=_whole, parse_float=_finite)


def _whole(digits: str) -> int | float | None:
    return int(digits) if len(digits) <= _DIGITS_OF_64_BITS else _finite(digits)


def _finite(digits: str) -> float | None:
    """No client could read what is larger than any double."""
    number = float(digits)
    return number if math.isfinite(number) else None


set_json_loads(_loaded)

_BEGIN = "begin isolation level repeatable read read only"
_CLAIM = (
    "select set_config('role', 'authenticated', true), "
    "set_config('request.jwt.claims', $1, true), "
    "set_config('statement_timeout', $2, true)"
)
_ENSURE_VIEWER = "select ensure_viewer()"


class Database:
    """The gateway's connections to PostgreSQL."""

    def __init__(
        self, url: str, cursors: Cursors, size: int = 10, statement_timeout: int = 10_000
    ) -> None:
        self.cursors = cursors
        self.statement_timeout = statement_timeout
        self._pool = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            kwargs={"autocommit": True, "cursor_factory": AsyncRawCursor},
        )
        self._patience = statement_timeout / 1000
        self._known: set[str] = set()

    async def open(self) -> None:
        """Connect; raises when the server cannot be reached."""
        await self._pool.open(wait=True, timeout=10)

    async def close(self) -> None:
        """Give all connections back to the server."""
        await self._pool.close()

    async def reach(self) -> None:
        """Ask the server something; raises when it does not answer."""
        async with self._taken() as connection:
            await connection.execute("select 1")

    def session(self, claims: Mapping[str, Any]) -> "Session":
        """A read-only transaction in the name of the viewer whose claims these are."""
        return Session(self, claims)

    async def welcome(self, claims: Mapping[str, Any]) -> None:
        """Make the viewer's user row when this token's subject is seen for the first time."""
        subject = str(claims["sub"])
        if subject in self._known:
            return
        async with self._taken() as connection, connection.transaction():
            await connection.execute(_CLAIM, self.envelope(claims))
            await connection.execute(_ENSURE_VIEWER)
        self._known.add(subject)

    def envelope(self, claims: Mapping[str, Any]) -> tuple[str, str]:
        """What a transaction is told of its viewer."""
        return orjson.dumps(dict(claims)).decode(), str(self.statement_timeout)

    async def take(self) -> AsyncConnection[Any]:
        """A connection out of the pool, past those that the server has closed meanwhile."""
        try:
            while _is_lost(connection := await self._pool.getconn(self._patience)):
                await connection.close()
                await self._pool.putconn(connection)
        except PoolTimeout as error:
            raise Unavailable("The database is busy or away; try again later.") from error
        return connection

    async def give_back(self, connection: AsyncConnection[Any]) -> None:
        """Return a connection to the pool."""
        await self._pool.putconn(connection)

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[AsyncConnection[Any]]:
        connection = await self.take()
        try:
            yield connection
        finally:
            await self.give_back(connection)


def _is_lost(connection: AsyncConnection[Any]) -> bool:
    """An idle server says nothing, unless it hangs up; looking costs no round trip."""
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))


class SessionEnded(Exception):
    """Nothing is read in a session that has ended; whoever asked has been answered already."""


class Session:
    """One viewer's snapshot of the database; statements asked for together fly together."""

    def __init__(self, database: Database, claims: Mapping[str, Any]) -> None:
        self.cursors = database.cursors
        self.statements: list[str] = []
        self.flights = 0
        self._database = database
        self._claims = claims
        self._connection: AsyncConnection[Any] | None = None
        self._waiting: list[tuple[str, tuple[Any, ...], asyncio.Future[Values]]] = []
        self._flights: asyncio.Task[None] | None = None
        self._ended = False
        self._refused: Exception | None = None

    def again(self) -> "Session":
        """A session for the same viewer; what the database refused in this one stays refused."""
        session = Session(self._database, self._claims)
        session._refused = self._refused
        return session

    async def fetch(self, statement: Statement, **parameters: Any) -> Values:
        """The rows of a statement, read in this session's snapshot."""
        if self._refused is not None:
            raise self._refused
        if self._ended:
            raise SessionEnded
        landed = asyncio.get_running_loop().create_future()
        self._waiting.append((statement.text, statement.arguments(parameters), landed))
        if self._flights is None or self._flights.done():
            self._flights = asyncio.create_task(self._fly())
        rows: Values = await landed
        return rows

    async def fetch_all(self, asked: list[tuple[Statement, dict[str, Any]]]) -> list[Values]:
        """The rows of each statement, all read in one flight."""
        return await asyncio.gather(*(self.fetch(text, **given) for text, given in asked))

    async def end(self) -> None:
        """End the transaction and give the connection back; what still waits is not read."""
        self._ended = True
        if self._flights is not None and not self._flights.done():
            self._flights.cancel()
            await asyncio.gather(self._flights, return_exceptions=True)
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            # Everything was read already: losing the connection now takes nothing away.
            with suppress(OperationalError):
                await connection.execute("commit")
        finally:
            await self._database.give_back(connection)

    async def _fly(self) -> None:
        while self._waiting:
            flight, self._waiting = self._waiting, []
            try:
                results = await self._sent([(text, values) for text, values, _ in flight])
            except Exception as error:
                self._refused = error
                _fail([*flight, *self._waiting], error)
                return
            except asyncio.CancelledError:
                # Not the cancellation itself: loaders would keep their callers waiting for good.
                _fail([*flight, *self._waiting], SessionEnded())
                raise
            for (_, _, landed), rows in zip(flight, results, strict=True):
                if not landed.done():
                    landed.set_result(rows)
            await asyncio.sleep(0)

    async def _sent(self, statements: list[tuple[str, tuple[Any, ...]]]) -> list[Values]:
        opening: list[tuple[str, tuple[Any, ...]]] = []
        if self._connection is None:
            self._connection = await self._database.take()
            opening = [(_BEGIN, ()), (_CLAIM, self._database.envelope(self._claims))]
            self.statements.append(_BEGIN)
        self.statements += [text for text, _ in statements]
        self.flights += 1
        async with self._connection.pipeline():
            cursors = [
                await self._connection.cursor().execute(text, values)
                for text, values in [*opening, *statements]
            ]
        return [await cursor.fetchall() for cursor in cursors[len(opening) :]]


def _fail(
    flight: list[tuple[str, tuple[Any, ...], asyncio.Future[Values]]], error: Exception
) -> None:
    for _, _, landed in flight:
        if not landed.done():
            landed.set_exception(error)
