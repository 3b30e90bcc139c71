"""Groups: subscriptions that are told the same, so that an event is executed once for all of them.

Each member is told in the order in which its events came to it, whoever else is told with it. No
event is passed over in silence: while the database is away it waits, and when it cannot be
executed at all its members are told so.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from db.errors import Unavailable
from db.events import Event, Kind
from server import errors, metrics, replies
from server.auth import Viewer

logger = logging.getLogger("dailies.groups")

# How many events wait to be told before those who wait are told to load everything instead.
MOST_WAITING = 10_000
# Where it is kept who takes part.
MEMBERSHIP = frozenset(("project_members", "projects"))
_PATIENCE_SECONDS = (0.05, 1.0)

# The answer's text; None when this viewer may not be told.
Render = Callable[[Viewer, Event], Awaitable[str | None]]


class Member(Protocol):
    """One who is told, since when; `turn` is the number of what it is told last."""

    since: float
    viewer: Viewer
    is_over: bool
    turn: int

    def receive(self, text: str, event: Event) -> None:
        """Pass on what was executed for it."""

    def over(self) -> None:
        """Be told that there is nothing more to be told."""

    def resync(self) -> None:
        """Say that some of it was not told."""


@dataclass(eq=False)
class _Entry:
    """An event that is yet to be told, or the end, and to whom."""

    turn: int
    event: Event | None
    members: list[Member] = field(default_factory=list)


class Group:
    """Members with one rendering of each event between them."""

    def __init__(self, render: Render) -> None:
        self.number = 0
        self.work: asyncio.Task[None] | None = None
        self._render = render
        self._turns = 0
        self._entries: deque[_Entry] = deque()
        self._open: dict[tuple[object, ...], _Entry] = {}
        self._shown: tuple[Event | None, Event | None] = (None, None)

    def shown(self, event: Event, wanted: Callable[[Event], Event | None]) -> Event | None:
        """What its members are shown of an event; they all want the same."""
        if self._shown[0] is not event:
            self._shown = event, wanted(event)
        return self._shown[1]

    def tell(self, member: Member, event: Event) -> None:
        """Tell one of them of an event, together with others if that is still to come for it."""
        if event.kind in (Kind.CHANGE, Kind.BULK) and len(self._entries) >= MOST_WAITING:
            self._overflow()
        entry = self._open.get(_key(event))
        if entry is None or entry.turn < member.turn:
            entry = self._open[_key(event)] = self._added(event)
        if entry.turn > member.turn:
            member.turn = entry.turn
            entry.members.append(member)

    def end(self, member: Member) -> None:
        """Tell one of them, after all else, that it is over."""
        self._added(None).members.append(member)

    def _added(self, event: Event | None) -> _Entry:
        self._turns += 1
        entry = _Entry(self._turns, event)
        self._entries.append(entry)
        self.work = self.work or asyncio.create_task(self._run())
        return entry

    def _overflow(self) -> None:
        waiting = [entry for entry in self._entries if entry.event is not None]
        self._entries = deque(entry for entry in self._entries if entry.event is None)
        self._open.clear()
        missing = dict.fromkeys(member for entry in waiting for member in entry.members)
        metrics.gaps.labels("waiting").inc(len(missing))
        for member in missing:
            member.resync()

    async def _run(self) -> None:
        try:
            while self._entries:
                entry = self._entries.popleft()
                try:
                    await self._take(entry)
                except Exception:
                    logger.exception("An event could not be told")
                    _end(entry.members)
        finally:
            self.work = None

    async def _take(self, entry: _Entry) -> None:
        if entry.event is None:
            entry.members[0].over()
            return
        if self._open.get(_key(entry.event)) is entry:
            del self._open[_key(entry.event)]
        await self._tell(entry.event, entry.members)

    async def _tell(self, event: Event, members: Sequence[Member]) -> None:
        told = {one.viewer.id: one.viewer for one in members if not one.is_over}
        refused, text = set[str](), None
        for viewer in told.values():
            if text is None or may_have_lost(event):
                found = await self._rendered(viewer, event, members)
                text = text or found
                if found is None:
                    refused.add(viewer.id)
        for member in members:
            if member.viewer.id in refused and may_have_lost(event):
                member.over()
            elif text is not None:
                _pass_on(member, text, event)
        _count(event, members)

    async def _rendered(
        self, viewer: Viewer, event: Event, members: Sequence[Member]
    ) -> str | None:
        """What is told; tried for as long as the database is away and somebody waits for it."""
        pause, longest = _PATIENCE_SECONDS
        while not all(member.is_over for member in members):
            try:
                return await self._render(viewer, event)
            except Unavailable as error:
                metrics.retries.inc()
                logger.warning("An event has to wait: %s", error.__cause__ or error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
            except Exception as error:
                return _failure(error)
        return None


def may_have_lost(event: Event) -> bool:
    """Whether somebody may have lost their place without its being told."""
    if event.kind is Kind.RESYNC:
        return True
    return not event.changes and not MEMBERSHIP.isdisjoint(event.tables)


def _key(event: Event) -> tuple[object, ...]:
    return event.place, event.kind, event.tables


def _failure(error: Exception) -> str:
    """That there was an event, though nothing can be said of it."""
    return replies.written({"data": None, "errors": [errors.masked(error)]}).decode()


def _pass_on(member: Member, text: str, event: Event) -> None:
    """Whoever fails to pass it on keeps it from nobody else."""
    try:
        member.receive(text, event)
    except Exception:
        logger.exception("A subscription could not be told")
        _end([member])


def _end(members: Sequence[Member]) -> None:
    """Whatever they were not told they are to ask for anew."""
    for member in members:
        try:
            member.over()
        except Exception:
            logger.exception("A subscription could not be ended")


def _count(event: Event, members: Sequence[Member]) -> None:
    metrics.told(event.kind.value).inc()
    metrics.deliveries.inc(len(members))
    if event.at is not None:
        at = datetime.fromisoformat(event.at).timestamp()
        # Those who catch up hear of what was long ago, which is nobody's delay.
        if any(member.since <= at for member in members):
            metrics.lag.observe(max(time.time() - at, 0))
