"""Doorbells: gateways tell one another that something was committed, so that all look at once.

A ring is never part of the transaction that it tells of: that would make commits of the whole
server wait for each other. One that is lost costs a moment, for clocks are looked at anyway.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

import psycopg

from db import lasting
from db.wire import Asked, Wire

_CHANNEL = "dailies_feed"
_RING = "select pg_notify($1, $2)"
_TOGETHER_SECONDS = 0.01
_MOST_NAMED = 200

Heard = Callable[[Sequence[str]], None]


class Ringing(Protocol):
    """Rings at other gateways, whatever it is that carries it there."""

    def ring(self, scopes: Sequence[str]) -> None:
        """Say that these scopes were changed, here at once and soon at all others."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Ring and hear for as long as this is open."""


class Bell:
    """What is to be rung elsewhere, and who hears; with no scopes named, any may have changed."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._scopes: set[str] = set()
        self._rung = asyncio.Event()

    def ring(self, scopes: Sequence[str]) -> None:
        """Say that these scopes were changed, here at once and soon at all others."""
        self._heard(scopes)
        self.name(scopes)

    def name(self, scopes: Iterable[str]) -> None:
        """Say so at others alone."""
        self._scopes.update(scopes)
        self._rung.set()

    async def next(self) -> str:
        """What is to be rung elsewhere, as soon as there is something."""
        await self._rung.wait()
        await asyncio.sleep(_TOGETHER_SECONDS)
        named, self._scopes = self._scopes, set()
        self._rung.clear()
        return ",".join(named) if len(named) <= _MOST_NAMED else ""

    def hear(self, text: str = "") -> None:
        """Somebody else has rung, or may have."""
        self._heard(text.split(",") if text else ())


class Doorbells(Bell):
    """Rings by PostgreSQL's own NOTIFY."""

    def __init__(self, url: str, heard: Heard) -> None:
        super().__init__(heard)
        self._url = url
        self._own = 0

    def running(self) -> AbstractAsyncContextManager[None]:
        """Ring and hear for as long as this is open."""
        acts = (partial(self._connected, act) for act in (self._send, self._listen))
        return lasting.doing("A doorbell is silent for now", (psycopg.Error,), *acts)

    async def _connected(self, act: Callable[[Wire], Awaitable[None]]) -> None:
        """Do something on a connection of its own."""
        async with await Wire.connect(self._url, autocommit=True) as connection:
            await act(connection)

    async def _send(self, connection: Wire) -> None:
        self._own = connection.info.backend_pid
        while True:
            text = await self.next()
            await connection.fly([], closing=[Asked(_RING, (_CHANNEL, text))])

    async def _listen(self, connection: Wire) -> None:
        await connection.execute(f"listen {_CHANNEL}")
        # Whoever rang before this was not heard.
        self.hear()
        async for rung in connection.notifies():
            if rung.pid != self._own:
                self.hear(rung.payload)
