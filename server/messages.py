"""Messages of graphql-transport-ws; a socket by which others come is closed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from starlette.types import Message

from server import bodies, websockets
from server.errors import Refused

GOING_AWAY = 1001
MALFORMED = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
TIMEOUT = 4408
DUPLICATE = 4409
TOO_MANY = 4429

_LONGEST_ID = 1_000


class Closed(Exception):
    """The socket is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read(message: Message) -> Mapping[str, Any]:
    """A message of the protocol, which is an object in JSON."""
    text = message.get("text")
    if text is None:
        raise Closed(MALFORMED, "Messages are text.")
    try:
        found = bodies.message(text)
    except Refused as refused:
        raise Closed(MALFORMED, str(refused)) from refused
    return found


def payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a message carries, nothing when it does not say."""
    found = message.get("payload")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Closed(MALFORMED, "A payload is an object.")
    return found


def checked_id(id: str) -> str:
    """An id as clients may choose it."""
    if not 0 < len(id) <= _LONGEST_ID:
        raise Closed(MALFORMED, "An id has 1 to 1,000 characters.")
    return id


@lru_cache(maxsize=1_000)
def _quoted(id: str) -> str:
    return orjson.dumps(id).decode()


def next(id: str, text: str) -> str:
    """An answer of an operation."""
    return f'{{"id":{_quoted(id)},"type":"next","payload":{text}}}'


@lru_cache(maxsize=16)
def framed_next(id: str, text: str) -> bytes:
    """The same as it goes over the wire: those who are told the same get the same bytes."""
    return websockets.framed(next(id, text))


def error(id: str, wrong: Any) -> str:
    """Why an operation has ended, or never began."""
    return orjson.dumps({"id": id, "type": "error", "payload": wrong}).decode()


def complete(id: str) -> str:
    """That an operation has come to its end."""
    return f'{{"id":{_quoted(id)},"type":"complete"}}'
