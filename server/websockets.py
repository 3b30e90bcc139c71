"""WebSockets as uvicorn speaks them, but that a close waits for no reader."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class WebSockets(WebSocketsSansIOProtocol):
    """One connection; whoever reads nothing is told that it is closed, and is then cut off."""

    async def send(self, message: Any) -> None:
        """Send a message; a close goes out even where nothing else does."""
        closes = message["type"] == "websocket.close" and self.handshake_complete
        is_stalled = not self.writable.is_set()
        if closes and is_stalled:
            self.writable.set()
            self.loop.call_later(self.close_timeout, self.transport.abort)
        await super().send(message)
