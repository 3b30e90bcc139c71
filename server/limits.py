"""Limits: how large a request may be, counted in one walk before anything runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from server.errors import request_error


class Limits(BaseModel):
    """The largest request that is answered; fragments count as often as they are spread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body: PositiveInt = Field(default=1_048_576, description="Bytes of a request's body.")
    tokens: PositiveInt = Field(default=10_000, description="Tokens of a document.")
    depth: PositiveInt = Field(default=15, description="Levels of fields inside one another.")
    fields: PositiveInt = Field(default=10_000, description="Fields selected in all.")
    aliases: PositiveInt = Field(default=100, description="Fields that are given another name.")
    root_fields: PositiveInt = Field(default=20, description="Fields at the root of a query.")
    mutations: PositiveInt = Field(default=10, description="Fields at the root of a mutation.")
    directives: PositiveInt = Field(default=50, description="Directives.")
    page: PositiveInt = Field(default=500, description="Items of a page.")
    ids: PositiveInt = Field(default=5_000, description="Ids asked for at once.")
    values: PositiveInt = Field(default=10_000, description="Values in variables, inner ones too.")
    nesting: PositiveInt = Field(default=100, description="Levels of values in a variable.")
    message: PositiveInt = Field(default=65_536, description="Bytes of a message on a socket.")
    operations: PositiveInt = Field(
        default=20, description="Operations under way on a socket or an event stream."
    )
    sockets: PositiveInt = Field(
        default=50, description="Sockets and event streams of one viewer, in each process."
    )
    init_seconds: PositiveFloat = Field(
        default=10, description="Seconds for a new socket to say whose it is."
    )
    body_seconds: PositiveFloat = Field(default=30, description="Seconds for a body to arrive.")


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What is too large in this document, one error for each limit of each operation."""
    walk = _Walk(document, limits)
    try:
        sizes = [(operation, walk.operation(operation)) for operation in walk.operations]
    except RecursionError:
        return [_exceeded("The document's fragments are nested too deeply.")]
    return walk.errors + [e for o, size in sizes for e in _excesses(o, size, limits)]


def check_variables(variables: Mapping[str, Any], limits: Limits) -> list[GraphQLError]:
    """The first variable that is too large, each value counted once."""
    left = limits.values
    for name, value in variables.items():
        level, depth = [value], 0
        while level:
            left, depth = left - len(level), depth + 1
            if left < 0:
                return [_too_large(name, f"Variables hold at most {limits.values} values.")]
            if depth > limits.nesting:
                return [_too_large(name, f"Values are nested at most {limits.nesting} deep.")]
            level = [inner for each in level for inner in _inside(each)]
    return []


@dataclass(slots=True)
class _Size:
    depth: int = 0
    width: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def add(self, other: "_Size") -> None:
        self.depth = max(self.depth, other.depth)
        self.width += other.width
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives


class _Walk:
    """Sizes by arithmetic: each fragment is walked once, and added as often as it is spread."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self.errors: list[GraphQLError] = []
        self.operations: list[OperationDefinitionNode] = []
        self._limits = limits
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        self._sizes: dict[str, _Size] = {}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.operations.append(definition)
            elif isinstance(definition, FragmentDefinitionNode):
                self._fragments[definition.name.value] = definition

    def operation(self, node: OperationDefinitionNode) -> _Size:
        size = self._selected(node.selection_set)
        size.directives += len(node.directives or ())
        size.directives += sum(len(v.directives or ()) for v in node.variable_definitions or ())
        return size

    def _selected(self, selection_set: SelectionSetNode | None) -> _Size:
        size = _Size()
        for selection in selection_set.selections if selection_set else ():
            size.add(self._selection(selection))
            size.directives += len(selection.directives or ())
        return size

    def _selection(self, selection: SelectionNode) -> _Size:
        if isinstance(selection, FieldNode):
            return self._field(selection)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value)
        inline: SelectionSetNode = selection.selection_set  # type: ignore[attr-defined]
        return self._selected(inline)

    def _field(self, field: FieldNode) -> _Size:
        if field.arguments:
            self._check_arguments(field)
        inner = self._selected(field.selection_set)
        # Relay names `__typename` after every interface; that costs nothing.
        renamed = field.alias is not None and field.name.value != "__typename"
        aliases = inner.aliases + renamed
        return _Size(inner.depth + 1, 1, inner.fields + 1, aliases, inner.directives)

    def _fragment(self, name: str) -> _Size:
        if name not in self._sizes and name in self._fragments:
            # A cycle finds this empty size; validation refuses cycles afterwards.
            self._sizes[name] = _Size()
            fragment = self._fragments[name]
            size = self._selected(fragment.selection_set)
            size.directives += len(fragment.directives or ())
            self._sizes[name] = size
        return self._sizes.get(name, _Size())

    def _check_arguments(self, field: FieldNode) -> None:
        for argument in field.arguments or ():
            name, value = argument.name.value, argument.value
            if name in ("first", "last") and _is_above(value, self._limits.page):
                self._refuse(argument, name, f"A page has at most {self._limits.page} items.")
            if name == "ids" and _is_longer(value, self._limits.ids):
                self._refuse(argument, name, f"At most {self._limits.ids} ids at once.")

    def _refuse(self, node: Any, argument: str, message: str) -> None:
        extensions = {"code": "LIMIT_EXCEEDED", "argument": argument}
        self.errors.append(GraphQLError(message, nodes=[node], extensions=extensions))


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _is_above(value: ValueNode, limit: int) -> bool:
    # Digits first: turning thousands of them into a number is slow, or refused.
    return isinstance(value, IntValueNode) and (
        len(value.value) > len(str(limit)) or int(value.value) > limit
    )


def _is_longer(value: ValueNode, limit: int) -> bool:
    return isinstance(value, ListValueNode) and len(value.values) > limit


def _excesses(
    operation: OperationDefinitionNode, size: _Size, limits: Limits
) -> Iterator[GraphQLError]:
    changes = operation.operation is OperationType.MUTATION
    counted = (
        (size.depth, limits.depth, "levels of fields"),
        (size.fields, limits.fields, "fields"),
        (size.aliases, limits.aliases, "aliases"),
        (size.width, limits.mutations if changes else limits.root_fields, "fields at its root"),
        (size.directives, limits.directives, "directives"),
    )
    for found, allowed, what in counted:
        if found > allowed:
            number = str(found) if found < 1_000_000 else "millions of"
            yield _exceeded(f"The operation has {number} {what}; {allowed} are allowed.", operation)


def _too_large(variable: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED", "argument": variable})


def _exceeded(message: str, node: Any = None) -> GraphQLError:
    return request_error("LIMIT_EXCEEDED", message, nodes=[node] if node else None)
