"""Taking: the values of a request's arguments, coerced exactly as graphql-core does."""

from typing import Any

from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments

from engine.arguments import Arguments
from engine.plans import Asked


class Takes:
    """The arguments of one request's fields, each taken once."""

    def __init__(self, schema: Any, variables: Any) -> None:
        self._schema = schema
        self._variables = variables
        self._values: dict[Asked, dict[str, Any]] = {}
        self._taken: dict[Asked, Arguments] = {}

    def values(self, asked: Asked | None) -> dict[str, Any]:
        """The values by name, as Strawberry hands them to resolvers."""
        if asked is None:
            return {}
        if not asked.varies:
            if asked.values is None:
                asked.values = self._coerced(asked)
            return asked.values
        if asked not in self._values:
            self._values[asked] = self._coerced(asked)
        return self._values[asked]

    def taken(self, asked: Asked | None) -> Arguments:
        """What the batch function takes of them."""
        if asked is None:
            return ()
        if not asked.varies:
            if asked.taken is None:
                asked.taken = asked.declared.signature.take(self.values(asked))
            return asked.taken
        if asked not in self._taken:
            self._taken[asked] = asked.declared.signature.take(self.values(asked))
        return self._taken[asked]

    def given(self, asked: Asked | None) -> dict[str, Any]:
        """The same for a computed field, by name."""
        return dict(self.taken(asked))

    def _coerced(self, asked: Asked) -> dict[str, Any]:
        coerced = get_argument_values(asked.field, asked.node, self._variables)
        return convert_arguments(
            coerced,
            asked.definition.arguments,
            scalar_registry=self._schema.schema_converter.scalar_registry,
            config=self._schema.config,
        )
