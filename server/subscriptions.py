"""Subscriptions: from what an operation asks to what is followed, and by whom it is shared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
)
from graphql.execution.values import get_argument_values, get_variable_values
from strawberry import Schema
from strawberry.types.arguments import convert_arguments

from db.cursors import Cursors
from db.events import Event
from engine.declarations import DECLARED
from engine.merging import Merging
from engine.watching import Watched
from resolvers.events import Watch
from server import errors
from server.answers import Chosen, OpenContext
from server.auth import Viewer
from server.bodies import Asked
from server.hub import Subscription
from server.rendering import Renderer
from server.sharing import Shapes


class Wrong(Exception):
    """An operation that cannot be subscribed to; the errors say why."""

    def __init__(self, *problems: GraphQLError) -> None:
        super().__init__(*problems)
        self.problems = problems


class Subscriptions:
    """Opens subscriptions of one schema."""

    def __init__(
        self, schema: Schema, cursors: Cursors, open_context: OpenContext, renderer: Renderer
    ) -> None:
        self.cursors = cursors
        self._schema = schema
        self._shapes = Shapes(schema._schema)
        self._open_context = open_context
        self._renderer = renderer

    async def open(
        self,
        viewer: Viewer,
        chosen: Chosen,
        asked: Asked,
        after: str | None = None,
    ) -> Subscription:
        """What is followed; `after` counts instead of the argument. Raises Wrong and Problem."""
        node = chosen.node
        field, given = self._field(node, chosen.operation, asked.variables or {})
        if after is not None:
            given["after"] = after
        watch = await self._begun(viewer, field, given)
        shape = self._shapes.of(asked.query, node)
        lasting = shape.lasting(asked.variables or {}, field.node)
        key = (
            asked.query,
            asked.operation_name,
            orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS),
            watch.place.scope,
            viewer.id if shape.is_personal else None,
        )

        async def render(viewer: Viewer, event: Event) -> str | None:
            return await self._renderer.text(viewer, chosen, asked, event)

        return Subscription(key, viewer, watch, render)

    def _field(
        self, node: DocumentNode, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> tuple["_Field", dict[str, Any]]:
        """The one field at the root, and its arguments by Python's names."""
        schema = self._schema._schema
        variables = get_variable_values(schema, operation.variable_definitions or (), dict(given))
        if isinstance(variables, list):
            raise Wrong(*variables)
        fragments = {
            one.name.value: one
            for one in node.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        root = schema.subscription_type
        if root is None:
            raise Wrong(_bad("There is nothing to subscribe to."))
        merging = Merging(schema, fragments, variables.coerced)
        found = list(merging.merged(root, [operation.selection_set]).values())
        if len(found) != 1:
            raise Wrong(_bad("A subscription asks for one field."))
        one = found[0][0]
        kind = root.fields[one.name.value]
        definition = kind.extensions["strawberry-definition"]
        try:
            values = get_argument_values(kind, one, variables)
        except GraphQLError as error:
            raise Wrong(error) from error
        taken = convert_arguments(
            values,
            definition.arguments,
            scalar_registry=self._schema.schema_converter.scalar_registry,
            config=self._schema.config,
        )
        return _Field(one, definition.metadata[DECLARED]), taken

    async def _begun(self, viewer: Viewer, field: "_Field", given: dict[str, Any]) -> Watch:
        context = await self._open_context(viewer)
        try:
            taken = dict(field.declared.signature.take(given))
            watch: Watch = await field.declared.begin(context, **taken)
            return watch
        finally:
            await context.session.end()


@dataclass(frozen=True)
class _Field:
    """The field that is subscribed to."""

    node: FieldNode
    declared: Watched


def _bad(message: str) -> GraphQLError:
    return errors.request_error("BAD_USER_INPUT", message)
