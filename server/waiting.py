"""Waiting: queries that ask what comes next are answered as soon as something comes."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from db.events import Event, Place
from db.feed import Feed
from server.feed import Tail


class Waiting:
    """Looks into the feed, and waits at its tail."""

    def __init__(self, feed: Feed, tail: Tail) -> None:
        self._feed = feed
        self._tail = tail

    async def next(self, place: Place, seconds: float) -> Sequence[Event]:
        """What came after a place, as soon as there is anything; nothing when there is none."""
        found = await self._feed.after([place])
        if found or not seconds:
            return found.get(place, ())
        told: list[Event] = []
        came = asyncio.Event()

        def tell(event: Event) -> None:
            told.append(event)
            came.set()

        follower = self._tail.follow(place, tell)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await came.wait()
        finally:
            follower.leave()
        return told
