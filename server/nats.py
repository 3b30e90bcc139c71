"""Doorbells by NATS, for many gateways: PostgreSQL then has nobody to wake, and less to tell.

Where a change is followed by those who are at its own gateway, that one reads it and passes it on
whole; else it rings, and whoever is followed reads. NATS may lose, repeat or hold up any of it, and
be away for as long as it likes: what is missing a gateway reads from PostgreSQL, where it looks by
itself too.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from db import lasting
from db.doorbells import Bell, Heard
from server.relay import Relay

logger = logging.getLogger("dailies.doorbells")

_RINGS = "dailies.feed"
_EVENTS = "dailies.events"
_SILENCE_SECONDS = 5
_AWAY = (errors.Error, OSError, TimeoutError, EOFError)


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

    def running(self) -> AbstractAsyncContextManager[None]:
        """Ring and hear for as long as this is open; what is said meanwhile waits for the next."""
        return lasting.doing("A doorbell is silent for now", _AWAY, self._connected)

    async def _connected(self) -> None:
        """Ring and hear on one connection, until it is lost."""
        gone = asyncio.Event()

        async def close() -> None:
            gone.set()

        client = Client()
        try:
            await client.connect(
                self._url,
                allow_reconnect=False,
                no_echo=True,
                connect_timeout=_SILENCE_SECONDS,
                ping_interval=_SILENCE_SECONDS,
                error_cb=_noted,
                closed_cb=close,
            )
            acts = (partial(act, client) for act in (self._ring_on, self._pass_on))
            await lasting.together(*acts, partial(_until, gone))
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
    level = logging.INFO if isinstance(error, _AWAY) else logging.ERROR
    logger.log(level, "NATS says: %r", error, exc_info=error)


async def _until(gone: asyncio.Event) -> None:
    await gone.wait()
    raise errors.ConnectionClosedError
