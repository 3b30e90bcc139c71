"""Uploads: files on their way in, from whoever holds a ticket that the gateway signed."""

import hashlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from media import formats
from media.errors import MediaError
from media.storage import HEAD, Disk
from media.tickets import PREFIX, Ticket, Tickets
from server import receiving
from server.errors import Refused
from server.receiving import Counted

_BLOCK = 1024 * 1024
# What else is sent is not read any more.
_CLOSE = {"Connection": "close"}


def route(disk: Disk, tickets: Tickets) -> Route:
    """Files for the disk; each comes once, whole, and as its ticket says."""

    async def answer(request: Request) -> Response:
        query = request.scope["query_string"].decode("latin-1")
        ticket = tickets.verify(request.scope["path"], query)
        try:
            if ticket is None:
                raise Refused(403, "FORBIDDEN", "This link is not valid, or not any more.", _CLOSE)
            _check_announced(request, ticket)
            if await to_thread.run_sync(disk.look, ticket.key):
                raise _taken()
            await _received(request, ticket, disk)
        except Refused as refused:
            return refused.response()
        return Response(status_code=204)

    return Route(f"{PREFIX}{{key:path}}", answer, methods=["PUT"])


@dataclass
class Arriving:
    """A file while it arrives: written block by block, and looked at on the way."""

    file: IO[bytes]
    ticket: Ticket
    fingerprint: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    _known: bool = False
    _waiting: bytearray = field(default_factory=bytearray)

    async def take(self, part: bytes) -> None:
        """The next part; what is of another kind is refused before all of it is here."""
        self._waiting += part
        self.size += len(part)
        if not self._known and self.size >= HEAD:
            self._check_kind()
        if len(self._waiting) >= _BLOCK:
            await to_thread.run_sync(self._write)

    async def end(self) -> None:
        """Make sure that it is whole, what was announced, and on the disk."""
        if self.size != self.ticket.size:
            raise receiving.ended_early()
        if not self._known:
            self._check_kind()
        await to_thread.run_sync(self._settle)
        if self.ticket.sha256 not in (None, self.fingerprint.hexdigest()):
            raise Refused(400, "BAD_USER_INPUT", "The file is not the one that was announced.")

    def _check_kind(self) -> None:
        try:
            found = formats.sniff(bytes(self._waiting[:HEAD])).content_type
        except MediaError as error:
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", str(error), _CLOSE) from error
        if found != self.ticket.content_type:
            message = f"It is {found} where {self.ticket.content_type} was announced."
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", message, _CLOSE)
        self._known = True

    def _write(self) -> None:
        self.fingerprint.update(self._waiting)
        self.file.write(self._waiting)
        self._waiting.clear()

    def _settle(self) -> None:
        self._write()
        self.file.flush()
        os.fsync(self.file.fileno())


async def _received(request: Request, ticket: Ticket, disk: Disk) -> None:
    with disk.draft() as draft:
        await _written(request, ticket, draft)
        if not await to_thread.run_sync(disk.settle, draft, ticket.key):
            raise _taken()


async def _written(request: Request, ticket: Ticket, draft: Path) -> None:
    counted = Counted(request.receive, ticket.size, ticket.expires - time.time())
    with await to_thread.run_sync(draft.open, "xb") as file:
        arriving = Arriving(file, ticket)
        try:
            async for part in Request(request.scope, counted.receive).stream():
                await arriving.take(part)
        except ClientDisconnect as gone:
            raise receiving.ended_early() from gone
        await arriving.end()


def _check_announced(request: Request, ticket: Ticket) -> None:
    """Refuse by its headers what is not what the ticket is for."""
    length = request.headers.get("content-length")
    if length is None:
        raise Refused(411, "BAD_USER_INPUT", "A Content-Length is needed.", _CLOSE)
    if length != str(ticket.size):
        raise Refused(400, "BAD_USER_INPUT", f"It must have {ticket.size:,} bytes.", _CLOSE)
    if request.headers.get("content-type") != ticket.content_type:
        message = f"The Content-Type must be {ticket.content_type}."
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", message, _CLOSE)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Files are sent as they are.", _CLOSE)


def _taken() -> Refused:
    return Refused(409, "CONFLICT", "This file has arrived already.", _CLOSE)
