"""Tickets: signed addresses under which one file may be sent, of just the size and kind told."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

PREFIX = "/uploads/"

_PURPOSE = b"upload url"


@dataclass(frozen=True)
class Ticket:
    """What may be sent: where it is kept, its size in bytes, its kind, and until when."""

    key: str
    size: int
    content_type: str
    sha256: str | None
    expires: int


class Tickets:
    """Signs tickets, and knows its own again."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PURPOSE, "sha256")

    def sign(self, ticket: Ticket) -> str:
        """The address, as a path with a query, under which the file is sent."""
        query = _query(ticket)
        path = PREFIX + quote(ticket.key)
        return f"{path}?{query}&signature={self._signature(path, query)}"

    def verify(self, path: str, query: str, now: float | None = None) -> Ticket | None:
        """The ticket of a path, unquoted, and its query, unless it is not ours or has expired."""
        told, _, signature = query.rpartition("&signature=")
        genuine = self._signature(path, told).encode()
        if not hmac.compare_digest(genuine, signature.encode(errors="replace")):
            return None
        found = dict(parse_qsl(told))
        ticket = Ticket(
            path.removeprefix(PREFIX),
            int(found["size"]),
            found["type"],
            found.get("sha256"),
            int(found["expires"]),
        )
        return ticket if (time.time() if now is None else now) < ticket.expires else None

    def _signature(self, path: str, query: str) -> str:
        message = f"{path}\n{query}".encode(errors="surrogatepass")
        digest = hmac.new(self._key, message, hashlib.sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _query(ticket: Ticket) -> str:
    told = {"expires": ticket.expires, "size": ticket.size, "type": ticket.content_type}
    return urlencode(told | ({"sha256": ticket.sha256} if ticket.sha256 else {}))
