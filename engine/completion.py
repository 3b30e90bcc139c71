"""Completion: from rows to what the client gets, by code made for each field that is fetched.

One list comprehension completes all values at once, with the objects inside of them; it is the
fastest loop that Python has. Whatever does not fit its type raises, and the operation is answered
by graphql-core.
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

from engine.plans import Asked, Fetch, Leaf, Onward, Part, Selection, Taker, Typename, Unit
from engine.plans import Wrapping as Shape

Fit = Callable[[Any], Any]

# What these hold is sent as it is; anything else is made into one of them, or refused.
_PASSED = {
    "String": "type(x) is str",
    "ID": "type(x) is str",
    "Boolean": "type(x) is bool",
    "Int": "type(x) is int and -2147483648 <= x <= 2147483647",
    "Float": "type(x) is float and -1.7976931348623157e308 <= x <= 1.7976931348623157e308",
}


def as_it_is(value: Any) -> Any:
    """How scalars are sent that stay as they are kept; it need not be called."""
    return value


class Unfit(Exception):
    """A value does not fit its type, or is missing where it must not be."""


def unit(selection: Selection, shape: Shape) -> Unit:
    """What is made of values of this shape; its code is compiled once."""
    return _Writer().unit(selection, shape)


class _Writer:
    """Writes the code of one unit, with all that it speaks of by name."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {
            "items": items,
            "made": made,
            "missing": missing,
            "some": some,
        }
        self._asking: list[Asked] = []
        self._places: dict[Taker, int] = {}
        self._onwards: list[tuple[Fetch, str, str]] = []
        self._count = 0

    def unit(self, selection: Selection, shape: Shape) -> Unit:
        value, one = self._name("v"), self._name("r")
        if shape.many:
            walk = f"for {value} in values for {one} in some({value})"
            made = self._list(selection, shape, value, one, walk)
        else:
            walk = f"for {value} in values for {one} in ({value},) if {one} is not None"
            made = self._one(selection, shape, value, one, walk)
        code = f"{self._heading()} return [{made} for {value} in values]"
        complete = self._compiled(f"values, context, given, nexts):\n{code}")
        onwards = tuple(self._onward(*each, root=walk) for each in self._onwards)
        return Unit(selection.columns, complete, tuple(self._asking), onwards, len(self._places))

    def _onward(self, fetch: Fetch, one: str, walk: str, root: str) -> Onward:
        given = "".join(f" a{n} = given[{n}]\n" for n in range(len(self._asking)))
        flatten = self._compiled(f"values, context, given):\n{given} return [{one} {walk}]")
        return Onward(fetch, flatten, self._places[fetch.takers[0]], at_root=walk == root)

    def _heading(self) -> str:
        """Local names are found faster than items of a list."""
        given = (f" a{n} = given[{n}]\n" for n in range(len(self._asking)))
        nexts = (f" n{n} = nexts[{n}]\n" for n in self._places.values())
        return "".join((*given, *nexts))

    def _compiled(self, text: str) -> Any:
        names = dict(self._names)
        exec(compile(f"def unit({text}", "<plan>", "exec"), names)  # noqa: S102 - our own text
        return names["unit"]

    def _object(self, selection: Selection, one: str, walk: str) -> str:
        for fetch in selection.fetches:
            for taker in fetch.takers:
                self._places[taker] = len(self._places)
            self._onwards.append((fetch, one, walk))
        members = (
            f"{member.name!r}: {self._member(selection, member, one, walk)}"
            for member in selection.members
        )
        return f"{{{', '.join(members)}}}"

    def _member(self, selection: Selection, member: Any, one: str, walk: str) -> str:
        match member:
            case Typename():
                return repr(selection.type)
            case Leaf():
                return self._fitted(self._value(member, one), member.type)
            case Part():
                return self._part(member, one, walk)
            case Taker():
                return f"n{self._places[member]}()"
        raise TypeError(f"{member} is no member of a selection")

    def _part(self, part: Part, above: str, walk: str) -> str:
        value, one = self._value(part, above), self._name("r")
        if part.shape.many:
            walk = f"{walk} for {one} in some({value})"
            return self._list(part.selection, part.shape, value, one, walk)
        walk = f"{walk} for {one} in ({value},) if {one} is not None"
        return self._one(part.selection, part.shape, value, one, walk)

    def _one(self, selection: Selection, shape: Shape, value: str, one: str, walk: str) -> str:
        made = self._object(selection, one, walk)
        return f"({made} if ({one} := {value}) is not None else {_absent(shape.required)})"

    def _list(self, selection: Selection, shape: Shape, value: str, one: str, walk: str) -> str:
        made = self._object(selection, one, f"{walk} if {one} is not None")
        item = f"{made} if {one} is not None else {_absent(shape.items_required)}"
        if shape.required:
            return f"[{item} for {one} in items({value})]"
        listed = self._name("l")
        absent = f"None if ({listed} := {value}) is None"
        return f"({absent} else [{item} for {one} in items({listed})])"

    def _value(self, member: Leaf | Part, one: str) -> str:
        if member.computed is None:
            return f"{one}.{member.attribute}"
        function = self._known("f", member.computed.function)
        context = ", context" if member.computed.wants_context else ""
        given = ""
        if member.asked is not None:
            given = f", **a{len(self._asking)}"
            self._asking.append(member.asked)
        return f"{function}({one}{context}{given})"

    def _fitted(self, value: str, kind: Any) -> str:
        inner = get_nullable_type(kind)
        if isinstance(inner, GraphQLList | GraphQLEnumType):
            return f"{self._known('c', fitting(kind))}({value})"
        if inner.name not in _PASSED:
            absent = _absent(isinstance(kind, GraphQLNonNull))
            if inner.coerce_output_value is as_it_is:
                return f"(x if (x := {value}) is not None else {absent})"
            coerced = self._known("c", inner.coerce_output_value)
            return f"(made({coerced}(x)) if (x := {value}) is not None else {absent})"
        passed, fit = _PASSED[inner.name], self._known("c", fitting(kind))
        if isinstance(kind, GraphQLNonNull):
            return f"(x if {passed.replace('x', f'x := {value}', 1)} else {fit}(x))"
        return f"(x if (x := {value}) is None or {passed} else {fit}(x))"

    def _known(self, letter: str, what: Any) -> str:
        name = self._name(letter)
        self._names[name] = what
        return name

    def _name(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"


def _absent(required: bool) -> str:
    return "missing()" if required else "None"


def fitting(kind: Any) -> Fit:
    """What makes a value of a leaf type, or of a list of them, fit to be sent."""
    if isinstance(kind, GraphQLNonNull):
        inner = fitting(kind.of_type)
        return lambda value: missing() if value is None else inner(value)
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
    return lambda value: None if value is None else made(coerced(value))


def items(value: Any) -> Any:
    """The items of a list, if it is one; whatever else could be walked is none."""
    if type(value) is not list and not is_iterable(value):
        raise Unfit("no list")
    return value


def some(value: Any) -> Any:
    """The items of a list that may be missing."""
    return () if value is None else items(value)


def missing() -> Any:
    """What stands where there must be a value and is none."""
    raise Unfit("null where there must be a value")


def _integer(coerced: Fit) -> Fit:
    def fit(value: Any) -> Any:
        if value is None or (type(value) is int and -2147483648 <= value <= 2147483647):
            return value
        return made(coerced(value))

    return fit


def _number(coerced: Fit) -> Fit:
    def fit(value: Any) -> Any:
        if value is None or (type(value) is float and isfinite(value)):
            return value
        return made(coerced(value))

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


def made(value: Any) -> Any:
    """A value as a scalar made it; nothing is none."""
    return missing() if value is None or value is Undefined else value
