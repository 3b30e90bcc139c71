"""The GraphQL endpoint: from a request to its answer, as GraphQL over HTTP says."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.websockets import WebSocket
from strawberry import UNSET, Schema
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from db.errors import Unavailable
from engine.executor import Executor, GaveUp
from server import bodies, documents, errors, limits
from server.auth import Authenticator, Viewer
from server.bodies import Asked
from server.documents import Document, Documents
from server.errors import JSON, Refused

RESPONSE = "application/graphql-response+json"

OpenContext = Callable[[Viewer], Awaitable[Any]]

_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src * data: blob:; font-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}

# Strawberry logs every error, expected ones too; `errors.masked` logs those that matter.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)


class Router(GraphQLRouter[Any, None]):
    """Answers GraphQL requests of viewers; `open_context` makes what their resolvers use."""

    def __init__(
        self,
        schema: Schema,
        documents: Documents,
        authenticator: Authenticator,
        open_context: OpenContext,
        page: Path | None = None,
        suggestions: bool = True,
        executor: Executor | None = None,
    ) -> None:
        super().__init__(
            schema, path="/graphql", context_getter=_no_context, subscription_protocols=()
        )
        self._documents = documents
        self._authenticator = authenticator
        self._open_context = open_context
        self._page = page
        self._suggestions = suggestions
        self.executor = executor

    async def run(  # type: ignore[override]
        self, request: Request | WebSocket, context: Any = UNSET, root_value: Any = UNSET
    ) -> Response | WebSocket:
        """Answer a request; whatever happens, the answer is GraphQL's."""
        if not isinstance(request, Request):
            return await super().run(request, context, root_value)
        if self._page and _wants_page(request):
            return FileResponse(self._page, headers=_PAGE_HEADERS)
        kind = negotiated(request.headers.get("accept", ""))
        try:
            return await self._answer(request, kind)
        except Refused as refused:
            return refused.response(kind)
        except Unavailable as error:
            return Refused(503, error.code, error.message).response(kind)
        except Exception as error:
            return encoded({"errors": [errors.masked(error)]}, 500, kind)

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """The result as it is sent: its errors coded, nothing internal in them."""
        answer: GraphQLHTTPResponse = {}
        if result.errors:
            answer["errors"] = list(errors.formatted(result.errors, self._suggestions))
        if not is_request_error(result):
            answer["data"] = result.data
        if result.extensions:
            answer["extensions"] = result.extensions
        return answer

    async def _answer(self, request: Request, kind: str) -> Response:
        viewer = await self._authenticator.viewer(request.headers)
        asked = await bodies.read(request)
        document = self._documents.read(asked.query)
        result = await self._result(request, viewer, asked, document)
        answer = await self.process_result(request, result)
        wrong = is_request_error(result) and kind == RESPONSE
        return encoded(answer, 400 if wrong else 200, kind)

    async def _result(
        self, request: Request, viewer: Viewer, asked: Asked, document: Document
    ) -> ExecutionResult:
        variables = asked.variables or {}
        wrong = document.errors or limits.check_variables(variables, self._documents.limits)
        if wrong:
            return ExecutionResult(None, list(wrong))
        _check_method(request.method, document.operation(asked.operation_name).operation)
        context = await self._open_context(viewer)
        if self.executor is not None and document.node is not None:
            data = await _planned(self.executor, context, asked, document, document.node)
            if data is not None:
                return ExecutionResult(data, None)
            context = context.again()
        token = documents.current.set(document)
        try:
            return await self.schema.execute(
                asked.query,
                asked.variables,
                context,
                operation_name=asked.operation_name,
                operation_extensions=asked.extensions,
            )
        finally:
            documents.current.reset(token)


async def _planned(
    executor: Executor, context: Any, asked: Asked, document: Document, node: DocumentNode
) -> Any:
    """The data of a query that the engine answers; None where graphql-core must."""
    operation = document.operation(asked.operation_name)
    try:
        return await executor.answer(asked.query, node, operation, asked.variables, context)
    except GaveUp:
        return None
    finally:
        await context.session.end()


async def _no_context() -> None:
    """Contexts are opened in `run`; a function that is not async would cost a thread."""


def is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed: errors that no field has."""
    found: list[GraphQLError] = result.errors or []
    return result.data is None and bool(found) and all(error.path is None for error in found)


def negotiated(accept: str) -> str:
    """Which of the two types of answers the client likes better."""
    wishes = dict(_wish(part) for part in reversed(accept.lower().split(",")))
    wish = wishes.get(RESPONSE, 0.0)
    return RESPONSE if wish > 0 and wish >= wishes.get(JSON, 0.0) else JSON


def encoded(answer: Mapping[str, Any], status: int, kind: str) -> Response:
    """The answer as bytes."""
    headers = {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-store"}
    return Response(_written(answer), status, headers)


def _written(answer: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:
        # What PostgreSQL keeps as JSON may be nested deeper than orjson goes.
        return json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()


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


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return request.method == "GET" and "query" not in request.query_params and "text/html" in accept
