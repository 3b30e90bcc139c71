"""What does the wire cost? The statements of Q1 and Q3, by psycopg's own pipeline and by ours.

`python -m bench.wire`; PostgreSQL has the other core where there are two, CPU is this process's.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
import uvloop
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg_pool import AsyncConnectionPool

from bench import database, dataset, gateway, reference
from db import embedded, session
from db.cursors import Cursors
from db.session import Database, Session
from db.statements import Statement
from db.wire import Asked, Values, Wire
from resolvers.context import Context
from schema import root
from server.config import Config
from server.links import Links
from server.transactions import Transactions

ROUNDS = 7
SECONDS = 1.0
POOLED = 10
QUESTIONS = {
    "Q1": (reference.GALLERY, {"project": dataset.project(3)}),
    "Q3": (reference.ONE, {"generation": dataset.generation(3, 77)}),
}

Flights = list[list[Asked]]
Way = Callable[[Flights], Awaitable[list[Values]]]


@dataclass(frozen=True)
class Cost:
    """What one transaction takes, in milliseconds."""

    cpu: float
    elapsed: float


class _Recorded(Session):
    """A session that keeps what it is asked, by flight."""

    asked: list[tuple[int, Asked]]

    async def fetch(self, statement: Statement, **parameters: Any) -> Values:
        rows = await super().fetch(statement, **parameters)
        asked = Asked(statement.text, statement.arguments(parameters))
        self.asked.append((self.flights, asked))
        return rows


class Ways:
    """The ways to run some flights as one transaction of a viewer."""

    def __init__(self, url: str, opening: list[Asked]) -> None:
        self._opening = opening
        self._closing = [Asked("commit")]
        common = {"autocommit": True, "client_encoding": "utf8"}
        self._raw: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            url, min_size=POOLED, open=False, kwargs=common | {"cursor_factory": AsyncRawCursor}
        )
        self._wires: AsyncConnectionPool[Wire] = AsyncConnectionPool(
            url, min_size=POOLED, open=False, kwargs=common, connection_class=Wire
        )
        self._free: list[Wire] = []

    async def open(self) -> None:
        """Connect everything."""
        await self._raw.open(wait=True)
        await self._wires.open(wait=True)
        self._free = [await self._wires.getconn() for _ in range(POOLED // 2)]

    async def close(self) -> None:
        """Close everything."""
        for wire in self._free:
            await self._wires.putconn(wire)
        await self._raw.close()
        await self._wires.close()

    async def by_pipeline(self, flights: Flights) -> list[Values]:
        """As psycopg does it."""
        found: list[Values] = []
        connection = await self._raw.getconn()
        for number, flight in enumerate(flights):
            opening = [] if number else self._opening
            async with connection.pipeline():
                cursors = [
                    await connection.cursor().execute(each.text, each.values)
                    for each in [*opening, *flight]
                ]
            found += [await cursor.fetchall() for cursor in cursors[len(opening) :]]
        await connection.execute("commit")
        await self._raw.putconn(connection)
        return found

    async def by_wire(self, flights: Flights) -> list[Values]:
        """By ours, out of the same pool, the commit in a flight of its own."""
        wire = await self._wires.getconn()
        found = await self._flown(wire, flights)
        await wire.fly([], closing=self._closing)
        await self._wires.putconn(wire)
        return found

    async def by_wire_at_once(self, flights: Flights) -> list[Values]:
        """By ours, out of the same pool, the commit in the last flight."""
        wire = await self._wires.getconn()
        found = await self._flown(wire, flights, self._closing)
        await self._wires.putconn(wire)
        return found

    async def without_pool(self, flights: Flights) -> list[Values]:
        """The same on a connection that waits in a list."""
        wire = self._free.pop()
        found = await self._flown(wire, flights, self._closing)
        self._free.append(wire)
        return found

    async def _flown(
        self, wire: Wire, flights: Flights, closing: list[Asked] | None = None
    ) -> list[Values]:
        found: list[Values] = []
        for number, flight in enumerate(flights, 1):
            opening = self._opening if number == 1 else ()
            last = closing or () if number == len(flights) else ()
            found += await wire.fly(flight, opening, last)
        return found


async def measure(url: str) -> None:
    """Show the medians of interleaved rounds, for one caller and for several at once."""
    connections = Database(url, Cursors(b""))
    await connections.open()
    claims = {"sub": dataset.OWNER, "role": "authenticated"}
    opening = [Asked(session._BEGIN), Asked(session._CLAIM, connections.envelope(claims))]
    asked = {name: await _flights(connections, *question) for name, question in QUESTIONS.items()}
    await connections.close()
    ways = Ways(url, opening)
    await ways.open()
    every = (ways.by_pipeline, ways.by_wire, ways.by_wire_at_once, ways.without_pool)
    print("| flights | way | callers | CPU ms | elapsed ms |\n|---|---|--:|--:|--:|")
    for name, flights in asked.items():
        await _check(every, flights)
        for callers in (1, POOLED // 2):
            for line in await _lines(every, flights, callers):
                print(f"| {name} {line}")
    await ways.close()


async def _flights(connections: Database, query: str, variables: dict[str, str]) -> Flights:
    """The statements that a query sends."""
    recorded = _Recorded(connections, {"sub": dataset.OWNER, "role": "authenticated"})
    recorded.asked = []
    context = Context(dataset.OWNER, recorded, Links(Config()))
    answer = await root.build(Transactions).execute(query, variables, context)
    assert not answer.errors, answer.errors
    by_flight = groupby(sorted(recorded.asked, key=itemgetter(0)), itemgetter(0))
    return [[asked for _, asked in flight] for _, flight in by_flight]


async def _check(ways: tuple[Way, ...], flights: Flights) -> None:
    """Every way reads the same, and has prepared everything then, on each connection."""
    expected = await ways[0](flights)
    for way in ways:
        for _ in range(10 * POOLED):
            assert await way(flights) == expected


async def _lines(ways: tuple[Way, ...], flights: Flights, callers: int) -> Iterator[str]:
    costs: dict[Way, list[Cost]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way in ways:
            costs[way].append(await _round(way, flights, callers))
    return (
        f"| {way.__name__} | {callers} | {median(c.cpu for c in found):.3f} "
        f"| {median(c.elapsed for c in found):.3f} |"
        for way, found in costs.items()
    )


async def _round(way: Way, flights: Flights, callers: int) -> Cost:
    until, times = time.perf_counter() + SECONDS, list[float]()

    async def call() -> None:
        while (begun := time.perf_counter()) < until:
            await way(flights)
            times.append(time.perf_counter() - begun)

    computed = time.process_time()
    await asyncio.gather(*(call() for _ in range(callers)))
    return Cost(1000 * (time.process_time() - computed) / len(times), 1000 * median(times))


def main() -> None:
    """Measure on the large database."""
    cores = sorted(os.sched_getaffinity(0))
    with embedded.start(gateway.FOLDER / "database") as server:
        name = database.ensure(server.url, server.gateway_url)
        url = database.located(server.gateway_url, name)
        with psycopg.connect(url) as connection:
            postmaster = psutil.Process(connection.info.backend_pid).parent()
        gateway._pin(postmaster, cores[-1])
        gateway._pin(psutil.Process(), cores[0])
        uvloop.run(measure(url))


if __name__ == "__main__":
    main()
