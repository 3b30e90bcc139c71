"""Bodies of requests: how long they may be, and what they ask for."""

import json
import math
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from email.message import Message as Header
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import JSON, Refused


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read(request: Request) -> Asked:
    """What this request asks for, in its body or in its address."""
    if request.method == "GET":
        return from_address(request.query_params)
    _check_kind(request.headers)
    return from_body(await request.body())


def from_body(body: bytes) -> Asked:
    """What a JSON body asks for."""
    return _asked(_loaded(body, "The body"))


def from_address(parameters: Mapping[str, str]) -> Asked:
    """What the parameters of an address ask for."""
    found: dict[str, Any] = {name: parameters[name] for name in parameters}
    for name in ("variables", "extensions"):
        if found.get(name):
            found[name] = _loaded(found[name].encode("utf-8", "surrogatepass"), f"`{name}`")
        elif name in found:
            found[name] = None
    return _asked(found)


def _check_kind(headers: Mapping[str, str]) -> None:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Compressed bodies are not read.")
    header = Header()
    header["content-type"] = headers.get("content-type", "text/plain")
    if header.get_content_type() != JSON:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"The Content-Type must be {JSON}.")
    if str(header.get_param("charset", "utf-8")).lower() not in ("utf-8", "utf8"):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Bodies are read as UTF-8.")


def _loaded(text: bytes, what: str) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(_explained(text) or f"{what} is not JSON: {error}") from error
    if b"\\u0000" in text:
        _check_fit(value)
    return value


def _asked(found: Any) -> Asked:
    if not isinstance(found, dict):
        raise _bad("One operation is asked for at a time: the body must be an object.")
    query = found.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _bad("`query` must be a text with a GraphQL document.")
    name = _optional(found, "operationName", str, "a text")
    variables = _optional(found, "variables", dict, "an object")
    extensions = _optional(found, "extensions", dict, "an object")
    return Asked(query, variables, name or None, extensions)


def _optional(found: Mapping[str, Any], name: str, kind: type, what: str) -> Any:
    value = found.get(name)
    if value is not None and not isinstance(value, kind):
        raise _bad(f"`{name}` must be {what}, or null.")
    return value


def _check_fit(value: Any) -> None:
    for path, problem in _unfit(value, ""):
        raise _bad(f"`{path}` {problem}.")


def _explained(text: bytes) -> str | None:
    """Where the value stands that kept JSON of an acceptable form from being read."""
    try:
        found = json.loads(text)
        unfit = next(_unfit(found, ""), None)
    except (ValueError, RecursionError):
        return None
    return f"`{unfit[0]}` {unfit[1]}." if unfit else None


def _unfit(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Values that PostgreSQL cannot keep, with their places."""
    if isinstance(value, str):
        if "\0" in value or not _is_unicode(value):
            yield path, "holds a character that cannot be stored (NUL or half a surrogate pair)"
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, "is not a finite number"
    elif isinstance(value, int) and abs(value) >= 1 << 64:
        yield path, "is too large a number"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unfit(item, f"{path}.{index}".lstrip("."))
    elif isinstance(value, dict):
        for key, item in value.items():
            name = key.encode("utf-8", "replace").decode()
            yield from _unfit(key, name)
            yield from _unfit(item, f"{path}.{name}".lstrip("."))


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _bad(message: str) -> Refused:
    return Refused(400, "BAD_USER_INPUT", message)


class BodyLimit:
    """Refuses bodies that are too long, whether they say so or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        counted = _Counted(receive, send, self._limit)
        try:
            counted.announced(dict(scope["headers"]).get(b"content-length", b"0"))
            await self._app(scope, counted.receive, counted.send)
        except Refused as refused:
            if counted.started:
                raise
            await refused.response()(scope, receive, send)


class _Counted:
    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self.started = False
        self._receive = receive
        self._send = send
        self._limit = limit
        self._length = 0

    def announced(self, length: bytes) -> None:
        if not length.isdigit() or len(length) > 18 or int(length) > self._limit:
            raise self._too_long()

    async def receive(self) -> Message:
        message = await self._receive()
        self._length += len(message.get("body", b""))
        if self._length > self._limit:
            raise self._too_long()
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.started = True
        await self._send(message)

    def _too_long(self) -> Refused:
        message = f"The body is longer than {self._limit} bytes."
        return Refused(413, "LIMIT_EXCEEDED", message, {"Connection": "close"})
