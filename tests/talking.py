"""Talks with a gateway as clients that follow do: over a WebSocket, or an event stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

PATIENCE = 10.0
PROTOCOL = Subprotocol("graphql-transport-ws")
EVENT = """{
  cursor kind reason scopes shotIds origin at tables
  changes { table id operation columns node { __typename id } }
}"""
PROJECT = f"""subscription ($id: ID!, $after: String) {{
  projectChanges(projectId: $id, after: $after) {EVENT}
}}"""
VIEWER = f"subscription ($after: String) {{ viewerChanges(after: $after) {EVENT} }}"


class Talk:
    """One socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        """Send a message of the protocol."""
        await self.socket.send(json.dumps(message))

    async def hear(self) -> Any:
        """The next message."""
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.socket.recv())

    async def begin(self, token: str) -> None:
        """Say whose it is."""
        await self.say(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, query: str, place: str = "1", /, **variables: Any) -> None:
        """Begin an operation at a place of its own."""
        payload = {"query": query, "variables": variables}
        await self.say(type="subscribe", id=place, payload=payload)

    async def event(self, kind: str = "CHANGE") -> Any:
        """The next event of the only subscription, which is of this kind."""
        message = await self.hear()
        assert message["type"] == "next", message
        payload = message["payload"]
        assert "errors" not in payload, payload
        (event,) = payload["data"].values()
        assert event["kind"] == kind, event
        return event

    async def closed(self) -> int:
        """The code with which the gateway closes it."""
        async with asyncio.timeout(PATIENCE):
            with suppress(websockets.ConnectionClosed):
                while True:
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code


@asynccontextmanager
async def talking(address: str, **options: Any) -> AsyncIterator[Talk]:
    """A socket at this gateway."""
    url = f"{address.replace('http', 'ws', 1)}/graphql"
    options = {"subprotocols": [PROTOCOL], "max_size": None, **options}
    async with websockets.connect(url, **options) as socket:
        yield Talk(socket)


@asynccontextmanager
async def following(address: str, token: str, query: str, **variables: Any) -> AsyncIterator[Talk]:
    """A socket that follows a feed, and has heard that it does."""
    async with talking(address) as talk:
        await talk.begin(token)
        await talk.subscribe(query, **variables)
        await talk.event("READY")
        yield talk
