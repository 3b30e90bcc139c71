"""Sessions: one viewer's transaction, opened in the same flight as its first statements."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import orjson
from psycopg import OperationalError

from db.cursors import Cursors
from db.endings import Endings
from db.statements import Statement
from db.wire import Arrived, Asked, Values, Wire
from db.wires import Wires

_BEGIN = "begin isolation level repeatable read read only"
_CLOSING = [Asked("commit")]
_CLAIM = (
    "select set_config('role', 'authenticated', true), "
    "set_config('request.jwt.claims', $1, true), "
    "set_config('statement_timeout', $2, true), "
    "set_config('plan_cache_mode', 'force_generic_plan', true)"
)
_ENSURE_VIEWER = "select ensure_viewer()"


class Database:
    """The gateway's connections to PostgreSQL."""

    def __init__(
        self, url: str, cursors: Cursors, size: int = 10, statement_timeout: int = 10_000
    ) -> None:
        self.cursors = cursors
        self.statement_timeout = statement_timeout
        # Who wants to know which scopes were changed by what is written here.
        self.committed: Callable[[Sequence[str]], None] = _nobody_is_told
        self.endings = Endings()
        self._wires = Wires(url, size, patience=statement_timeout / 1000)
        self._known: set[str] = set()

    @property
    def in_use(self) -> int:
        """How many connections are in use now."""
        return self._wires.in_use

    async def open(self) -> None:
        """Connect; raises when the server cannot be reached."""
        await self._wires.open()

    async def close(self) -> None:
        """Give all connections back to the server; what does not land in time is cut off."""
        await self.endings.finish()
        await self._wires.close()

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

    async def take(self) -> Wire:
        """A connection that is free."""
        return await self._wires.take()

    async def give_back(self, connection: Wire) -> None:
        """Return a connection."""
        await self._wires.give_back(connection)

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[Wire]:
        connection = await self.take()
        try:
            yield connection
        finally:
            await self.give_back(connection)


def _nobody_is_told(_: Sequence[str]) -> None:
    """What is told where nobody listens."""


_Wanted = tuple[Asked, "asyncio.Future[Values]"]


class _Flight(NamedTuple):
    """Statements that fly together, and whether nothing is read after them."""

    asked: list[Asked]
    last: bool = False
    arrived: Arrived | None = None


class SessionEnded(Exception):
    """Nothing is read in a session that has ended; whoever asked has been answered already."""


class Session:
    """One viewer's snapshot of the database; statements asked for together fly together."""

    def __init__(self, database: Database, claims: Mapping[str, Any]) -> None:
        self.cursors = database.cursors
        self.statements: list[str] = []
        self.flights = 0
        self.database = database
        self.claims = claims
        self._wire: Wire | None = None
        self._turn = asyncio.Lock()
        self._waiting: list[_Wanted] = []
        self._flights: asyncio.Task[None] | None = None
        self._ended = False
        self._refused: Exception | None = None

    def again(self) -> "Session":
        """A session for the same viewer; what the database refused in this one stays refused."""
        session = Session(self.database, self.claims)
        session._refused = self._refused
        return session

    async def fetch(self, statement: Statement, **parameters: Any) -> Values:
        """The rows of a statement, read in this session's snapshot."""
        self._check()
        landed: asyncio.Future[Values] = asyncio.get_running_loop().create_future()
        self._waiting.append((Asked(statement.text, statement.arguments(parameters)), landed))
        if self._flights is None or self._flights.done():
            self._flights = asyncio.create_task(self._fly())
        return await landed

    async def fetch_all(
        self,
        asked: list[tuple[Statement, dict[str, Any]]],
        last: bool = False,
        arrived: Arrived | None = None,
    ) -> list[Values]:
        """The rows of each statement, all read in one flight; nothing is read after the last.

        `arrived` is told them one statement after another, where that can be before the others.
        """
        sent = [Asked(statement.text, statement.arguments(given)) for statement, given in asked]
        rows = await self._sent(_Flight(sent, last, arrived))
        self._ended = self._ended or last
        return rows

    async def end(self) -> None:
        """End the transaction and give the connection back; what still waits is not read."""
        self._ended = True
        wire = self._wire
        if self._is_idle and (wire is None or not wire.is_flying):
            self._wire = None
            if wire is not None:
                await self.database.give_back(wire)
            return
        is_idle = self._is_idle
        if self._flights is not None:
            self._flights.cancel()
        landing = self.database.endings.begin(self._land())
        # Once its end is sent, a snapshot is in nobody's way; what is stopped may hold others up.
        await (asyncio.sleep(0) if is_idle else asyncio.shield(landing))

    @property
    def _is_idle(self) -> bool:
        return (self._flights is None or self._flights.done()) and not self._turn.locked()

    async def _land(self) -> None:
        if self._flights is not None and not self._flights.done():
            await asyncio.gather(self._flights, return_exceptions=True)
        async with self._turn:
            wire, self._wire = self._wire, None
        if wire is None:
            return
        try:
            # Everything was read already: losing the connection now takes nothing away.
            with suppress(OperationalError):
                if wire.is_flying:
                    await wire.fly([], closing=_CLOSING)
        finally:
            await self.database.give_back(wire)

    async def _fly(self) -> None:
        while self._waiting:
            flight, self._waiting = self._waiting, []
            try:
                results = await self._sent(_Flight([asked for asked, _ in flight]))
            except Exception as error:
                _fail([*flight, *self._waiting], error)
                return
            except asyncio.CancelledError:
                # Not the cancellation itself: loaders would keep their callers waiting for good.
                _fail([*flight, *self._waiting], SessionEnded())
                raise
            for (_, landed), rows in zip(flight, results, strict=True):
                if not landed.done():
                    landed.set_result(rows)
            await asyncio.sleep(0)

    async def _sent(self, flight: _Flight) -> list[Values]:
        async with self._turn:
            self._check()
            try:
                return await self._flown(flight)
            except Exception as error:
                self._refused = error
                raise
            except asyncio.CancelledError:
                self._ended = True
                raise

    async def _flown(self, flight: _Flight) -> list[Values]:
        opening: list[Asked] = []
        if self._wire is None:
            self._wire = await self.database.take()
            opening = [Asked(_BEGIN), Asked(_CLAIM, self.database.envelope(self.claims))]
            self.statements.append(_BEGIN)
        self.statements += [each.text for each in flight.asked]
        self.flights += 1
        closing = _CLOSING if flight.last else ()
        return await self._wire.fly(flight.asked, opening, closing, flight.arrived)

    def _check(self) -> None:
        if self._refused is not None:
            raise self._refused
        if self._ended:
            raise SessionEnded


def _fail(wanted: list[_Wanted], error: Exception) -> None:
    for _, landed in wanted:
        if not landed.done():
            landed.set_exception(error)
