"""The hub: subscriptions that ask the same are executed once, and told to all who follow.

Everybody is told in the order of the feed, from their own place on; who comes late, or back,
catches up by themselves. Whoever loses their place in a project is told nothing more from that
very transaction on.
"""

import asyncio
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from db.errors import NotFound, Problem
from db.events import Event, Kind, Op
from resolvers.events import Watch
from server import groups
from server.auth import Viewer
from server.feed import Follower, Tail
from server.groups import Group, Render

HEARTBEAT_SECONDS = 15.0
SETTLE_SECONDS = 2.0
_GONE = "This is no longer there for this viewer."


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
        group = self.groups.get(subscription.key)
        if group is None:
            group = self.groups[subscription.key] = Group(subscription.render)
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
            del self.groups[subscriber.key]

    async def settle(self) -> None:
        """Say to everybody up to where they were told everything, and wait until that is said."""
        for subscriber in list(self.subscribers):
            subscriber.say_where()
        work = {group.work for group in self.groups.values() if group.work is not None}
        if work:
            await asyncio.wait(work, timeout=SETTLE_SECONDS)

    def _tick(self) -> None:
        """Once in a while everybody hears something, if only that there is nothing."""
        again = asyncio.get_running_loop().call_later
        # Whoever heard something just after one tick is looked at again before it is long ago.
        self._clock = again(HEARTBEAT_SECONDS / 2, self._tick) if self.subscribers else None
        for subscriber in list(self.subscribers):
            subscriber.beat()


class Subscriber:
    """One listener of one subscription, at its own place in the feed."""

    __slots__ = (
        "_follower", "_has_heard", "_has_missed", "_hub", "_listener", "_watch",
        "group", "is_over", "key", "place", "since", "turn", "viewer",
    )  # fmt: skip

    def __init__(
        self, hub: Hub, group: Group, subscription: Subscription, listener: Listener
    ) -> None:
        self.group = group
        self.key = subscription.key
        self.viewer = subscription.viewer
        # Up to where it was told everything, or will be by what is on its way.
        self.place = subscription.watch.place
        self.is_over = False
        self.since = time.time()
        self.turn = 0
        self._hub = hub
        self._watch = subscription.watch
        self._listener = listener
        self._follower: Follower | None = None
        self._has_heard = True
        self._has_missed = False

    def begin(self) -> None:
        """Say that it is told from here on, and follow."""
        kind = Kind.RESYNC if self._watch.lost else Kind.READY
        self.group.tell(self, Event(self._watch.place, kind))
        self._follower = self._hub.tail.follow(self._watch.place, self._hear)

    def miss(self) -> None:
        """Be told nothing until it is told to load everything again."""
        self._has_missed = True

    def resync(self) -> None:
        """Say that some of it was not told."""
        self.miss()
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
        """Pass on what was executed for it.

        After a gap nothing is, until it says that there was one: who goes on from the cursor of
        anything in between would never hear what was in the gap.
        """
        if self.is_over or (self._has_missed and event.kind is not Kind.RESYNC):
            return
        self._has_missed = False
        self._listener.tell(text, event)

    def leave(self) -> None:
        """Be told nothing more."""
        if not self.is_over:
            self.is_over = True
            if self._follower is not None:
                self._follower.leave()
            self._hub.forget(self)

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
        shown = self.group.shown(event, self._watch.wanted.of)
        if shown is not None:
            self._has_heard = True
            self.group.tell(self, shown)
        elif groups.may_have_lost(event):
            # Nothing that is wanted, but whether there is anything more to be told must be seen.
            self.group.tell(self, Event(event.place, Kind.HEARTBEAT, tables=event.tables))
        self.place = event.place

    def _is_cut_off(self, event: Event) -> bool:
        """Whether the viewer lost their place with it, after they were seen to have one."""
        if groups.MEMBERSHIP.isdisjoint(event.tables):
            return False
        place, seen = event.place, self._watch.seen
        is_seen = place.epoch == seen.epoch and place.tick <= seen.tick
        if is_seen or place.scope == self.viewer.id:
            return False
        lost = (("project_members", self.viewer.id), ("projects", place.scope))
        return any(one.op is Op.DELETE and (one.table, one.id) in lost for one in event.changes)
