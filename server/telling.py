"""The feed for people: a line for every event, as it comes."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

from db.cursors import Cursors
from db.events import Event, Kind
from db.feed import Feed
from db.session import Database
from server.feed import Tail

Say = Callable[[str], None]


def scope(project: str | None, user: str | None) -> str:
    """The id of what is meant, a project or a user's own."""
    if (project is None) == (user is None):
        raise ValueError("Name either a project or a user.")
    try:
        return str(UUID(project or user))
    except ValueError as error:
        raise ValueError("What is followed is named by a UUID.") from error


async def follow(url: str, scope: str, say: Say) -> None:
    """Say what is committed in a scope from now on, until somebody stops it."""
    database = Database(url, Cursors(b""), size=1)
    await database.open()
    try:
        feed = Feed(database)
        tail = Tail(feed)
        place = (await feed.now([scope]))[scope]
        say(f"at {place.tick} of {scope}")
        async with tail.running():
            async for event in tail.events(place):
                say(worded(event))
    finally:
        await database.close()


def worded(event: Event) -> str:
    """An event as one line."""
    if event.kind is Kind.RESYNC:
        return f"{event.place.tick}  resync"
    counts = Counter((change.op.name.lower(), change.table) for change in event.changes)
    named = [f"{op} {number} {table}" for (op, table), number in counts.items()]
    words = [event.at, str(event.place.tick), event.reason, ",".join(event.scopes)]
    words += named or [f"bulk {table}" for table in event.tables]
    words += [event.origin and f"origin {event.origin}"]
    return "  ".join(filter(None, words))
