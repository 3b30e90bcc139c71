"""Conversations: what is said on one socket, in the words of graphql-transport-ws.

A wrong operation is answered with an error of its own; only what is no message of the protocol
ends the whole socket, with a code that says why.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Send

from db.events import Place
from server import bodies, messages
from server.auth import LEEWAY_SECONDS, Viewer
from server.errors import Refused
from server.hub import Subscriber
from server.operations import Desk, Errors, Operations, worded
from server.outbox import DRAIN_SECONDS, Outbox
from server.presence import Presence, TooMany
from server.steps import Begun
from server.websockets import Pass

# What sending fails with when the client has left, and when the socket was closed for its silence.
_GONE = (OSError, RuntimeError)
_EXPIRED = Refused(401, "UNAUTHENTICATED", "The token has expired.")


class Conversation:
    """One socket: whose it is, what is under way on it, and what is yet to be sent."""

    __slots__ = (
        "_alarm", "_closing", "_desk", "_headers", "_is_begun", "_is_expired", "_operations",
        "_outbox", "_pass", "_presence", "_send", "_sender", "_viewer",
    )  # fmt: skip

    def __init__(
        self,
        desk: Desk,
        presence: Presence,
        headers: Mapping[str, str],
        send: Send,
        pass_on: Pass,
    ) -> None:
        self._desk = desk
        self._presence = presence
        self._headers = headers
        self._send = send
        self._pass = pass_on
        self._viewer: Viewer | None = None
        self._is_begun = False
        self._is_expired = False
        self._operations = Operations(self, desk)
        self._outbox = Outbox(self._stalled)
        self._sender: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        later = asyncio.get_running_loop().call_later
        self._alarm = later(desk.limits.init_seconds, self._late)

    async def hold(self, receive: Receive) -> None:
        """Listen until one of both sides has closed it."""
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self._heard(message)
                await self._outbox.room()
        finally:
            self._alarm.cancel()
            self._operations.stop_all()
            self._outbox.close()
            if self._viewer is not None:
                self._presence.leave(self._viewer.id)

    def close(self, code: int, reason: str) -> None:
        """Close it, at once and whatever is yet to be sent."""
        if self._closing is None:
            self._operations.stop_all()
            self._outbox.close()
            if self._sender is not None:
                self._sender.cancel()
            self._closing = asyncio.create_task(self._closed(code, reason))

    async def drain(self) -> None:
        """Send what is yet to be sent, if it is read in time, and close."""
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=DRAIN_SECONDS)
        self.close(messages.GOING_AWAY, "This gateway stops; go on at another.")
        if self._closing is not None:
            await self._closing

    def next(
        self, id: str, text: str, of: Subscriber | None = None, place: Place | None = None
    ) -> None:
        """An answer of an operation."""
        is_alone = self._sender is None and self._closing is None
        if not (is_alone and self._pass(messages.framed_next(id, text))):
            self._put(messages.next(id, text), of)

    def error(self, id: str, wrong: Errors) -> None:
        """Why an operation has ended, or never began."""
        self._put(messages.error(id, wrong))

    def complete(self, id: str) -> None:
        """That an operation has come to its end."""
        self._put(messages.complete(id))

    async def _heard(self, message: Message) -> None:
        try:
            if self._closing is None:
                await self._hear(messages.read(message))
        except messages.Closed as closed:
            self.close(closed.code, closed.reason)
        except TooMany as refused:
            self.close(messages.TOO_MANY, str(refused))

    async def _hear(self, message: Mapping[str, Any]) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._begin(messages.payload(message))
            case {"type": "ping"}:
                await self._ping(messages.payload(message))
            case {"type": "pong"}:
                messages.payload(message)
            case {"type": "subscribe", "id": str() as id, "payload": dict() as payload}:
                self._subscribe(messages.checked_id(id), payload)
            case {"type": "complete", "id": str() as id}:
                self._operations.stop(id)
            case _:
                raise messages.Closed(messages.MALFORMED, "This is no message of the protocol.")

    async def _begin(self, payload: Mapping[str, Any]) -> None:
        if self._is_begun:
            raise messages.Closed(messages.TOO_MANY, "Too many initialisation requests.")
        self._is_begun = True
        viewer = await self._known(payload)
        self._presence.enter(viewer.id)
        self._viewer = viewer
        self._wake_at_expiry(viewer)
        self._put('{"type":"connection_ack"}')

    async def _ping(self, payload: Mapping[str, Any]) -> None:
        """Answer; a fresh token takes the place of the one that the socket began with."""
        if self._viewer is not None and "authorization" in payload:
            viewer = await self._known(payload)
            if viewer.id != self._viewer.id:
                raise messages.Closed(messages.FORBIDDEN, "The token is another viewer's.")
            self._viewer = viewer
            self._wake_at_expiry(viewer)
        self._put('{"type":"pong"}')

    def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        if self._viewer is None:
            raise messages.Closed(messages.UNAUTHORIZED, "Unauthorized.")
        if id in self._operations:
            raise messages.Closed(messages.DUPLICATE, f"Subscriber for {id} already exists.")
        if not isinstance(payload.get("query"), str):
            raise messages.Closed(messages.MALFORMED, "A subscribe message has a `query`.")
        if self._is_expired:
            self.error(id, worded(_EXPIRED))
            return
        try:
            asked = bodies.from_value(payload)
        except Refused as refused:
            self.error(id, worded(refused))
            return
        self._operations.begin(id, self._viewer, asked)

    async def _known(self, payload: Mapping[str, Any]) -> Viewer:
        """The viewer that a payload names or, for who can set them, the socket's own headers."""
        given = payload.get("authorization", payload.get("Authorization"))
        headers = self._headers if given is None else {"authorization": str(given)}
        try:
            return await self._desk.answers.authenticator.viewer(headers)
        except Refused as refused:
            raise messages.Closed(messages.FORBIDDEN, str(refused)) from refused

    def _wake_at_expiry(self, viewer: Viewer) -> None:
        self._alarm.cancel()
        self._is_expired = False
        left = float(viewer.claims["exp"]) + LEEWAY_SECONDS - time.time()
        self._alarm = asyncio.get_running_loop().call_later(left, self._expire)

    def _expire(self) -> None:
        self._is_expired = True
        self._operations.end_all(_EXPIRED)

    def _late(self) -> None:
        self.close(messages.TIMEOUT, "Connection initialisation timeout.")

    def _stalled(self) -> None:
        self.close(messages.TOO_MANY, "What was told was not read.")

    def _put(self, frame: str, of: Subscriber | None = None) -> None:
        if self._closing is not None:
            return
        if self._sender is not None:
            self._outbox.put(frame, of)
            return
        # Nothing waits, and most readers keep up: it is on its way without a task.
        with suppress(*_GONE):
            sending = Begun(self._sent(frame))
            if not sending.is_done:
                self._sender = asyncio.create_task(self._flush(sending))

    async def _flush(self, sending: Begun[None]) -> None:
        try:
            await sending.rest()
            while (frame := self._outbox.take()) is not None:
                await self._sent(frame)
        except _GONE:
            # The client is gone, which the listener is told too.
            pass
        finally:
            self._sender = None

    def _sent(self, frame: str) -> Awaitable[None]:
        return self._send({"type": "websocket.send", "text": frame})

    async def _closed(self, code: int, reason: str) -> None:
        with suppress(*_GONE):
            await self._send({"type": "websocket.close", "code": code, "reason": reason[:120]})
