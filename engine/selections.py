"""Selections: which columns of a row the selected fields read."""

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    value_from_ast_untyped,
)
from strawberry.types import Info

Resolving = GraphQLResolveInfo[Any]

DECLARED = "engine.declared"


def columns(info: Info) -> tuple[str, ...]:
    """The columns that the selection below this field reads of its rows, in a stable order."""
    raw: Resolving = info._raw_info
    known: dict[Any, tuple[str, ...]] = info.context.selected
    place = tuple(map(id, raw.field_nodes))
    if place not in known:
        selected = [node.selection_set for node in raw.field_nodes if node.selection_set]
        known[place] = _ordered(_reads(raw, get_named_type(raw.return_type), selected))
    return known[place]


def columns_of(info: Info, name: str) -> tuple[str, ...]:
    """The same for one object type that this field, an interface or a union, may turn out as."""
    raw: Resolving = info._raw_info
    selected = [node.selection_set for node in raw.field_nodes if node.selection_set]
    return _ordered(_reads(raw, raw.schema.type_map[name], selected))


def _ordered(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found)))


def _reads(info: Resolving, kind: Any, selected: list[SelectionSetNode]) -> Iterator[str]:
    for node in _fields(info, kind, selected):
        if node.name.value.startswith("__"):
            continue
        field = kind.fields[node.name.value]
        below = [node.selection_set] if node.selection_set else []
        yield from _field_reads(info, field, below)


def _field_reads(info: Resolving, field: Any, below: list[SelectionSetNode]) -> Iterator[str]:
    definition = field.extensions["strawberry-definition"]
    if DECLARED not in definition.metadata:
        return
    declared = definition.metadata[DECLARED]
    if declared is None:
        yield definition.python_name
        return
    inner = get_named_type(field.type)
    if declared.joined:
        yield f"{declared.joined}.id"
        yield from (f"{declared.joined}.{name}" for name in _reads(info, inner, below))
        return
    yield from declared.reads
    if declared.same_row:
        yield from _reads(info, inner, below)


def _fields(info: Resolving, kind: Any, selected: list[SelectionSetNode]) -> Iterator[FieldNode]:
    for selection_set in selected:
        for selection in selection_set.selections:
            if not _included(info, selection.directives):
                continue
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                if _applies(info, kind, selection.type_condition):
                    yield from _fields(info, kind, [selection.selection_set])
            elif isinstance(selection, FragmentSpreadNode):
                fragment = info.fragments[selection.name.value]
                if _applies(info, kind, fragment.type_condition):
                    yield from _fields(info, kind, [fragment.selection_set])


def _applies(info: Resolving, kind: GraphQLObjectType, condition: Any) -> bool:
    if condition is None or condition.name.value == kind.name:
        return True
    other = info.schema.type_map.get(condition.name.value)
    return is_abstract_type(other) and info.schema.is_sub_type(other, kind)


def _included(info: Resolving, directives: Iterable[DirectiveNode] | None) -> bool:
    for directive in directives or ():
        if directive.name.value == GraphQLSkipDirective.name and _condition(info, directive):
            return False
        if directive.name.value == GraphQLIncludeDirective.name and not _condition(info, directive):
            return False
    return True


def _condition(info: Resolving, directive: DirectiveNode) -> bool:
    (argument,) = directive.arguments or ()
    # Strawberry hands on the plain values where graphql-core's type promises more.
    values: Any = info.variable_values
    return bool(value_from_ast_untyped(argument.value, values))
