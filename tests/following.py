"""Follows the feeds of scopes: what was committed since one looked last."""

from db.events import Event, Place
from db.feed import Feed

# What became of a row: its table, its id, and how.
Told = set[tuple[str, str, str]]


class Followed:
    """Scopes whose feeds are read from here on."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.places: dict[str, Place] = {}

    async def begin(self, *scopes: str) -> None:
        """Follow these scopes too, from now on."""
        self.places |= await self.feed.now(scopes)

    async def seen(self, scope: str) -> list[Event]:
        """What a scope was told since it was asked for last."""
        place = self.places[scope]
        events = list((await self.feed.after([place])).get(place, ()))
        if events:
            self.places[scope] = events[-1].place
        return events

    async def one(self, scope: str) -> Event:
        """The only thing that a scope was told."""
        (event,) = await self.seen(scope)
        return event


def told(event: Event) -> Told:
    """What became of which rows."""
    return {(change.table, change.id, change.op.name) for change in event.changes}
