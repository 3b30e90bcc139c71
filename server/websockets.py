"""WebSockets as uvicorn speaks them, but that a close waits for no reader, nor text for a turn."""

from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

# Passes a frame on at once; False where it has to be sent the usual way, or not at all.
Pass = Callable[[bytes], bool]

_EXTENSION = "dailies.frames"
_LONG, _LONGER = 126, 65_536


class WebSockets(WebSocketsSansIOProtocol):
    """One connection; whoever reads nothing is told that it is closed, and is then cut off."""

    async def run_asgi(self) -> None:
        """Serve it, and offer to pass frames on."""
        self.scope["extensions"][_EXTENSION] = {"pass": self.pass_on}
        await super().run_asgi()

    def pass_on(self, frame: bytes) -> bool:
        """Write a whole frame, if the reader keeps up; servers mask nothing, so all get the same.

        Only while the connection is open and speaks plainly: then a frame changes nothing that
        the protocol has to know of.
        """
        if self.conn.state is not State.OPEN or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True

    async def send(self, message: Any) -> None:
        """Send a message; a close goes out even where nothing else does."""
        closes = message["type"] == "websocket.close" and self.handshake_complete
        is_stalled = not self.writable.is_set()
        if closes and is_stalled:
            self.writable.set()
            self.loop.call_later(self.close_timeout, self.transport.abort)
        await super().send(message)


def passing(scope: Scope) -> Pass:
    """How frames are passed on to this socket."""
    found: Pass = scope.get("extensions", {}).get(_EXTENSION, {}).get("pass", _nowhere)
    return found


def framed(text: str) -> bytes:
    """Text as a frame of its own, as servers send it."""
    body = text.encode()
    length = len(body)
    if length < _LONG:
        return b"\x81" + length.to_bytes(1, "big") + body
    if length < _LONGER:
        return b"\x81\x7e" + length.to_bytes(2, "big") + body
    return b"\x81\x7f" + length.to_bytes(8, "big") + body


def _nowhere(_: bytes) -> bool:
    return False
