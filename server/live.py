"""What runs beside a gateway's requests: the tail of the feed, its doorbells, its retention."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from db import lasting, retention
from db.doorbells import Doorbells, Ringing
from db.feed import Feed
from db.session import Database
from server import metrics
from server.config import Config
from server.feed import Tail
from server.hub import Hub
from server.nats import NatsDoorbells
from server.relay import Relay
from server.waiting import Waiting

_CONNECTIONS = 1
_ROUNDS = 24
_OLD = "Old changes are still there"


class Live:
    """Follows what is committed, and lets go of it when it is old enough."""

    def __init__(self, database: Database, url: str, config: Config) -> None:
        self._url = url
        # On a connection of its own: whoever follows does not wait behind requests.
        self._reading = Database(url, database.cursors, _CONNECTIONS)
        feed = Feed(self._reading)
        self.tail = Tail(feed)
        self.hub = Hub(self.tail)
        self.waiting = Waiting(feed, self.tail)
        self.doorbells = self._hung(config)
        database.committed = self.doorbells.ring
        self._kept = timedelta(hours=config.feed_hours)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do all of it for as long as this is open."""
        async with AsyncExitStack() as stack:
            await self._reading.open()
            stack.push_async_callback(self._reading.close)
            await stack.enter_async_context(self.tail.running())
            await stack.enter_async_context(self.doorbells.running())
            await stack.enter_async_context(lasting.doing(_OLD, (), self._prune))
            yield

    def _hung(self, config: Config) -> Ringing:
        if config.nats_url is None:
            return Doorbells(self._url, self._rung)
        relay = Relay(self.tail, config.key("feed"))
        return NatsDoorbells(config.nats_url.get_secret_value(), self._rung, relay)

    def _rung(self, scopes: Sequence[str]) -> None:
        metrics.doorbells.inc()
        self.tail.ring(scopes)

    async def _prune(self) -> None:
        await asyncio.sleep(self._kept.total_seconds() / _ROUNDS)
        await asyncio.to_thread(retention.prune, self._url, self._kept)
