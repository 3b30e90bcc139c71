"""Merging: the fields that a selection asks of one type, fragments and switches resolved."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
    value_from_ast_untyped,
)

SWITCHES = {"skip": False, "include": True}


class Unsupported(Exception):
    """This operation is none for the engine; the message says why."""


class Merging:
    """Merges selections of one operation, for one set of `@skip` and `@include` values."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self._fragments = fragments
        self._variables = variables

    def merged(
        self, kind: GraphQLObjectType, below: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """The fields of a type by the names they have in the answer, in the answer's order."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in below:
            for node in self._fields(kind, selection_set, seen):
                name = node.alias.value if node.alias else node.name.value
                found.setdefault(name, []).append(node)
        return found

    def _fields(
        self, kind: GraphQLObjectType, selection_set: SelectionSetNode, seen: set[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if self._applies(kind, node.type_condition):
                    yield from self._fields(kind, node.selection_set, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                fragment = self._fragments[node.name.value]
                if self._applies(kind, fragment.type_condition):
                    seen.add(node.name.value)
                    yield from self._fields(kind, fragment.selection_set, seen)

    def _applies(self, kind: GraphQLObjectType, condition: Any) -> bool:
        if condition is None or condition.name.value == kind.name:
            return True
        other = self.schema.type_map[condition.name.value]
        return is_abstract_type(other) and self.schema.is_sub_type(other, kind)

    def _included(self, node: SelectionNode) -> bool:
        return all(
            self._is_on(directive) is SWITCHES[directive.name.value]
            for directive in node.directives or ()
            if directive.name.value in SWITCHES
        )

    def _is_on(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        return bool(value_from_ast_untyped(argument.value, dict(self._variables)))
