"""Receiving: how long a body may be, and how long it may take to arrive."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Refused
from server.steps import Begun


def ended_early() -> Refused:
    """How a body is refused that its client did not send whole."""
    return Refused(400, "BAD_USER_INPUT", "The body ended before it was whole.")


class BodyLimit:
    """Refuses bodies that are too long, whether they say so or not, and those that never end.

    What is sent below `past` has limits of its own.
    """

    def __init__(self, app: ASGIApp, limit: int, seconds: float, past: str) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds
        self._past = past

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        if scope["type"] != "http" or scope["path"].startswith(self._past):
            await self._app(scope, receive, send)
            return
        counted = Counted(receive, self._limit, self._seconds)
        started = False

        async def noticed(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            length = dict(scope["headers"]).get(b"content-length", b"0")
            counted.announced(length.decode("latin-1"))
            await self._app(scope, counted.receive, noticed)
        except Refused as refused:
            if started:
                raise
            await refused.response()(scope, receive, send)


class Counted:
    """A body while it is received: its length so far, and the time that is left for it."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._length = 0
        self._whole = False

    def announced(self, length: str) -> None:
        """Refuse a body by what its header says of it."""
        if not (length.isascii() and length.isdigit()) or len(length) > 18:
            raise self._too_long()
        if int(length) > self._limit:
            raise self._too_long()

    async def whole(self) -> bytes:
        """All of the body."""
        parts: list[bytes] = []
        while not self._whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ended_early()
            parts.append(message.get("body", b""))
        return b"".join(parts)

    async def receive(self) -> Message:
        """The next part of the body, or what comes after it."""
        if self._whole:
            return await self._receive()
        message = await self._before_deadline()
        self._whole = not message.get("more_body", False)
        self._length += len(message.get("body", b""))
        if self._length > self._limit:
            raise self._too_long()
        return message

    async def _before_deadline(self) -> Message:
        receiving = Begun(self._receive())
        if receiving.is_done:
            # Most bodies are there by now, and need no clock.
            return receiving.result
        try:
            async with asyncio.timeout_at(self._deadline):
                return await receiving.rest()
        except TimeoutError as error:
            late = "The body took too long to arrive."
            raise Refused(408, "TIMEOUT", late, {"Connection": "close"}) from error

    def _too_long(self) -> Refused:
        message = f"The body is longer than {self._limit} bytes."
        return Refused(413, "LIMIT_EXCEEDED", message, {"Connection": "close"})
