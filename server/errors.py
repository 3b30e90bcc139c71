"""Errors as a client sees them: every one has a code, and none shows what is inside."""

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLFormattedError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.errors import Problem

logger = logging.getLogger("dailies.errors")

JSON = "application/json"
MASKED = "Something went wrong."
TIMED_OUT = "This took too long and was stopped."

_CANCELLED = "57014"
_LONGEST_MESSAGE = 1_000
_CODES_OF_STATUS = {
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "LIMIT_EXCEEDED",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
_VARIABLE = re.compile(r"Variable '\$(\w+)'")
_ARGUMENT = re.compile(r"Argument '(\w+)'")
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")


class Refused(Exception):
    """A request that is answered before any of its operation runs."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        argument: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self._extensions = _details(code, argument)

    def body(self) -> bytes:
        """The answer as GraphQL clients read it."""
        error = {"message": _clipped(str(self)), "extensions": self._extensions}
        return orjson.dumps({"errors": [error]})

    def response(self, kind: str = JSON) -> Response:
        """The whole answer."""
        return Response(self.body(), self.status, self.sent_with(kind))

    def sent_with(self, kind: str) -> dict[str, str]:
        """The headers of the answer."""
        own = {"content-type": f"{kind}; charset=utf-8", "cache-control": "no-store"}
        return own | dict(self.headers)


def request_error(code: str, message: str, **details: Any) -> GraphQLError:
    """An error of the request as a whole, with its code."""
    return GraphQLError(message, **details, extensions={"code": code})


def formatted(
    errors: Sequence[GraphQLError], suggestions: bool = True
) -> list[GraphQLFormattedError]:
    """Errors of an operation as the client sees them; unexpected ones are logged and masked."""
    return [_formatted(error, suggestions) for error in errors]


def masked(error: BaseException) -> dict[str, Any]:
    """Something unexpected: a message without detail, and an id to find it in the log by."""
    reference = secrets.token_hex(8)
    logger.error("Unexpected error %s", reference, exc_info=error)
    return {"message": MASKED, "extensions": {"code": "INTERNAL", "reference": reference}}


def answer_http(_: Request, error: Exception) -> Response:
    """What the server itself refuses (no such path, wrong method), in the same form."""
    if isinstance(error, Refused):
        return error.response()
    if isinstance(error, HTTPException):
        code = _CODES_OF_STATUS.get(error.status_code, "BAD_USER_INPUT")
        return Refused(error.status_code, code, error.detail, error.headers).response()
    return Response(orjson.dumps({"errors": [masked(error)]}), 500, media_type=JSON)


def _formatted(error: GraphQLError, suggestions: bool) -> GraphQLFormattedError:
    shown = error.formatted
    shown.update(_described(error))
    if not suggestions:
        shown["message"] = _SUGGESTION.sub("", shown["message"])
    shown["message"] = _clipped(shown["message"])
    return shown


def _described(error: GraphQLError) -> Any:
    cause = cause_of(error)
    if isinstance(cause, Problem):
        message = error.message if error.path is None else cause.message
        argument = cause.argument or _named(error)
        return {"message": message, "extensions": _details(cause.code, argument)}
    if _timed_out(cause):
        return {"message": TIMED_OUT, "extensions": {"code": "TIMEOUT"}}
    if "code" in (error.extensions or {}):
        return {}
    if _is_about_input(error, cause):
        return {"extensions": _details("BAD_USER_INPUT", _named(error))}
    return masked(cause)


def cause_of(error: GraphQLError) -> BaseException:
    """What made it an error in the first place."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_about_input(error: GraphQLError, cause: BaseException) -> bool:
    """Whether graphql-core refused a variable or an argument, and not a value of ours."""
    if error.path is None and _VARIABLE.match(error.message):
        return True
    return isinstance(cause, GraphQLError) and (error.path is None or bool(cause.nodes))


def _named(error: GraphQLError) -> str | None:
    found = _VARIABLE.search(error.message) or _ARGUMENT.search(error.message)
    return found[1] if found else None


def _details(code: str, argument: str | None) -> dict[str, str]:
    return {"code": code, "argument": argument} if argument else {"code": code}


def _clipped(message: str) -> str:
    """Messages repeat what was sent, which may be long."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"


def _timed_out(error: BaseException | None) -> bool:
    """PostgreSQL's own code for a cancelled statement, however deep it was raised from."""
    while error is not None:
        if isinstance(error, TimeoutError) or getattr(error, "sqlstate", "") == _CANCELLED:
            return True
        error = error.__cause__
    return False
