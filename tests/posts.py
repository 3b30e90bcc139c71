"""A NATS server, gateways' doorbells at it, and somebody who listens to what they say."""

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from nats.aio.client import Client
from nats.aio.msg import Msg

from db.events import Event, Place
from db.feed import Feed
from server import nats
from server.feed import Tail
from server.nats import NatsDoorbells
from server.relay import Relay

PATIENCE_SECONDS = 20
KEY = b"k" * 32


class Server:
    """A NATS server of this test's own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and wait until it answers."""
        command = ["nats-server", "--addr", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self._port)).close()
                return
            time.sleep(0.02)

    def kill(self) -> None:
        """End at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Post:
    """A gateway's tail with its doorbell; it never looks by itself."""

    def __init__(self, url: str, feed: Feed, key: bytes = KEY) -> None:
        self.tail = Tail(feed)
        self.relay = Relay(self.tail, key)
        self.bell = NatsDoorbells(url, self._heard, self.relay)
        self.told: asyncio.Queue[Event] = asyncio.Queue()
        self._is_there = asyncio.Event()

    @asynccontextmanager
    async def running(self, place: Place) -> AsyncIterator["Post"]:
        """Follow from a place on, once the doorbell is there."""
        self.tail.follow(place, self.told.put_nowait)
        async with self.tail.running(), self.bell.running():
            await asyncio.wait_for(self._is_there.wait(), PATIENCE_SECONDS)
            yield self

    @asynccontextmanager
    async def deaf(self, place: Place) -> AsyncIterator["Post"]:
        """Follow from a place on, without the doorbell."""
        self.tail.follow(place, self.told.put_nowait)
        async with self.tail.running():
            yield self

    async def idle(self) -> "Post":
        """Itself, once it has looked for whatever there was."""
        for _ in range(100 * PATIENCE_SECONDS):
            if self.tail._due > time.monotonic() + PATIENCE_SECONDS and not self.tail._named:
                break
            await asyncio.sleep(0.01)
        return self

    async def next(self) -> Event:
        """What is told next."""
        return await asyncio.wait_for(self.told.get(), PATIENCE_SECONDS)

    def _heard(self, scopes: Sequence[str]) -> None:
        self._is_there.set()
        self.tail.ring(scopes)


class Wire:
    """What gateways pass on to one another, as somebody hears it who says something too."""

    def __init__(self, client: Client) -> None:
        self.said: asyncio.Queue[bytes] = asyncio.Queue()
        self.rung: list[bytes] = []
        self._client = client

    async def listen(self) -> None:
        """Hear everything from here on."""

        async def hear(message: Msg) -> None:
            self.said.put_nowait(message.data)

        async def listen(message: Msg) -> None:
            self.rung.append(message.data)

        await self._client.subscribe(nats._EVENTS, cb=hear)
        await self._client.subscribe(nats._RINGS, cb=listen)
        await self._client.flush()

    async def next(self) -> bytes:
        """What is passed on next."""
        return await asyncio.wait_for(self.said.get(), PATIENCE_SECONDS)

    async def say(self, sealed: bytes) -> None:
        """Pass something on."""
        await self._client.publish(nats._EVENTS, sealed)
