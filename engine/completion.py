"""Completion: from rows to what the client gets, by code made for each selection.

One list comprehension completes all objects of a selection at once; it is the fastest loop that
Python has. Whatever does not fit its type raises, and the operation is answered by graphql-core.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    get_nullable_type,
)
from graphql.pyutils import is_iterable

Complete = Callable[..., list[dict[str, Any]]]
Fit = Callable[[Any], Any]

# What these hold is sent as it is; anything else is made into one of them, or refused.
_PASSED = {"String": str, "ID": str, "Boolean": bool}


class Unfit(Exception):
    """A value does not fit its type, or is missing where it must not be."""


def compiled(selection: Any) -> Complete:
    """`(objects, context, arguments, values) -> completed objects`.

    `arguments` are those of computed leaves by name; `values` are the completed values of the
    other fields by name, one for each object.
    """
    names: dict[str, Any] = {}
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
    return _fitted(leaf.name, value, leaf.type, names)


def _fitted(name: str, value: str, kind: Any, names: dict[str, Any]) -> str:
    inner = get_nullable_type(kind)
    names[f"c_{name}"] = fitting(kind)
    if isinstance(inner, GraphQLList) or inner.name not in _PASSED:
        return f"c_{name}({value})"
    names[f"t_{name}"] = _PASSED[inner.name]
    known = f"type(x := {value}) is t_{name}"
    if not isinstance(kind, GraphQLNonNull):
        known = f"(x := {value}) is None or type(x) is t_{name}"
    return f"(x if {known} else c_{name}(x))"


def fitting(kind: Any) -> Fit:
    """What makes a value of a leaf type, or of a list of them, fit to be sent."""
    if isinstance(kind, GraphQLNonNull):
        inner = fitting(kind.of_type)
        return lambda value: _missing() if value is None else inner(value)
    if isinstance(kind, GraphQLList):
        item = fitting(kind.of_type)
        return lambda value: None if value is None else [item(each) for each in items(value)]
    if isinstance(kind, GraphQLEnumType):
        return _spelled(kind)
    coerced = kind.coerce_output_value
    if kind.name == "Int":
        return _integer(coerced)
    if kind.name == "Float":
        return _number(coerced)
    return lambda value: None if value is None else _made(coerced(value))


def items(value: Any) -> Any:
    """The items of a list, if it is one; whatever else could be walked is none."""
    if type(value) is not list and not is_iterable(value):
        raise Unfit("no list")
    return value


def _integer(coerced: Fit) -> Fit:
    def fit(value: Any) -> Any:
        if value is None or (type(value) is int and -2147483648 <= value <= 2147483647):
            return value
        return _made(coerced(value))

    return fit


def _number(coerced: Fit) -> Fit:
    def fit(value: Any) -> Any:
        if value is None or (type(value) is float and isfinite(value)):
            return value
        return _made(coerced(value))

    return fit


def _spelled(kind: GraphQLEnumType) -> Fit:
    """Names of an enum's values, each worked out once."""
    known: dict[Any, str | None] = {None: None}

    def spell(value: Any) -> str | None:
        place = value if type(value) is str or value is None else (type(value), value)
        if place not in known:
            known[place] = kind.coerce_output_value(value)
        return known[place]

    return spell


def _made(value: Any) -> Any:
    return _missing() if value is None or value is Undefined else value


def _missing() -> Any:
    raise Unfit("null where there must be a value")
