"""Completion: from rows to what the client gets, by code made for each selection.

One list comprehension completes all objects of a selection at once; it is the fastest loop that
Python has. Whatever does not fit its type raises, and the operation is answered by graphql-core.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, get_named_type, get_nullable_type

Complete = Callable[..., list[dict[str, Any]]]

_PASSED = ("String", "ID", "Boolean")


class Unfit(Exception):
    """A value does not fit its type, or is missing where it must not be."""


def compiled(selection: Any) -> Complete:
    """`(objects, context, arguments, values) -> completed objects`.

    `arguments` are those of computed leaves by name; `values` are the completed values of the
    other fields by name, one for each object.
    """
    names: dict[str, Any] = {"missing": _missing}
    sources = {name: repr(selection.type) for name in selection.typenames}
    for leaf in selection.leaves:
        sources[leaf.name] = _leaf(leaf, names)
    others = [name for name in selection.order if name not in sources]
    sources |= {name: f"v{index}" for index, name in enumerate(others)}
    members = ", ".join(f"{name!r}: {sources[name]}" for name in selection.order)
    loop = "for r in objects"
    if others:
        targets = ", ".join(f"v{index}" for index in range(len(others)))
        lists = ", ".join(f"values[{name!r}]" for name in others)
        loop = f"for r, {targets} in zip(objects, {lists}, strict=True)"
    text = f"def complete(objects, context, arguments, values):\n return [{{{members}}} {loop}]"
    exec(compile(text, f"<{selection.type}>", "exec"), names)  # noqa: S102 - our own text
    complete: Complete = names["complete"]
    return complete


def _leaf(leaf: Any, names: dict[str, Any]) -> str:
    if leaf.computed is not None:
        names[f"f_{leaf.name}"] = leaf.computed.function
        context = ", context" if leaf.computed.wants_context else ""
        given = f", **arguments[{leaf.name!r}]" if leaf.asked else ""
        value = f"f_{leaf.name}(r{context}{given})"
    else:
        value = f"r.{leaf.attribute}"
    return _fitted(leaf.name, value, leaf.type, names, checked=leaf.computed is not None)


def _fitted(name: str, value: str, kind: Any, names: dict[str, Any], checked: bool) -> str:
    required = isinstance(kind, GraphQLNonNull)
    inner = get_nullable_type(kind)
    if isinstance(inner, GraphQLEnumType):
        names[f"e_{name}"] = _spellings(inner, required)
        return f"e_{name}[{value}]"
    if not isinstance(inner, GraphQLList) and inner.name in _PASSED and not checked:
        return f"(x if (x := {value}) is not None else missing())" if required else value
    names[f"c_{name}"] = fitting(kind)
    return f"c_{name}({value})"


def fitting(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of a leaf type, or of a list of them, fit to be sent."""
    if isinstance(kind, GraphQLNonNull):
        inner = fitting(kind.of_type)
        return lambda value: _missing() if value is None else inner(value)
    if isinstance(kind, GraphQLList):
        item = fitting(kind.of_type)
        return lambda value: None if value is None else [item(each) for each in value]
    named = get_named_type(kind)
    if named.name == "Int":
        return _integer
    if named.name == "Float":
        return _number
    serialize = named.serialize
    return lambda value: None if value is None else serialize(value)


def _integer(value: Any) -> Any:
    if value is None or (type(value) is int and -2147483648 <= value <= 2147483647):
        return value
    raise Unfit("an Int")


def _number(value: Any) -> Any:
    if value is None or (type(value) in (int, float) and isfinite(value)):
        return value
    raise Unfit("a Float")


def _spellings(kind: GraphQLEnumType, required: bool) -> Mapping[Any, str | None]:
    known: dict[Any, str | None] = {}
    for name, value in kind.values.items():
        known[value.value] = name
        known[getattr(value.value, "value", value.value)] = name
    return known if required else known | {None: None}


def _missing() -> Any:
    raise Unfit("null where there must be a value")
