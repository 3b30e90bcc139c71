"""Bodies of requests: what they ask for."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as Header
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from server import receiving
from server.errors import JSON, Refused

Path = tuple[str, ...]

_MOST_DIGITS = 400
# Whole numbers of more than 64 bits are read as doubles that are near them.
_LONG_NUMBER = re.compile(rb"[0-9]{20}")


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
    check_kind(request.headers)
    try:
        return from_body(await request.body())
    except ClientDisconnect as gone:
        raise receiving.ended_early() from gone


def from_body(body: bytes) -> Asked:
    """What a JSON body asks for."""
    return _asked(_loaded(body, "The body"))


def from_value(payload: Mapping[str, Any]) -> Asked:
    """What an object that was read already asks for."""
    asked = _asked(payload)
    _check_fit(payload, ())
    return asked


def message(text: str | bytes) -> dict[str, Any]:
    """An object in JSON; anything else is refused."""
    found = _loaded(text.encode() if isinstance(text, str) else text, "The message")
    if not isinstance(found, dict):
        raise _bad("A message is an object.")
    return found


def from_address(parameters: Mapping[str, str]) -> Asked:
    """What the parameters of an address ask for."""
    found: dict[str, Any] = {name: parameters[name] for name in parameters}
    for name in ("variables", "extensions"):
        if found.get(name):
            text = found[name].encode("utf-8", "surrogatepass")
            found[name] = _loaded(text, f"`{name}`", (name,))
        elif name in found:
            found[name] = None
    return _asked(found)


def check_kind(headers: Mapping[str, str]) -> None:
    """Refuse bodies that are not JSON in plain UTF-8."""
    if headers.get("content-type") == JSON and "content-encoding" not in headers:
        return
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Compressed bodies are not read.")
    header = Header()
    header["content-type"] = headers.get("content-type", "text/plain")
    if header.get_content_type() != JSON:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"The Content-Type must be {JSON}.")
    if str(header.get_param("charset", "utf-8")).lower() not in ("utf-8", "utf8"):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Bodies are read as UTF-8.")


def _loaded(text: bytes, what: str, place: Path = ()) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        _check_fit(_loosely_loaded(text), place)
        raise _bad(f"{what} is not JSON: {error}", _variable(place)) from error
    if b"\\u0000" in text:
        _check_fit(value, place)
    if _LONG_NUMBER.search(text):
        _check_fit(_loosely_loaded(text), place)
    return value


def _asked(found: Any) -> Asked:
    if not isinstance(found, dict):
        raise _bad("One operation is asked for at a time: the body must be an object.")
    query = found.get("query")
    if not isinstance(query, str) or not query.strip():
        raise _bad("`query` must be a text with a GraphQL document.", "query")
    name = _optional(found, "operationName", str, "a text")
    variables = _optional(found, "variables", dict, "an object")
    extensions = _optional(found, "extensions", dict, "an object")
    return Asked(query, variables, name or None, extensions)


def _optional(found: Mapping[str, Any], name: str, kind: type, what: str) -> Any:
    value = found.get(name)
    if value is not None and not isinstance(value, kind):
        raise _bad(f"`{name}` must be {what}, or null.", name)
    return value


def _loosely_loaded(text: bytes) -> Any:
    """What nearly is JSON, to find the value that keeps it from being so."""
    try:
        return json.loads(text, parse_int=lambda digits: int(digits[:_MOST_DIGITS]))
    except (ValueError, RecursionError):
        return None


def _check_fit(value: Any, place: Path) -> None:
    """Refuse values that PostgreSQL cannot keep, naming their place and their variable."""
    waiting: list[tuple[Path, Any]] = [(place, value)]
    while waiting:
        path, value = waiting.pop()
        problem = _unfit(value)
        if problem:
            raise _bad(f"`{'.'.join(path) or 'body'}` {problem}.", _variable(path))
        if isinstance(value, list):
            waiting += (((*path, str(index)), item) for index, item in enumerate(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                inner = (*path, _shown(key))
                waiting += ((inner, key), (inner, item))


def _unfit(value: Any) -> str | None:
    if isinstance(value, str) and ("\0" in value or not _is_unicode(value)):
        return "holds a character that cannot be stored (NUL or half a surrogate pair)"
    if isinstance(value, float) and not math.isfinite(value):
        return "is not a finite number"
    if isinstance(value, int) and abs(value) >= 1 << 64:
        return "is too large a number"
    return None


def _variable(path: Path) -> str | None:
    """The name that the client knows a value by."""
    inner = path[1:] if path[:1] == ("variables",) else path
    return next(iter(inner or path), None)


def _shown(key: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in key)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _bad(message: str, argument: str | None = None) -> Refused:
    return Refused(400, "BAD_USER_INPUT", message, argument=argument)
