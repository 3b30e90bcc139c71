"""Sockets: GraphQL over WebSocket, by the graphql-transport-ws protocol."""

import asyncio

from starlette.types import Receive, Scope, Send

from server import websockets
from server.conversations import Conversation
from server.operations import Desk
from server.presence import Presence

PROTOCOL = "graphql-transport-ws"

_NOT_ACCEPTABLE = 4406


class Sockets:
    """All sockets of this process."""

    def __init__(self, desk: Desk, presence: Presence) -> None:
        self._desk = desk
        self._presence = presence
        self._open: set[Conversation] = set()

    @property
    def number(self) -> int:
        """How many are open."""
        return len(self._open)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        await receive()
        if PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            reason = f"Only the subprotocol {PROTOCOL} is spoken here."
            await send({"type": "websocket.close", "code": _NOT_ACCEPTABLE, "reason": reason})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        lines = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in lines}
        pass_on = websockets.passing(scope)
        conversation = Conversation(self._desk, self._presence, headers, send, pass_on)
        self._open.add(conversation)
        try:
            await conversation.hold(receive)
        finally:
            self._open.discard(conversation)

    async def drain(self) -> None:
        """Close all of them, once they were sent what is yet to be sent."""
        await asyncio.gather(*(conversation.drain() for conversation in self._open))
