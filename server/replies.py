"""Replies: answers as they are sent, and which kinds of them a client takes."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import orjson
from starlette.types import Receive, Send

from server.bodies import Asked
from server.errors import JSON, Refused

RESPONSE = "application/graphql-response+json"
STREAM = "text/event-stream"


class Reply(NamedTuple):
    """An answer as it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream(Protocol):
    """An answer that goes on."""

    @property
    def status(self) -> int:
        """The status that it begins with."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that it begins with."""

    def begin(self, asked: Asked, after: str | None) -> None:
        """Tell what becomes of an operation; `after` says from where on a feed is told."""

    async def serve(self, receive: Receive, send: Send) -> None:
        """Send the body until it has ended."""


@lru_cache(maxsize=256)
def negotiated(accept: str) -> str:
    """Which of the two types of answers the client likes better."""
    wishes = dict(_wish(part) for part in reversed(accept.lower().split(",")))
    wish = wishes.get(RESPONSE, 0.0)
    return RESPONSE if wish > 0 and wish >= wishes.get(JSON, 0.0) else JSON


@lru_cache(maxsize=256)
def wished(accept: str) -> tuple[bool, bool]:
    """Whether the client takes event streams, and whether it takes anything else of ours."""
    wishes = dict(_wish(part) for part in accept.lower().split(",") if part.strip())
    others = ("*/*", "application/*", JSON, RESPONSE)
    takes_others = not wishes or any(wishes.get(kind, 0.0) > 0 for kind in others)
    return wishes.get(STREAM, 0.0) > 0, takes_others


def encoded(answer: Mapping[str, Any], status: int, kind: str) -> Reply:
    """The answer as bytes."""
    return Reply(status, _HEADERS[kind], written(answer))


def written(answer: Mapping[str, Any]) -> bytes:
    """The answer as JSON."""
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:
        # What PostgreSQL keeps as JSON may be nested deeper than orjson goes.
        text = json.dumps(answer, ensure_ascii=False, allow_nan=False, default=_read)
        return text.encode()


_HEADERS = {
    kind: {"content-type": f"{kind}; charset=utf-8", "cache-control": "no-store"}
    for kind in (JSON, RESPONSE)
}


def refusal(refused: Refused, kind: str) -> Reply:
    """How a refused request is answered."""
    return Reply(refused.status, refused.sent_with(kind), refused.body())


def _read(unread: orjson.Fragment) -> Any:
    return json.loads(orjson.dumps(unread))


def _wish(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0
