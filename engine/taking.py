"""Taking: the values of a request's variables and arguments, coerced as graphql-core does.

Text that is taken for an ID or a String stays as it is; most requests bring nothing else, and
graphql-core and Strawberry need not be asked about it.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from graphql import (
    GraphQLArgument,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_nullable_type,
    is_non_null_type,
    type_from_ast,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.types.arguments import convert_arguments

from engine.arguments import Arguments
from engine.plans import Asked

_TEXTS = ("ID", "String")


class Misfit(Exception):
    """Variables do not fit their definitions."""


class Variables:
    """The values of one request's variables."""

    def __init__(self, schema: Any, operation: OperationDefinitionNode, given: Any) -> None:
        self._schema = schema
        self._operation = operation
        self._given = given

    @cached_property
    def coerced(self) -> Mapping[str, Any]:
        """The values by name; those that are not given and have no default are absent."""
        return self.values.coerced

    @cached_property
    def values(self) -> VariableValues:
        """The same as graphql-core has them; raises Misfit."""
        definitions = self._operation.variable_definitions or ()
        found = get_variable_values(self._schema, definitions, dict(self._given))
        if isinstance(found, list):
            raise Misfit
        return found

    def take_texts(self, names: tuple[str, ...]) -> None:
        """Take these as they are, where all of them are given as text."""
        given = self._given
        if all(type(given.get(name)) is str for name in names):
            self.coerced = {name: given[name] for name in names}


def texts(schema: Any, operation: OperationDefinitionNode) -> tuple[str, ...] | None:
    """The variables of an operation, if all of them are IDs and Strings."""
    names: list[str] = []
    for definition in operation.variable_definitions or ():
        kind: Any = type_from_ast(schema, definition.type)
        if getattr(get_nullable_type(kind), "name", None) not in _TEXTS:
            return None
        names.append(definition.variable.name.value)
    return tuple(names)


class Takes:
    """The arguments of one request's fields, each taken once."""

    def __init__(self, schema: Any, variables: Variables) -> None:
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
            self._values[asked] = self._texts(asked) or self._coerced(asked)
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

    def _texts(self, asked: Asked) -> dict[str, Any] | None:
        """The values of arguments that are variables of text, all of them given."""
        if asked.texts is None:
            asked.texts = _texts_of(asked)
        coerced = self._variables.coerced
        values = {name: coerced.get(variable) for name, variable in asked.texts.items()}
        return values if all(type(value) is str for value in values.values()) else None

    def _coerced(self, asked: Asked) -> dict[str, Any]:
        coerced = get_argument_values(asked.field, asked.node, self._variables.values)
        return convert_arguments(
            coerced,
            asked.definition.arguments,
            scalar_registry=self._schema.schema_converter.scalar_registry,
            config=self._schema.config,
        )


def _texts_of(asked: Asked) -> dict[str, str]:
    """Python's names of a field's arguments and the variables they are; empty if one is more."""
    nodes = {node.name.value: node.value for node in asked.node.arguments or ()}
    names = {}
    for argument in asked.definition.arguments:
        name = _shown(asked, argument)
        declared, node = asked.field.args[name], nodes.get(name)
        if node is None and _is_optional(declared):
            continue
        if not isinstance(node, VariableNode) or _kind(declared) not in _TEXTS:
            return {}
        names[argument.python_name] = node.name.value
    return names


def _shown(asked: Asked, argument: Any) -> str:
    return next(
        name
        for name, declared in asked.field.args.items()
        if declared.extensions.get("strawberry-definition") is argument
    )


def _kind(declared: GraphQLArgument) -> str | None:
    return getattr(get_nullable_type(declared.type), "name", None)


def _is_optional(declared: GraphQLArgument) -> bool:
    has_default = declared.default is not None or declared.default_value is not Undefined
    return not (has_default or is_non_null_type(declared.type))
