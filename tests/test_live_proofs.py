"""Gateways and PostgreSQL are killed under those who follow: nobody misses or repeats anything."""

import asyncio
import json
import random
import socket
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import websockets

from db import events, migrate
from db.cursors import Cursors
from db.feed import Feed
from db.session import Database
from server import auth
from server.config import Config
from tests import gateways
from tests.gateways import SECRET, Running
from tests.nursery import Command
from tests.studio import Studio
from tests.talking import PROJECT, following, talking
from tests.test_feed_crash import Cluster
from tests.test_streams import Reader
from tests.writers import Writers

CLIENTS = 40
PROJECTS = 4
PROCESSES = 3
KILLS = 4
# Whatever a client sees of a gateway that is killed, or of one whose PostgreSQL is.
LOST = (OSError, EOFError, websockets.WebSocketException, httpx.HTTPError)
SETTINGS = Config.model_validate({"secret": SECRET})


class Fleet:
    """Some gateways on one database, killed and begun again."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._begun = [self._start(number) for number in range(PROCESSES)]

    @property
    def address(self) -> str:
        """Where one of them answers, or did."""
        return random.choice(self._begun)[1]

    def kill(self) -> None:
        """End one of them at once, and begin another in its place."""
        number = random.randrange(PROCESSES)
        self._begun[number][0].kill()
        self._begun[number][0].wait()
        self._begun[number] = self._start(number)

    def stop(self) -> None:
        """End all of them."""
        for process, _ in self._begun:
            process.kill()
            process.wait()

    def _start(self, number: int) -> tuple[Command, str]:
        folder = self._folder / str(number)
        return gateways.started(self._url, folder)


class Client:
    """Follows one project, and goes on from its last cursor wherever it loses a connection."""

    def __init__(self, fleet: Fleet, user: str, project: str, by_socket: bool) -> None:
        self.project = project
        self.ticks: list[int] = []
        self.connections = 0
        self.lost: list[Any] = []
        self._fleet = fleet
        self._token = auth.mint(SETTINGS, user)
        self._by_socket = by_socket
        self._heard = asyncio.Event()
        self._cursor: str | None = None
        self._cursors = Cursors(SETTINGS.key("cursors"))

    async def until(self, tick: int) -> None:
        """Wait until it has heard of a tick."""
        while not self.ticks or self.ticks[-1] < tick:
            self._heard.clear()
            await self._heard.wait()

    async def follow(self) -> None:
        """Hear everything, for as long as it is let."""
        while True:
            stream = self._socket() if self._by_socket else self._stream()
            with suppress(*LOST):
                async with aclosing(stream) as told:
                    async for event in told:
                        self._hear(event)
            await asyncio.sleep(random.random() / 5)

    def _hear(self, event: Any) -> None:
        place = events.opened(self._cursors, self.project, event["cursor"])
        if event["kind"] == "RESYNC" or place is None:
            self.lost.append(event)
        elif event["kind"] in ("CHANGE", "BULK") or not self.ticks:
            self.ticks.append(place.tick)
        self._heard.set()
        self._cursor = event["cursor"]

    async def _socket(self) -> AsyncGenerator[Any]:
        async with talking(self._fleet.address) as talk:
            await talk.begin(self._token)
            await talk.subscribe(PROJECT, id=self.project, after=self._cursor)
            self.connections += 1
            while True:
                message = json.loads(await talk.socket.recv())
                if message["type"] != "next":
                    raise EOFError
                yield _event(message["payload"])

    async def _stream(self) -> AsyncGenerator[Any]:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {self._token}"}
        headers |= {"Last-Event-ID": self._cursor} if self._cursor else {}
        body = {"query": PROJECT, "variables": {"id": self.project}}
        url = f"{self._fleet.address}/graphql"
        async with (
            httpx.AsyncClient(timeout=30) as client,
            client.stream("POST", url, json=body, headers=headers) as answer,
        ):
            reader = Reader(answer)
            self.connections += 1
            while True:
                event = await reader.event()
                if event["event"] != "next":
                    raise EOFError
                yield _event(json.loads(event["data"]))


def _event(payload: Any) -> Any:
    if "errors" in payload:
        raise EOFError
    return payload["data"]["projectChanges"]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "cluster")
    migrate.migrate(made.server.url)
    yield made
    made.server.stop()


@pytest.mark.prove
async def test_every_client_hears_every_tick_once_and_in_order_whoever_is_killed(
    cluster: Cluster, tmp_path: Path
) -> None:
    with psycopg.connect(cluster.server.url, autocommit=True) as owner:
        studio = Studio(owner)
        user = studio.user()
        projects = [studio.project(user) for _ in range(PROJECTS)]
    fleet = Fleet(cluster.server.gateway_url, tmp_path)
    clients = [
        Client(fleet, user, projects[number % PROJECTS], by_socket=number % 3 > 0)
        for number in range(CLIENTS)
    ]
    following = [asyncio.create_task(client.follow()) for client in clients]
    try:
        async with asyncio.timeout(60):
            for client in clients:
                await client.until(0)
        await _disturbed(cluster, fleet, projects)
        last = await _last(cluster, projects)
        waiting = asyncio.gather(*(one.until(last[one.project]) for one in clients))
        first: set[asyncio.Future[Any]] = {waiting, *following}
        await asyncio.wait(first, timeout=120, return_when="FIRST_COMPLETED")
        late = [vars(one) for one in clients if one.ticks[-1] < last[one.project]]
        assert not late, [task for task in following if task.done()]
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        fleet.stop()
    assert not [client.lost for client in clients if client.lost]
    for client in clients:
        assert client.ticks == list(range(client.ticks[0], last[client.project] + 1))
    assert sum(client.connections for client in clients) > CLIENTS + KILLS


async def _disturbed(cluster: Cluster, fleet: Fleet, projects: list[str]) -> None:
    """Let writers write while gateways are killed, and PostgreSQL once in the middle."""
    writers = Writers(cluster.server.url, projects, pause=0.25)
    writing = asyncio.create_task(asyncio.to_thread(writers.write, 6, 1_000_000))
    for number in range(KILLS):
        if number == KILLS // 2:
            await asyncio.to_thread(cluster.kill)
        await _kept(writers, 50)
        await asyncio.to_thread(fleet.kill)
    await _kept(writers, 50)
    writers.deadline = time.monotonic()
    await writing


async def _kept(writers: Writers, more: int) -> None:
    """Wait until writers have written so much more."""
    enough = len(writers.kept) + more
    async with asyncio.timeout(60):
        while len(writers.kept) < enough:  # noqa: ASYNC110 - they write in threads
            await asyncio.sleep(0.02)


async def _last(cluster: Cluster, projects: list[str]) -> dict[str, int]:
    database = Database(cluster.server.gateway_url, Cursors(b""), 1)
    await database.open()
    places = await Feed(database).now(projects)
    await database.close()
    return {scope: place.tick for scope, place in places.items()}


@pytest.mark.prove
async def test_a_stalled_reader_is_closed_and_delays_nobody(
    gateway: Running, studio: Studio
) -> None:
    user = studio.user()
    project = studio.project(user)
    for _ in range(400):
        studio.shot(project)
    token = gateway.token(user)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", int(gateway.address.rsplit(":", 1)[1])))
    narrow.setblocking(False)
    async with (
        following(gateway.address, token, PROJECT, id=project) as reader,
        talking(gateway.address, sock=narrow) as stalled,
    ):
        await stalled.begin(token)
        await stalled.subscribe(PROJECT, id=project)
        await stalled.event("READY")
        stalled.socket.transport.pause_reading()
        while _open_sockets(gateway) > 1:
            statement = "update shots set name = gen_random_uuid()::text where project_id = %s"
            await asyncio.to_thread(studio.owner.execute, statement, (project,))
            assert len((await reader.event())["changes"]) == 400
        stalled.socket.transport.resume_reading()
        assert await stalled.closed() == 4429


def _open_sockets(gateway: Running) -> float:
    text = httpx.get(f"{gateway.address}/metrics").text
    return float(text.partition("\ndailies_sockets ")[2].split()[0])
