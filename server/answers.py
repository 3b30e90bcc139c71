"""Answers: from what a request says to what it gets, whichever lane it came by."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType
from starlette.types import Receive
from strawberry import Schema
from strawberry.types import ExecutionResult

from db.errors import Unavailable
from engine.executor import Executor, GaveUp
from server import documents, errors, limits
from server.auth import Authenticator, Viewer
from server.bodies import Asked
from server.departures import Departed, Lookout
from server.documents import Document, Documents
from server.errors import JSON, Refused

RESPONSE = "application/graphql-response+json"

OpenContext = Callable[[Viewer], Awaitable[Any]]
Read = Callable[[], Awaitable[Asked]]

# Strawberry logs every error, expected ones too; `errors.masked` logs those that matter.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)


class Reply(NamedTuple):
    """An answer as it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answers:
    """Answers GraphQL requests of viewers; `open_context` makes what their resolvers use."""

    def __init__(
        self,
        schema: Schema,
        documents: Documents,
        authenticator: Authenticator,
        open_context: OpenContext,
        suggestions: bool = True,
        executor: Executor | None = None,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._authenticator = authenticator
        self._open_context = open_context
        self._suggestions = suggestions
        self._lookout = Lookout()
        self.executor = executor

    async def reply(
        self, method: str, headers: Mapping[str, str], read: Read, receive: Receive
    ) -> Reply:
        """The reply to a request; whatever happens, it is GraphQL's."""
        kind = negotiated(headers.get("accept", ""))
        try:
            return await self._reply(method, headers, read, receive, kind)
        except Refused as refused:
            return _refusal(refused, kind)
        except Unavailable as error:
            return _refusal(Refused(503, error.code, error.message), kind)
        except Departed:
            return Reply(_GONE, {}, b"")
        except Exception as error:
            return encoded({"errors": [errors.masked(error)]}, 500, kind)

    async def _reply(
        self, method: str, headers: Mapping[str, str], read: Read, receive: Receive, kind: str
    ) -> Reply:
        viewer = await self._authenticator.viewer(headers)
        asked = await read()
        document = self._documents.read(asked.query)
        variables = asked.variables or {}
        wrong = document.errors or limits.check_variables(variables, self._documents.limits)
        if wrong or document.node is None:
            return self._written(ExecutionResult(None, list(wrong)), kind)
        operation = document.operation(asked.operation_name)
        _check_method(method, operation.operation)
        run = _Run(await self._open_context(viewer))
        result = self._result(asked, document, document.node, operation, run)
        if operation.operation is OperationType.QUERY:
            result = self._lookout.watched(result, receive, run.stop)
        return self._written(await result, kind)

    async def _result(
        self,
        asked: Asked,
        document: Document,
        node: DocumentNode,
        operation: OperationDefinitionNode,
        run: "_Run",
    ) -> ExecutionResult:
        context = run.context
        if self.executor is not None:
            try:
                data = await self.executor.answer(
                    asked.query, node, operation, asked.variables, context
                )
            except GaveUp:
                data = None
            finally:
                await context.session.end()
            if data is not None:
                return ExecutionResult(data, None)
            context = context.again()
        run.begin(context)
        token = documents.current.set(document)
        try:
            return await self._schema.execute(
                asked.query,
                asked.variables,
                context,
                operation_name=asked.operation_name,
                operation_extensions=asked.extensions,
            )
        finally:
            documents.current.reset(token)

    def _written(self, result: ExecutionResult, kind: str) -> Reply:
        """The result as it is sent: its errors coded, nothing internal in them."""
        answer: dict[str, Any] = {}
        if result.errors:
            answer["errors"] = list(errors.formatted(result.errors, self._suggestions))
        is_wrong = is_request_error(result)
        if not is_wrong:
            answer["data"] = result.data
        if result.extensions:
            answer["extensions"] = result.extensions
        return encoded(answer, 400 if is_wrong and kind == RESPONSE else 200, kind)


class _Run:
    """One operation under way, and how it is stopped for a client that has left."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self._core: Any = None
        self._ending: asyncio.Task[None] | None = None

    def begin(self, context: Any) -> None:
        """From here on graphql-core executes, in this context."""
        self._core = context

    def stop(self) -> bool:
        """End the session of what graphql-core executes: cancelled, it leaves tasks behind."""
        if self._core is None:
            return False
        self._ending = asyncio.create_task(self._core.session.end())
        return True


# nginx's own number for a client that did not wait; nobody is there to see it.
_GONE = 499


def is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed: errors that no field has."""
    found: list[GraphQLError] = result.errors or []
    return result.data is None and bool(found) and all(error.path is None for error in found)


@lru_cache(maxsize=256)
def negotiated(accept: str) -> str:
    """Which of the two types of answers the client likes better."""
    wishes = dict(_wish(part) for part in reversed(accept.lower().split(",")))
    wish = wishes.get(RESPONSE, 0.0)
    return RESPONSE if wish > 0 and wish >= wishes.get(JSON, 0.0) else JSON


def encoded(answer: Mapping[str, Any], status: int, kind: str) -> Reply:
    """The answer as bytes."""
    return Reply(status, _HEADERS[kind], _bytes(answer))


_HEADERS = {
    kind: {"content-type": f"{kind}; charset=utf-8", "cache-control": "no-store"}
    for kind in (JSON, RESPONSE)
}


def _refusal(refused: Refused, kind: str) -> Reply:
    return Reply(refused.status, refused.sent_with(kind), refused.body())


def _bytes(answer: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:
        # What PostgreSQL keeps as JSON may be nested deeper than orjson goes.
        text = json.dumps(answer, ensure_ascii=False, allow_nan=False, default=_read)
        return text.encode()


def _read(unread: orjson.Fragment) -> Any:
    return json.loads(orjson.dumps(unread))


def _wish(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0


def _check_method(method: str, operation: OperationType) -> None:
    if operation is OperationType.SUBSCRIPTION:
        raise Refused(400, "BAD_USER_INPUT", "Subscriptions are not answered over plain HTTP.")
    if operation is OperationType.MUTATION and method == "GET":
        message = "Mutations are sent by POST."
        raise Refused(405, "METHOD_NOT_ALLOWED", message, {"Allow": "POST"})
