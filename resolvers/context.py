"""The context of one request: who asks, the session that reads for them, and its loaders."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol

from aiodataloader import DataLoader

from db.events import Event, Place
from db.session import Session
from engine.arguments import Arguments
from engine.declarations import Batch, Columns
from engine.performing import Done
from media.storage import Arrived, Storage
from media.tickets import Ticket


class Signer(Protocol):
    """Turns stored locations into what a browser may load, and knows where files are kept."""

    storage: Storage
    upload_limit: int

    def sign(self, location: str) -> str:
        """A URL that is valid for a while, and the same inside a time window."""

    def identity(self, location: str) -> str:
        """What names the file behind that URL and never changes."""

    def receive(self, ticket: Ticket) -> str:
        """Where a file may be sent, of just the size and kind that the ticket tells."""


class Following(Protocol):
    """Where a query waits for what is committed."""

    async def next(self, place: Place, seconds: float) -> Sequence[Event]:
        """What came after a place, as soon as there is anything; nothing when there is none."""


class Context:
    """What resolvers may use while one operation runs."""

    def __init__(
        self, viewer_id: str, session: Session, signer: Signer, following: Following | None = None
    ) -> None:
        self.viewer_id = viewer_id
        self.session = session
        self.signer = signer
        self.following = following
        self.done = Done()
        self.selected: dict[Any, Columns] = {}
        self.arrived: dict[str, Arrived | None] = {}
        self._loaders: dict[Any, DataLoader[str, Any]] = {}

    def again(self) -> "Context":
        """The same for another try: nothing loaded yet, but what is done is done."""
        context = Context(self.viewer_id, self.session.again(), self.signer, self.following)
        context.done = self.done
        return context

    async def renew(self) -> None:
        """Read anew from here on: nothing loaded, and a snapshot that is yet to be taken."""
        await self.session.end()
        self.session = self.session.database.session(self.session.claims)
        self._loaders = {}

    def load(
        self, function: Batch, key: str, columns: Columns, arguments: Arguments
    ) -> Awaitable[Any]:
        """What a batch function says of a key; a loader is found by function and arguments.

        graphql-core cancels what it awaits beside a field that fails: others may ask the same.
        """
        place = (function, columns, arguments)
        if place not in self._loaders:
            self._loaders[place] = self._loader(function, columns, dict(arguments))
        loaded = self._loaders[place].load(key)
        loaded.add_done_callback(_noticed)
        return asyncio.shield(loaded)

    def _loader(
        self, function: Batch, columns: Columns, arguments: Mapping[str, Any]
    ) -> DataLoader[str, Any]:
        async def batch(keys: list[str]) -> list[Any]:
            found = await function(self.session, keys, columns, **arguments)
            return [found.get(key) for key in keys]

        return DataLoader(batch)


def _noticed(loaded: asyncio.Future[Any]) -> None:
    """A failure that nobody waits for any more is nothing to tell of."""
    if not loaded.cancelled():
        loaded.exception()
