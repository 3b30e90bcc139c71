"""Selections: which columns of a row the selected fields read, for resolvers of graphql-core."""

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import GraphQLResolveInfo, SelectionSetNode, get_named_type
from strawberry.types import Info

from engine.declarations import DECLARED
from engine.merging import Merging

Resolving = GraphQLResolveInfo[Any]


def columns(info: Info) -> tuple[str, ...]:
    """The columns that the selection below this field reads of its rows, in a stable order."""
    raw: Resolving = info._raw_info
    known: dict[Any, tuple[str, ...]] = info.context.selected
    place = tuple(map(id, raw.field_nodes))
    if place not in known:
        known[place] = columns_of(info, get_named_type(raw.return_type).name)
    return known[place]


def columns_of(info: Info, name: str) -> tuple[str, ...]:
    """The same for one object type that this field, an interface or a union, may turn out as."""
    raw: Resolving = info._raw_info
    selected = [node.selection_set for node in raw.field_nodes if node.selection_set]
    return tuple(sorted(set(_reads(_merging(raw), raw.schema.type_map[name], selected))))


def is_alone(info: Info) -> bool:
    """Whether a field at the root is the only one that its operation reads."""
    raw: Resolving = info._raw_info
    asked = _merging(raw).merged(raw.parent_type, [raw.operation.selection_set])
    return sum(not nodes[0].name.value.startswith("__") for nodes in asked.values()) == 1


def _merging(raw: Resolving) -> Merging:
    # Strawberry hands on the plain values where graphql-core's type promises more.
    values: Any = raw.variable_values
    return Merging(raw.schema, raw.fragments, getattr(values, "coerced", values))


def _reads(merging: Merging, kind: Any, selected: Iterable[SelectionSetNode]) -> Iterator[str]:
    for nodes in merging.merged(kind, selected).values():
        name = nodes[0].name.value
        if not name.startswith("__"):
            below = [node.selection_set for node in nodes if node.selection_set]
            yield from _field_reads(merging, kind.fields[name], below)


def _field_reads(merging: Merging, field: Any, below: list[SelectionSetNode]) -> Iterator[str]:
    definition = field.extensions["strawberry-definition"]
    declared = definition.metadata.get(DECLARED)
    if declared is None:
        return
    inner = get_named_type(field.type)
    if declared.joined is not None:
        yield f"{declared.joined}.id"
        yield from (f"{declared.joined}.{name}" for name in _reads(merging, inner, below))
        return
    yield from declared.reads
    if declared.is_column:
        yield definition.python_name
    if declared.same_row:
        yield from _reads(merging, inner, below)
