"""Live: what telling a thousand sockets costs the gateway, and how soon they hear.

`python -m bench.live`; 1,000 sockets follow 50 projects, in which one row after another is updated.
Strawberry's own handler tells the same beside it, without any database.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import uvloop

from bench import feed, followers, gateway, report
from bench.feed import Studio
from bench.followers import Follower
from bench.gateway import FOLDER, Gateway, Place, Program
from bench.load import Address
from db import embedded
from server import auth
from server.config import Config

SOCKETS = 1_000
PROJECTS = 50
ROUNDS = 3
CHANGES = 1_000
RATES = (50, 200)

_UPDATE = "update generations set starred = not starred where id = %s"

Write = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Told:
    """One round: deliveries for each second of the server's CPU, milliseconds until they came."""

    rate: float
    p50: float
    p99: float


def main() -> None:
    """Measure both, show it and keep it."""
    with embedded.start(FOLDER / "database") as server, feed.made(server, PROJECTS) as studio:
        place = _placed(studio)
        lines = [*_measured("Dailies", _dailies(place, studio), place, studio)]
        lines += _measured("Strawberry's own", _stock(place, studio), place, studio)
    heading = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {SOCKETS} sockets over {PROJECTS}"
        f" projects; medians of {ROUNDS} rounds of {CHANGES} changes. Times are milliseconds.\n\n"
        "| server | changes/s | deliveries per CPU second | p50 | p99 | KiB per idle socket |\n"
        "|---|--:|--:|--:|--:|--:|"
    )
    text = "\n".join([heading, *lines])
    print(text)
    report.keep(text, "live")


def _measured(name: str, program: Program, place: Place, studio: Studio) -> list[str]:
    print(name, file=sys.stderr)
    with gateway.started(program, place) as server:
        return uvloop.run(_followed(name, server, studio))


async def _followed(name: str, server: Gateway, studio: Studio) -> list[str]:
    projects = list(islice(cycle(studio.projects), SOCKETS))
    warm = await followers.connected(server.address, studio.projects)
    before = server.resident()
    everybody = await followers.connected(server.address, projects)
    size = 1024 * (server.resident() - before) / SOCKETS
    for one in warm:
        one.close()
    lines = []
    async with _Writer(name, server, studio) as write:
        for rate in RATES:
            rounds = [await _round(server, everybody, write, rate) for _ in range(ROUNDS)]
            figures = (
                median(getattr(one, key) for one in rounds) for key in ("rate", "p50", "p99")
            )
            told, p50, p99 = figures
            lines.append(f"| {name} | {rate} | {told:.0f} | {p50:.1f} | {p99:.1f} | {size:.0f} |")
    return lines


async def _round(server: Gateway, everybody: list[Follower], write: Write, rate: int) -> Told:
    for one in everybody:
        one.came.clear()
    done: list[list[float]] = [[] for _ in range(PROJECTS)]
    busy, begun = server.computed()[0], time.perf_counter()
    for number in range(CHANGES):
        await asyncio.sleep(max(begun + number / rate - time.perf_counter(), 0))
        await write(number % PROJECTS)
        done[number % PROJECTS].append(time.perf_counter())
    expected = CHANGES // PROJECTS
    async with asyncio.timeout(60):
        for one in everybody:
            await one.until(expected)
    spent = server.computed()[0] - busy
    late = [
        1000 * (came - committed)
        for index, one in enumerate(everybody)
        for came, committed in zip(one.came, done[index % PROJECTS], strict=True)
    ]
    return Told(len(late) / spent, median(late), quantiles(late, n=100)[98])


class _Writer:
    """Tells of a change of a project: by committing one, or by asking the stock server to."""

    def __init__(self, name: str, server: Gateway, studio: Studio) -> None:
        self._is_stock = name != "Dailies"
        self._server = server
        self._studio = studio

    async def __aenter__(self) -> Write:
        if self._is_stock:
            address = self._server.address
            self._client = httpx.AsyncClient(base_url=f"http://{address.host}:{address.port}")
            return self._tell
        self._owner = await psycopg.AsyncConnection.connect(self._studio.owner, autocommit=True)
        return self._commit

    async def __aexit__(self, *_: object) -> None:
        await (self._client.aclose() if self._is_stock else self._owner.close())

    async def _tell(self, index: int) -> None:
        await self._client.post(f"/tell/{self._studio.projects[index]}")

    async def _commit(self, index: int) -> None:
        await self._owner.execute(_UPDATE, (self._studio.generations[index],), prepare=True)


def _placed(studio: Studio) -> Place:
    """PostgreSQL and the sockets on the last core, the server on the first."""
    cores = sorted(os.sched_getaffinity(0))
    gateway.pin(cores[-1])
    note = FOLDER / "database" / "cluster" / "postmaster.pid"
    postgres = psutil.Process(int(note.read_text().splitlines()[0]))
    return Place(studio.gateway, studio.owner, postgres.pid, cores[0])


def _dailies(place: Place, studio: Studio) -> Program:
    program = gateway.dailies(place, DAILIES_LIMITS__SOCKETS=str(2 * SOCKETS))
    known = Config(secret=gateway.SECRET, jwt_secret=gateway.SECRET)
    address = program.address
    mine = Address(address.host, address.port, auth.mint(known, studio.user))
    return Program(program.command, program.environment, mine)


def _stock(place: Place, studio: Studio) -> Program:
    address = gateway.free_address()
    command = (sys.executable, "-m", "bench.stock", str(address.port))
    return Program(command, {}, address, Path(__file__).parent.parent)


if __name__ == "__main__":
    main()
