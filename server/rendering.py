"""Rendering: what an event says to those who follow, as a viewer may see it."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from graphql import ExecutionResult, execute
from strawberry import Schema

from db import events, wires
from db.errors import Unavailable
from db.events import Event
from engine.executor import Executor, GaveUp
from engine.watching import Beside
from resolvers.context import Context
from server import errors, replies
from server.answers import Chosen, OpenContext
from server.auth import Viewer
from server.bodies import Asked


class Renderer:
    """Executes subscriptions of one schema for one event after another."""

    def __init__(
        self,
        schema: Schema,
        open_context: OpenContext,
        suggestions: bool,
        executor: Executor | None = None,
    ) -> None:
        self._schema = schema
        self._open_context = open_context
        self._suggestions = suggestions
        self._executor = executor

    async def text(self, viewer: Viewer, chosen: Chosen, asked: Asked, event: Event) -> str | None:
        """What an event says; None when this viewer may not be told.

        Raises Unavailable when the database is away before all of it is read.
        """
        try:
            result = await self._executed(viewer, chosen, asked, event)
        except Exception as error:
            _check_that_it_was_there(error)
            raise
        for wrong in (result and result.errors) or ():
            _check_that_it_was_there(errors.cause_of(wrong))
        return None if result is None else self._written(result)

    async def _executed(
        self, viewer: Viewer, chosen: Chosen, asked: Asked, event: Event
    ) -> ExecutionResult | None:
        context: Context = await self._open_context(viewer)
        try:
            return await self._by_engine(context, chosen, asked, event)
        except GaveUp:
            context = context.again()
            return await self._by_core(context, chosen, asked, event)
        finally:
            await context.session.end()

    async def _by_engine(
        self, context: Context, chosen: Chosen, asked: Asked, event: Event
    ) -> ExecutionResult | None:
        if self._executor is None:
            raise GaveUp
        beside = Beside(events.places, [event.place.scope])
        try:
            found = await self._executor.answer(
                asked.query,
                chosen.node,
                chosen.operation,
                asked.variables,
                context,
                event,
                beside,
            )
        finally:
            await context.session.end()
        if found is None:
            raise GaveUp
        return ExecutionResult(found, None) if beside.said else None

    async def _by_core(
        self, context: Context, chosen: Chosen, asked: Asked, event: Event
    ) -> ExecutionResult | None:
        # It flies together with what is read of the event, and is awaited with it.
        is_visible = context.load(events.places, event.place.scope, (), ())
        result = execute(
            self._schema._schema,
            chosen.node,
            root_value=event,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
        )
        place, answer = await asyncio.gather(is_visible, _finished(result))
        return None if place is None else answer

    def _written(self, result: ExecutionResult) -> str:
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = errors.formatted(result.errors, self._suggestions)
        return replies.written(answer).decode()


async def _finished(result: Awaitable[ExecutionResult] | ExecutionResult) -> ExecutionResult:
    return result if isinstance(result, ExecutionResult) else await result


def _check_that_it_was_there(error: BaseException) -> None:
    if wires.is_away(error):
        raise Unavailable("The database is away; trying again.") from error
