"""Event streams: answers that go on, as server-sent events, by the graphql-sse protocol.

Either each operation has a stream of its own, or one stream that a client has reserved tells of
all the operations that it sends beside it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import orjson
from starlette.types import Message, Receive, Send

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

    def __init__(self, among: "Streams", viewer: Viewer, is_shared: bool) -> None:
        self.viewer = viewer
        self.operations = Operations(self, among.desk)
        self._among = among
        self._is_shared = is_shared
        self._is_ended = False
        self.closed: Callable[[], None] = _nobody
        self._outbox = Outbox(self._stalled)
        self._sender: asyncio.Task[None] | None = None
        left = float(viewer.claims["exp"]) + LEEWAY_SECONDS - time.time()
        self._alarm = asyncio.get_running_loop().call_later(left, self._expire)

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

    async def drain(self) -> None:
        """End it, once it was sent what is yet to be sent, but none of what it tells of.

        So that its client comes back, and goes on at another gateway.
        """
        self.operations.stop_all()
        self._outbox.finish()
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=DRAIN_SECONDS)
            self._sender.cancel()

    def close(self) -> None:
        """Do nothing more for it."""
        if self._is_ended:
            return
        self._is_ended = True
        self._among.forget(self)
        self.closed()
        self._alarm.cancel()
        self.operations.stop_all()
        self._outbox.close()

    def next(self, id: str, text: str, of: Subscriber | None = None, cursor: str = "") -> None:
        """An answer of an operation."""
        line = text.replace("\n", " ")
        place = f"id: {cursor}\n" if cursor else ""
        told = f'{{"id":{_quoted(id)},"payload":{line}}}' if self._is_shared else line
        self._outbox.put(f"event: next\n{place}data: {told}\n\n", of)

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

    def begin(self, asked: Asked, after: str | None) -> None:
        """Tell of the one operation that the stream is of."""
        self.operations.begin("", self.viewer, asked, after)

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


class Streams:
    """All event streams of this process."""

    def __init__(self, desk: Desk, presence: Presence) -> None:
        self.desk = desk
        self._presence = presence
        self._open: set[EventStream] = set()

    def open(self, viewer: Viewer, is_shared: bool) -> EventStream:
        """A stream of this viewer's."""
        try:
            self._presence.enter(viewer.id)
        except TooMany as refused:
            raise Refused(429, "LIMIT_EXCEEDED", str(refused)) from refused
        stream = EventStream(self, viewer, is_shared)
        self._open.add(stream)
        return stream

    def forget(self, stream: EventStream) -> None:
        """It is closed."""
        self._presence.leave(stream.viewer.id)
        self._open.discard(stream)

    async def drain(self) -> None:
        """End all of them, once they were sent what is yet to be sent."""
        await asyncio.gather(*(stream.drain() for stream in self._open))


# A comment, which clients pass over.
_NOTHING = ":\n\n"


def _nobody() -> None:
    """Nobody is to be told that a stream has ended."""


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(frame: str) -> Message:
    return {"type": "http.response.body", "body": frame.encode(), "more_body": True}


def _quoted(id: str) -> str:
    return orjson.dumps(id).decode()
