"""Followers: a thousand sockets that count what they are told, and cost next to nothing."""

import asyncio
import os
import time
from base64 import b64encode

import orjson

from bench.load import Address

QUERY = """subscription ($id: ID!) {
  projectChanges(projectId: $id, tables: ["generations"]) { cursor kind reason scopes at changes {
    table id operation columns node { ... on Generation { id name starred version } } } } }"""

_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A


class Follower(asyncio.Protocol):
    """One socket, subscribed to one project; when each of its events came."""

    def __init__(self, address: Address, project: str) -> None:
        self.came: list[float] = []
        self.is_ready = asyncio.Event()
        self._expected = 0
        self._is_told = asyncio.Event()
        self._address = address
        self._project = project
        self._rest = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        key = b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /graphql HTTP/1.1\r\nHost: {self._address.host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take whole frames off what came."""
        now = time.perf_counter()
        self._rest += data
        if not self._is_open:
            self._opened()
        while (frame := self._frame()) is not None:
            self._heard(frame, now)

    async def until(self, number: int) -> None:
        """Wait until so many events came."""
        self._expected = number
        if len(self.came) < number:
            self._is_told.clear()
            await self._is_told.wait()

    def close(self) -> None:
        """Leave."""
        self._transport.abort()

    def _opened(self) -> None:
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if end:
            if b" 101 " not in head:
                raise RuntimeError(f"no socket: {head!r}")
            self._is_open, self._rest = True, rest
            payload = {"authorization": f"Bearer {self._address.token}"}
            self._say({"type": "connection_init", "payload": payload})

    def _frame(self) -> bytes | None:
        rest = self._rest
        if not self._is_open or len(rest) < 4:
            return None
        length, start = rest[1], 2
        if length == 126:
            length, start = int.from_bytes(rest[2:4], "big"), 4
        if len(rest) < start + length:
            return None
        self._rest = rest[start + length :]
        frame = rest[start : start + length]
        if rest[0] == _PING:
            self._send(_PONG, frame)
        return frame if rest[0] == _TEXT else b""

    def _heard(self, frame: bytes, now: float) -> None:
        if b'"CHANGE"' in frame:
            self.came.append(now)
            if len(self.came) == self._expected:
                self._is_told.set()
        elif b'"connection_ack"' in frame:
            payload = {"query": QUERY, "variables": {"id": self._project}}
            self._say({"type": "subscribe", "id": "1", "payload": payload})
        elif b'"READY"' in frame:
            self.is_ready.set()
        elif b'"error' in frame:
            raise RuntimeError(frame.decode())

    def _say(self, message: object) -> None:
        self._send(_TEXT, orjson.dumps(message))

    def _send(self, kind: int, body: bytes) -> None:
        # A mask of zeros hides nothing, and needs no computing.
        length = bytes((0x80 | len(body),)) if len(body) < 126 else _long(body)
        self._transport.write(bytes((kind,)) + length + b"\0\0\0\0" + body)


def _long(body: bytes) -> bytes:
    return b"\xfe" + len(body).to_bytes(2, "big")


async def connected(address: Address, projects: list[str]) -> list[Follower]:
    """A follower of each of these projects, all of whom hear what is told by now."""
    loop, made = asyncio.get_running_loop(), []
    for project in projects:
        follower = Follower(address, project)
        await loop.create_connection(
            lambda follower=follower: follower,  # type: ignore[misc]
            address.host,
            address.port,
        )
        made.append(follower)
        if len(made) % 50 == 0:
            await follower.is_ready.wait()
    for follower in made:
        await follower.is_ready.wait()
    return made
