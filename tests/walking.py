"""Walks the whole schema: makes a query for every field that leads somewhere."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_required_argument,
)

from schema import root

Path = tuple[str, ...]
SCHEMA = root.build()._schema


def node_types(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """The types whose objects have an id of their own."""
    node = schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    return sorted(schema.get_possible_types(node), key=lambda kind: kind.name)


def leading_fields(kind: GraphQLObjectType) -> list[str]:
    """The fields of a type that return a list or an object."""
    return [
        name
        for name, field in kind.fields.items()
        if is_composite_type(get_named_type(field.type)) or "[" in str(field.type)
    ]


def selection(schema: GraphQLSchema, kind: Any, levels: int) -> str:
    """Everything below a type; objects with an id are followed for so many levels more."""
    if not levels and _has_id(schema, kind):
        return "{ __typename }"
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        members = schema.get_possible_types(kind)
        inner = [f"... on {one.name} {selection(schema, one, levels)}" for one in members]
        return "{ __typename " + " ".join(inner) + " }"
    parts = [field_text(schema, kind, name, levels) for name in kind.fields]
    return "{ __typename " + " ".join(filter(None, parts)) + " }"


def field_text(schema: GraphQLSchema, kind: Any, name: str, levels: int) -> str:
    """One field with what is below it; empty where there is nothing to follow any more."""
    field = kind.fields[name]
    if required_text(field) is None:
        return ""
    inner = get_named_type(field.type)
    alias = aliased(kind, name)
    if not is_composite_type(inner):
        return alias
    if not _has_id(schema, inner):
        return f"{alias} {selection(schema, inner, levels)}" if _fits(inner, levels) else ""
    return f"{alias} {selection(schema, inner, levels - 1)}" if levels else ""


def aliased(kind: Any, name: str) -> str:
    """A field under a name that no other type's fields have, with the arguments it must have."""
    given = required_text(kind.fields[name])
    return f"{kind.name}_{name}: {name}{f'({given})' if given else ''}"


def required_text(field: Any, without: str = "") -> str | None:
    """The arguments that a field must have, but for one; None where an id must be known."""
    names = [n for n, a in field.args.items() if n != without and is_required_argument(a)]
    kinds = [get_nullable_type(field.args[name].type) for name in names]
    literals = [literal(kind) for kind in kinds]
    pairs = zip(names, literals, strict=True)
    return None if None in literals else ", ".join(f"{name}: {text}" for name, text in pairs)


def literal(kind: Any) -> str | None:
    """Some value of a type; None where it cannot be guessed."""
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    inner = get_named_type(kind)
    text = {"String": '"ui"', "Int": "1"}.get(inner.name)
    return f"[{text}]" if text and isinstance(kind, GraphQLList) else text


def id_arguments(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str, Path, bool]]:
    """Every place for an id in a query's argument: type, field and path, and if it is a list."""
    for kind in schema.type_map.values():
        if kind is schema.mutation_type or kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                for argument, value in field.args.items():
                    for path, many in _ids((argument,), value.type, ()):
                        yield kind, name, path, many


def argument_text(path: Path, value: str) -> str:
    """A path of input fields as the literal of an argument."""
    name, *inner = path
    return f"{name}: " + "".join(f"{{{step}: " for step in inner) + value + "}" * len(inner)


def _ids(path: Path, kind: Any, seen: tuple[str, ...]) -> Iterator[tuple[Path, bool]]:
    inner = get_named_type(kind)
    if inner.name == "ID":
        yield path, "[" in str(kind)
    if isinstance(inner, GraphQLInputObjectType) and inner.name not in seen:
        for name, field in inner.fields.items():
            if get_named_type(field.type) is not inner:
                yield from _ids((*path, name), field.type, (*seen, inner.name))


def _has_id(schema: GraphQLSchema, kind: Any) -> bool:
    if isinstance(kind, GraphQLUnionType):
        return True
    node = schema.type_map["Node"]
    interfaces = getattr(kind, "interfaces", ())
    return kind is node or any(one is node for one in interfaces)


def _fits(kind: Any, levels: int) -> bool:
    return levels > 0 or not any(
        is_composite_type(get_named_type(field.type)) for field in kind.fields.values()
    )
