"""Event streams: answers that go on, as server-sent events, by the graphql-sse protocol.

Either each operation has a stream of its own, or one stream that a client has reserved tells of
all the operations that it sends beside it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import orjson
from starlette.types import Message, Receive, Send

from db.events import Place
from server.auth import LEEWAY_SECONDS, Viewer
from server.bodies import Asked
from server.errors import Refused
from server.hub import Subscriber
from server.operations import Desk, Errors, Operations
from server.outbox import DRAIN_SECONDS, Outbox
from server.presence import Presence, TooMany

KIND = "text/event-stream"
HEADERS = {
    "content-type": f"{KIND}; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
}

_QUIET_SECONDS = 12.0
_EXPIRED = Refused(401, "UNAUTHENTICATED", "The token has expired.")


class EventStream:
    """One stream: of one operation, or of all that are told on it by their ids."""

    status = 200
    headers: Mapping[str, str] = HEADERS

    def __init__(self, desk: Desk, presence: Presence, viewer: Viewer, is_shared: bool) -> None:
        self.viewer = viewer
        self.operations = Operations(self, desk)
        self._presence = presence
        self._cursors = desk.subscriptions.cursors
        self._is_shared = is_shared
        self._is_ended = False
        self._listening: list[Callable[[], None]] = []
        self._outbox = Outbox(self._stalled)
        self._sender: asyncio.Task[None] | None = None
        try:
            presence.enter(viewer.id)
        except TooMany as refused:
            raise Refused(429, "LIMIT_EXCEEDED", str(refused)) from refused
        self._alarm = self._at_expiry()

    async def serve(self, receive: Receive, send: Send) -> None:
        """Send what is told, until it has ended or the client has left."""
        self._sender = asyncio.create_task(self._flush(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({self._sender, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.close()
            leaving.cancel()
            self._sender.cancel()

    def whenever_closed(self, tell: Callable[[], None]) -> None:
        """Tell somebody as soon as nothing more is done for it."""
        self._listening.append(tell)

    def close(self) -> None:
        """Do nothing more for it."""
        if self._is_ended:
            return
        self._is_ended = True
        self._presence.leave(self.viewer.id)
        for tell in self._listening:
            tell()
        self._alarm.cancel()
        self.operations.stop_all()
        self._outbox.close()

    def next(
        self, id: str, text: str, of: Subscriber | None = None, place: Place | None = None
    ) -> None:
        """An answer of an operation."""
        line = text.replace("\n", " ")
        cursor = f"id: {place.sealed(self._cursors)}\n" if place else ""
        told = f'{{"id":{_quoted(id)},"payload":{line}}}' if self._is_shared else line
        self._outbox.put(f"event: next\n{cursor}data: {told}\n\n", of)

    def error(self, id: str, wrong: Errors) -> None:
        """Why an operation has ended, or never began."""
        self.next(id, orjson.dumps({"errors": wrong}).decode())
        self.complete(id)

    def complete(self, id: str) -> None:
        """That an operation has come to its end; a stream of its own ends with it."""
        told = f'{{"id":{_quoted(id)}}}' if self._is_shared else ""
        self._outbox.put(f"event: complete\ndata: {told}\n\n")
        if not self._is_shared:
            self._outbox.finish()

    def renew(self, viewer: Viewer) -> None:
        """A fresh token takes the place of the one that the stream began with."""
        self.viewer = viewer
        self._alarm.cancel()
        self._alarm = self._at_expiry()

    def begin(self, asked: Asked, after: str | None) -> None:
        """Tell of the one operation that the stream is of."""
        self.operations.begin("", self.viewer, asked, after)

    async def drain(self) -> None:
        """Send what is yet to be sent, if it is read in time, and end."""
        self.operations.stop_all()
        self._outbox.finish()
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=DRAIN_SECONDS)
        self._stalled()

    def _at_expiry(self) -> asyncio.TimerHandle:
        left = float(self.viewer.claims["exp"]) + LEEWAY_SECONDS - time.time()
        return asyncio.get_running_loop().call_later(left, self._expire)

    def _expire(self) -> None:
        self.operations.end_all(_EXPIRED)

    def _stalled(self) -> None:
        if self._sender is not None:
            self._sender.cancel()

    async def _flush(self, send: Send) -> None:
        await send(_body(_NOTHING))
        while True:
            frame = self._outbox.take()
            if frame is None and self._outbox.is_finished:
                break
            if frame is None:
                frame = await self._waited()
            if frame:
                await send(_body(frame))
        await send({"type": "http.response.body", "body": b""})

    async def _waited(self) -> str:
        """Something that keeps the connection alive, when there is nothing to send for long."""
        try:
            async with asyncio.timeout(_QUIET_SECONDS):
                await self._outbox.ready()
        except TimeoutError:
            return _NOTHING
        return ""


class EventStreams:
    """All event streams of this process."""

    def __init__(self, desk: Desk, presence: Presence) -> None:
        self._desk = desk
        self._presence = presence
        self._open: set[EventStream] = set()

    @property
    def number(self) -> int:
        """How many are open."""
        return len(self._open)

    def own(self, viewer: Viewer) -> EventStream:
        """A stream of one operation."""
        return self._opened(EventStream(self._desk, self._presence, viewer, is_shared=False))

    def shared(self, viewer: Viewer) -> EventStream:
        """A stream that tells of all operations that are sent beside it."""
        return self._opened(EventStream(self._desk, self._presence, viewer, is_shared=True))

    async def drain(self) -> None:
        """End all of them, once they were sent what is yet to be sent."""
        await asyncio.gather(*(stream.drain() for stream in self._open))

    def _opened(self, stream: EventStream) -> EventStream:
        self._open.add(stream)
        stream.whenever_closed(lambda: self._open.discard(stream))
        return stream


# A comment, which clients pass over.
_NOTHING = ":\n\n"


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(frame: str) -> Message:
    return {"type": "http.response.body", "body": frame.encode(), "more_body": True}


def _quoted(id: str) -> str:
    return orjson.dumps(id).decode()
