"""The hub: subscriptions that ask the same are executed once, and told to all who follow.

Everybody is told in the order of the feed, from their own place on; who comes late, or back,
catches up by themselves. Whoever loses their place in a project is told nothing more from that
very transaction on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from db.errors import NotFound, Problem
from db.events import Event, Kind, Op, Place
from resolvers.events import Watch
from server.auth import Viewer
from server.feed import Follower, Tail
from server.turns import Turns

logger = logging.getLogger("dailies.hub")

HEARTBEAT_SECONDS = 15.0
SETTLE_SECONDS = 2.0
_GONE = "This is no longer there for this viewer."
_MEMBERSHIP = ("project_members", "projects")

# The answer's text; None when this viewer may not be told.
Render = Callable[[Viewer, Event], Awaitable[str | None]]


class Listener(Protocol):
    """Whoever passes on what a subscription is told."""

    def tell(self, text: str, event: Event) -> None:
        """Pass an answer on."""

    def end(self, problem: Problem) -> None:
        """Say that nothing more will come, and why."""


@dataclass(frozen=True)
class Subscription:
    """What is followed and told; those with an equal key are told the same."""

    key: Hashable
    viewer: Viewer
    watch: Watch
    render: Render


class Hub:
    """All who follow, by what they ask."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self.groups: dict[Hashable, Group] = {}
        self.subscribers: set[Subscriber] = set()
        self._clock: asyncio.TimerHandle | None = None

    def follow(self, subscription: Subscription, listener: Listener) -> "Subscriber":
        """Tell a listener from here on, first of all that it is told."""
        group = self.groups.setdefault(subscription.key, Group(self, subscription))
        subscriber = Subscriber(self, group, subscription, listener)
        group.number += 1
        self.subscribers.add(subscriber)
        subscriber.begin()
        if self._clock is None:
            self._tick()
        return subscriber

    def forget(self, subscriber: "Subscriber") -> None:
        """Tell a listener nothing more."""
        self.subscribers.discard(subscriber)
        subscriber.group.number -= 1
        if not subscriber.group.number:
            self.groups.pop(subscriber.group.key, None)

    async def settle(self) -> None:
        """Say to everybody up to where they were told everything, and wait until that is said."""
        for subscriber in list(self.subscribers):
            subscriber.say_where()
        work = {group.work for group in self.groups.values() if group.work is not None}
        if work:
            await asyncio.wait(work, timeout=SETTLE_SECONDS)

    def _tick(self) -> None:
        """Once in a while everybody hears something, if only that there is nothing."""
        for subscriber in list(self.subscribers):
            subscriber.beat()
        again = asyncio.get_running_loop().call_later
        self._clock = again(HEARTBEAT_SECONDS, self._tick) if self.subscribers else None


class Group:
    """Subscriptions that are told the same; an event is executed once for all of them."""

    def __init__(self, hub: Hub, subscription: Subscription) -> None:
        self.hub = hub
        self.key = subscription.key
        self.number = 0
        self._render = subscription.render
        self._turns = Turns[Subscriber]()
        self.work: asyncio.Task[None] | None = None

    def tell(self, subscriber: "Subscriber", event: Event) -> None:
        """Tell one of them of an event, together with others that come to it."""
        self._turns.add(subscriber, event)
        self._begin()

    def end(self, subscriber: "Subscriber") -> None:
        """Tell one of them, after all else, that it is over."""
        self._turns.add(subscriber, None)
        self._begin()

    def _begin(self) -> None:
        self.work = self.work or asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while (turn := self._turns.take()) is not None:
                if turn.event is None:
                    turn.listeners[0].over()
                else:
                    await self._tell(turn.event, turn.listeners)
        finally:
            self.work = None

    async def _tell(self, event: Event, subscribers: "list[Subscriber]") -> None:
        told = {one.viewer.id: one.viewer for one in subscribers if not one.is_over}
        refused, text = set[str](), None
        for viewer in told.values():
            if text is None or _may_have_lost(event):
                found = await self._rendered(viewer, event)
                text = text or found
                if found is None:
                    refused.add(viewer.id)
        for subscriber in subscribers:
            if subscriber.viewer.id in refused and _may_have_lost(event):
                subscriber.over()
            elif text is not None:
                subscriber.receive(text, event)

    async def _rendered(self, viewer: Viewer, event: Event) -> str | None:
        try:
            return await self._render(viewer, event)
        except Exception:
            logger.exception("An event could not be told")
            return None


class Subscriber:
    """One listener of one subscription, at its own place in the feed."""

    def __init__(
        self, hub: Hub, group: Group, subscription: Subscription, listener: Listener
    ) -> None:
        self.hub = hub
        self.group = group
        self.viewer = subscription.viewer
        self.is_over = False
        self.turn = 0
        self._watch = subscription.watch
        self._listener = listener
        self._follower: Follower | None = None
        self._has_heard = True

    @property
    def place(self) -> Place:
        """Up to where it was told everything, or will be by what is on its way."""
        return self._follower.place if self._follower else self._watch.place

    def begin(self) -> None:
        """Say that it is told from here on, and follow."""
        kind = Kind.RESYNC if self._watch.lost else Kind.READY
        self.group.tell(self, Event(self._watch.place, kind))
        self._follower = self.hub.tail.follow(self._watch.place, self._hear)

    def resync(self) -> None:
        """Say that some of it was not told."""
        self.group.tell(self, Event(self.place, Kind.RESYNC))

    def beat(self) -> None:
        """Say that there was nothing, unless it has heard something lately."""
        if not self._has_heard:
            self.say_where()
        self._has_heard = False

    def say_where(self) -> None:
        """Say up to where everything was told."""
        self.group.tell(self, Event(self.place, Kind.HEARTBEAT))

    def receive(self, text: str, event: Event) -> None:
        """Pass on what was executed for it."""
        if not self.is_over:
            self._listener.tell(text, event)

    def leave(self) -> None:
        """Be told nothing more."""
        if not self.is_over:
            self.is_over = True
            if self._follower is not None:
                self._follower.leave()
            self.hub.forget(self)

    def over(self) -> None:
        """Be told that there is nothing more to be told."""
        if not self.is_over:
            self.leave()
            self._listener.end(NotFound(_GONE, self._watch.argument))

    def _hear(self, event: Event) -> None:
        if self._is_cut_off(event):
            self.group.end(self)
            if self._follower is not None:
                self._follower.leave()
            return
        shown = self._watch.wanted.of(event)
        if shown is not None:
            self._has_heard = True
            self.group.tell(self, shown)

    def _is_cut_off(self, event: Event) -> bool:
        """Whether the viewer lost their place with it, after they were seen to have one."""
        if event.place.tick <= self._watch.seen.tick or event.place.scope == self.viewer.id:
            return False
        lost = (("project_members", self.viewer.id), ("projects", event.place.scope))
        return any(one.op is Op.DELETE and (one.table, one.id) in lost for one in event.changes)


def _may_have_lost(event: Event) -> bool:
    """Whether somebody may have lost their place without its being told."""
    if event.kind is Kind.RESYNC:
        return True
    return event.kind is Kind.BULK and any(table in _MEMBERSHIP for table in event.tables)
