"""The tail of the feed: tells everybody who follows a scope what is committed there, in order.

Those who follow from one place travel together and are told together; where some catch up with
others they travel on together. A place only moves on when what came after it was told: nothing is
skipped, whatever becomes of the database in between.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from db import lasting
from db.errors import Unavailable
from db.events import Event, Place
from db.feed import Feed
from server import metrics

logger = logging.getLogger("dailies.feed")

# How often all clocks are looked at, while there is something to tell and while not; looking takes
# no more than a fifth of the time. Those for which somebody rings are looked at in between.
_GAP_SECONDS = 0.004
_BUSY_SECONDS = 0.02
_IDLE_SECONDS = 0.1
_SLOWER = 1.2
_SHARE = 5

Tell = Callable[[Event], None]


class Follower:
    """Somebody who is told of what is committed in a scope, until they leave."""

    __slots__ = ("_tail", "_tell", "is_gone", "place")

    def __init__(self, tail: "Tail", place: Place, tell: Tell) -> None:
        self.place = place
        self.is_gone = False
        self._tail = tail
        self._tell = tell

    def hear(self, event: Event) -> None:
        """Be told; whoever fails to listen leaves, and keeps nobody else from hearing."""
        try:
            if not self.is_gone:
                self._tell(event)
        except Exception:
            logger.exception("A follower of %s failed", self.place.scope)
            self.leave()

    def leave(self) -> None:
        """Be told nothing more."""
        self.is_gone = True
        self._tail.forget(self)


class Tail:
    """Reads for all who follow, with one statement for all their scopes.

    Looking again and again is what makes sure that nothing is missed; ringing makes it sooner.
    """

    def __init__(self, feed: Feed) -> None:
        # Who wants to know what is read here.
        self.has_read: Callable[[Mapping[Place, Sequence[Event]]], None] = _nobody_is_told
        self._feed = feed
        self._groups: dict[Place, list[Follower]] = {}
        self._ringing = asyncio.Event()
        self._named: set[str] = set()
        self._pause = _BUSY_SECONDS
        self._due = 0.0

    @property
    def followers(self) -> int:
        """How many are told."""
        return sum(map(len, self._groups.values()))

    def follow(self, place: Place, tell: Tell) -> Follower:
        """Tell of all that comes after a place, or first that the place is not known any more."""
        follower = Follower(self, place, tell)
        self._groups.setdefault(place, []).append(follower)
        self.ring([place.scope])
        return follower

    async def events(self, place: Place) -> AsyncGenerator[Event]:
        """All that comes after a place, for as long as it is asked for."""
        told: asyncio.Queue[Event] = asyncio.Queue()
        follower = self.follow(place, told.put_nowait)
        try:
            while True:
                yield await told.get()
        finally:
            follower.leave()

    def forget(self, follower: Follower) -> None:
        """Tell somebody nothing more."""
        group = self._groups.get(follower.place, [])
        if follower in group:
            group.remove(follower)
        if not group:
            self._groups.pop(follower.place, None)

    def ring(self, scopes: Iterable[str] = ()) -> None:
        """Look now at these scopes, as far as they are followed; with none named, at all."""
        named = set(scopes)
        if not named:
            self._due = 0.0
        self._named |= named
        self._ringing.set()

    def follows(self, scope: str) -> bool:
        """Whether anybody is told of a scope."""
        return any(place.scope == scope for place in self._groups)

    def pass_on(self, event: Event) -> None:
        """Tell what another gateway has read to those who have heard all before it.

        For those who have not, it is looked for like anything else.
        """
        place = event.place
        self._pause = _BUSY_SECONDS
        self._tell(self._groups.pop(replace(place, tick=place.tick - 1), []), [event])
        if any(one.scope == place.scope and one.tick < place.tick for one in self._groups):
            self.ring([place.scope])

    def running(self) -> AbstractAsyncContextManager[None]:
        """Tell everybody for as long as this is open."""
        return lasting.doing("The feed cannot be read", (Unavailable,), self._wait_and_look)

    async def _wait_and_look(self) -> None:
        await self._wait()
        try:
            await self._look()
        except Exception:
            # Who was rung for is forgotten by now.
            self._due = 0.0
            raise
        await asyncio.sleep(_GAP_SECONDS)

    async def _wait(self) -> None:
        # Whoever comes rings, so that nobody is looked for while there is nobody.
        if self._groups and not self._ringing.is_set():
            pause = max(self._due - time.monotonic(), 0)
            clock = asyncio.get_running_loop().call_later(pause, self._ringing.set)
            await self._ringing.wait()
            clock.cancel()
        await self._ringing.wait()
        self._ringing.clear()

    async def _look(self) -> None:
        """Tell what came since: everywhere when that is due, else where somebody rang."""
        begun = time.monotonic()
        is_due = begun >= self._due
        named, self._named = self._named, set()
        places = [place for place in self._groups if is_due or place.scope in named]
        if not places:
            return
        metrics.looked("clock" if is_due else "doorbell").inc()
        found = await self._feed.after(places)
        for place, events in found.items():
            self._tell(self._groups.pop(place, []), events)
        self.has_read(found)
        if found:
            self._pause = _BUSY_SECONDS
        elif is_due:
            self._pause = min(_SLOWER * self._pause, _IDLE_SECONDS)
        now = time.monotonic()
        due = now + max(self._pause, (_SHARE - 1) * (now - begun))
        self._due = due if is_due else min(self._due, due)

    def _tell(self, group: list[Follower], events: Sequence[Event]) -> None:
        for event in events:
            for follower in list(group):
                follower.hear(event)
        staying = [follower for follower in group if not follower.is_gone]
        for follower in staying:
            follower.place = events[-1].place
        if staying:
            self._groups.setdefault(events[-1].place, []).extend(staying)


def _nobody_is_told(found: Mapping[Place, Sequence[Event]]) -> None:
    pass
