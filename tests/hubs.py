"""A hub whose feed a test writes, and listeners that remember what they are told."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from db.errors import Problem
from db.events import Change, Event, Kind, Op, Place
from resolvers.events import Wanted, Watch
from server.auth import Viewer
from server.feed import Tail
from server.groups import Render
from server.hub import Hub, Subscriber, Subscription

PATIENCE_SECONDS = 20
EPOCH, SCOPE = str(uuid4()), str(uuid4())


class Written:
    """A feed of one scope, as long as the test has written it so far."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def after(self, places: Sequence[Place]) -> dict[Place, Sequence[Event]]:
        """What came after those places."""
        found = {place: self.events[place.tick :] for place in places}
        return {place: events for place, events in found.items() if events}


class Heard:
    """A listener; what it is told comes as the kind and the tick of each event."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[Kind, int]] = asyncio.Queue()
        self.texts: list[str] = []
        self.ended: asyncio.Queue[Problem] = asyncio.Queue()

    def tell(self, text: str, event: Event) -> None:
        """Remember it."""
        self.texts.append(text)
        self.told.put_nowait((event.kind, event.place.tick))

    def end(self, problem: Problem) -> None:
        """Remember why."""
        self.ended.put_nowait(problem)

    async def next(self, number: int = 1) -> list[tuple[Kind, int]]:
        """What it is told next."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return [await self.told.get() for _ in range(number)]


class Stage:
    """A hub, its feed, and who follows."""

    def __init__(self) -> None:
        self.feed = Written()
        self.tail = Tail(self.feed)  # type: ignore[arg-type]
        self.hub = Hub(self.tail)

    def commit(self, *changes: Change, kind: Kind = Kind.CHANGE, **more: Any) -> Event:
        """One more transaction."""
        tables = tuple({change.table for change in changes}) or ("shots",)
        event = Event(place(len(self.feed.events) + 1), kind, changes=changes)
        event = Event(**{**_fields(event), "tables": tables, **more})
        self.feed.events.append(event)
        self.tail.ring()
        return event

    def follow(
        self,
        render: Render,
        after: int = 0,
        viewer: str = "",
        wanted: Wanted = Wanted(),  # noqa: B008
        seen: Place | None = None,
    ) -> tuple[Subscriber, Heard]:
        """Somebody who follows, of the only group."""
        heard = Heard()
        watch = Watch("projectId", seen or place(0), place(after), False, wanted)
        who = Viewer(viewer or str(uuid4()), {})
        return self.hub.follow(Subscription("key", who, watch, render), heard), heard


def place(tick: int, epoch: str = EPOCH) -> Place:
    """A place in the feed."""
    return Place(epoch, SCOPE, tick)


def gone(viewer: str) -> Change:
    """That somebody was removed."""
    return Change("project_members", viewer, Op.DELETE, ())


async def shown(_: Viewer, event: Event) -> str:
    """An answer that takes no time."""
    return f"{event.kind.name} {event.place.tick}"


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__dataclass_fields__}
