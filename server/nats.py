"""Doorbells by NATS, for many gateways: PostgreSQL then has nobody to wake, and less to tell.

Where a change is followed by those who are at its own gateway, that one reads it and passes it on
whole; else it rings, and whoever is followed reads. NATS may lose, repeat or hold up any of it, and
be away for as long as it likes: what is missing a gateway reads from PostgreSQL, where it looks by
itself too.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError

from db.doorbells import Bell, Heard
from server.relay import Relay

logger = logging.getLogger("dailies.doorbells")

_RINGS = "dailies.feed"
_EVENTS = "dailies.events"
_PATIENCE_SECONDS = 1.0
_SILENCE_SECONDS = 5


class NatsDoorbells(Bell):
    """Rings by NATS, and passes on what is read here anyway."""

    def __init__(self, url: str, heard: Heard, relay: Relay) -> None:
        super().__init__(heard)
        self._url = url
        self._relay = relay

    def ring(self, scopes: Sequence[str]) -> None:
        """Say that these scopes were changed, here at once and soon at all others."""
        self._heard(scopes)
        rest = set(scopes) - self._relay.awaiting(scopes, self.name)
        if rest or not scopes:
            self.name(rest)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ring and hear for as long as this is open."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        """Ring on one connection after another; what is said meanwhile waits for the next."""
        while True:
            try:
                await self._connect()
            except* Exception as lost:
                logger.info("A doorbell is silent for now: %r", lost.exceptions)
            await asyncio.sleep(_PATIENCE_SECONDS)

    async def _connect(self) -> None:
        gone = asyncio.Event()

        async def close() -> None:
            gone.set()

        client = await nats.connect(
            self._url,
            allow_reconnect=False,
            no_echo=True,
            connect_timeout=_SILENCE_SECONDS,
            ping_interval=_SILENCE_SECONDS,
            error_cb=_noted,
            closed_cb=close,
        )
        try:
            async with asyncio.TaskGroup() as all_of_it:
                all_of_it.create_task(self._ring_on(client))
                all_of_it.create_task(self._pass_on(client))
                all_of_it.create_task(_until(gone))
        finally:
            await client.close()

    async def _pass_on(self, client: Client) -> None:
        self._relay.forget()
        while True:
            await client.publish(_EVENTS, await self._relay.next())

    async def _ring_on(self, client: Client) -> None:
        await client.subscribe(_RINGS, cb=self._told)
        await client.subscribe(_EVENTS, cb=self._passed)
        await client.flush()
        # Whoever rang before this was not heard.
        self.hear()
        while True:
            text = await self.next()
            await client.publish(_RINGS, text.encode())

    async def _told(self, message: Msg) -> None:
        self.hear(message.data.decode(errors="replace"))

    async def _passed(self, message: Msg) -> None:
        self._relay.hear(message.data)


async def _noted(error: Exception) -> None:
    logger.info("NATS says: %r", error)


async def _until(gone: asyncio.Event) -> None:
    await gone.wait()
    raise ConnectionClosedError
