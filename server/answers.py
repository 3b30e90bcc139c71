"""Answers: from what a request says to what it gets, whichever lane it came by."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, execute
from graphql import ExecutionResult as Executed
from starlette.types import Receive
from strawberry import Schema
from strawberry.types import ExecutionResult

from db.errors import Unavailable
from engine.executor import Executor, GaveUp
from server import errors, limits, metrics
from server.auth import Authenticator, Viewer
from server.bodies import Asked
from server.departures import Departed, Lookout
from server.documents import Document, Documents
from server.errors import Refused
from server.replies import RESPONSE, Reply, Stream, encoded, negotiated, refusal, wished

OpenContext = Callable[[Viewer], Awaitable[Any]]
Read = Callable[[], Awaitable[Asked]]
OpenStream = Callable[[Viewer], "Stream"]

# Strawberry logs every error, expected ones too; `errors.masked` logs those that matter.
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)


class Chosen(NamedTuple):
    """An operation of a valid document."""

    document: Document
    node: DocumentNode
    operation: OperationDefinitionNode

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.operation.operation


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
        self.authenticator = authenticator
        self.open_context = open_context
        self._suggestions = suggestions
        self._lookout = Lookout()
        self.executor = executor
        self.open_stream: OpenStream = _no_streams

    async def reply(
        self, method: str, headers: Mapping[str, str], read: Read, receive: Receive
    ) -> Reply | Stream:
        """The reply to a request; whatever happens, it is GraphQL's."""
        kind = negotiated(headers.get("accept", ""))
        try:
            return await self._reply(method, headers, read, receive, kind)
        except Refused as refused:
            return refusal(refused, kind)
        except Unavailable as error:
            return refusal(Refused(503, error.code, error.message), kind)
        except Departed:
            return Reply(_GONE, {}, b"")
        except Exception as error:
            return encoded({"errors": [errors.masked(error)]}, 500, kind)

    async def _reply(
        self, method: str, headers: Mapping[str, str], read: Read, receive: Receive, kind: str
    ) -> Reply | Stream:
        viewer = await self.authenticator.viewer(headers)
        asked = await read()
        chosen = self.chosen(asked)
        if isinstance(chosen, ExecutionResult):
            return self._written(chosen, kind)
        operation = chosen.kind
        _check_method(method, operation)
        streams, others = wished(headers.get("accept", ""))
        if operation is OperationType.SUBSCRIPTION or (streams and not others):
            if not streams:
                raise Refused(406, "BAD_USER_INPUT", _STREAMS)
            stream = self.open_stream(viewer)
            stream.begin(asked, headers.get("last-event-id"))
            return stream
        run = await self.begun(viewer)
        result = self.executed(asked, chosen, run)
        if operation is OperationType.QUERY:
            result = self._lookout.watched(result, receive, run.stop)
        return self._written(await result, kind)

    def chosen(self, asked: Asked) -> Chosen | ExecutionResult:
        """The operation that is asked for, or why there is none that can be executed."""
        document = self._documents.read(asked.query)
        variables = asked.variables or {}
        wrong = document.errors or limits.check_variables(variables, self._documents.limits)
        if wrong or document.node is None:
            return ExecutionResult(None, list(wrong))
        return Chosen(document, document.node, document.operation(asked.operation_name))

    async def begun(self, viewer: Viewer) -> "Run":
        """An operation of this viewer's, about to be executed."""
        return Run(await self.open_context(viewer))

    async def executed(self, asked: Asked, chosen: Chosen, run: "Run") -> ExecutionResult:
        """What a query or a mutation results in."""
        outcome = "failed"
        try:
            result = await self._executed(asked, chosen, run)
            outcome = "errors" if result.errors else "ok"
            return result
        finally:
            metrics.executed(chosen.kind.value, outcome).inc()

    async def _executed(self, asked: Asked, chosen: Chosen, run: "Run") -> ExecutionResult:
        context = run.context
        node = chosen.node
        if self.executor is not None:
            try:
                data = await self.executor.answer(
                    asked.query, node, chosen.operation, asked.variables, context
                )
            except GaveUp:
                data = None
            finally:
                await context.session.end()
            if data is not None:
                return ExecutionResult(data, None)
            context = context.again()
        run.begin(context)
        try:
            result = execute(
                self._schema._schema,
                node,
                context_value=context,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
            )
            done = result if isinstance(result, Executed) else await result
            return ExecutionResult(done.data, done.errors)
        finally:
            await context.session.end()

    def answer(self, result: ExecutionResult) -> dict[str, Any]:
        """The result as it is sent: its errors coded, nothing internal in them."""
        answer: dict[str, Any] = {}
        if result.errors:
            answer["errors"] = list(errors.formatted(result.errors, self._suggestions))
        if not is_request_error(result):
            answer["data"] = result.data
        if result.extensions:
            answer["extensions"] = result.extensions
        return answer

    def _written(self, result: ExecutionResult, kind: str) -> Reply:
        is_wrong = is_request_error(result) and kind == RESPONSE
        return encoded(self.answer(result), 400 if is_wrong else 200, kind)


class Run:
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


_STREAMS = "Subscriptions are answered by WebSocket or, where that is accepted, by event streams."
# nginx's own number for a client that did not wait; nobody is there to see it.
_GONE = 499


def is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed: errors that no field has."""
    found: list[GraphQLError] = result.errors or []
    return result.data is None and bool(found) and all(error.path is None for error in found)


def _no_streams(_: Viewer) -> Stream:
    raise Refused(406, "BAD_USER_INPUT", "There are no event streams here.")


def _check_method(method: str, operation: OperationType) -> None:
    if operation is OperationType.MUTATION and method == "GET":
        message = "Mutations are sent by POST."
        raise Refused(405, "METHOD_NOT_ALLOWED", message, {"Allow": "POST"})
