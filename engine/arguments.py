"""Arguments: how the parameters of a batch function become arguments of a GraphQL field."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import strawberry
from graphql import GraphQLError
from strawberry import UNSET
from strawberry.types import Info
from strawberry.utils.str_converters import to_camel_case

Convert = Callable[[str, Any], Any]
Arguments = tuple[tuple[str, Any], ...]
Members = tuple[tuple[str, str, Convert], ...]


class LeftOut(Enum):
    """What a parameter is whose argument was not given, where null is a value like others."""

    LEFT_OUT = "left out"


LEFT_OUT = LeftOut.LEFT_OUT


@dataclass(frozen=True)
class Kind:
    """How values of one Python type travel: their GraphQL annotation and how they are taken."""

    annotation: Any
    convert: Convert


@dataclass(frozen=True)
class Group:
    """A parameter that stands as several GraphQL arguments, such as a page."""

    kinds: Mapping[str, tuple[Any, str]]
    convert: Convert


@dataclass(frozen=True)
class Signature:
    """The GraphQL arguments of a batch function, and how to take their values."""

    parameters: tuple[inspect.Parameter, ...]
    names: tuple[tuple[str, Convert, tuple[str, ...]], ...]
    nullable: frozenset[str] = frozenset()

    def take(self, values: Mapping[str, Any]) -> Arguments:
        """The batch function's own arguments, as hashable values."""
        return tuple(
            (
                name,
                convert(shown(name), _given(parts, values) if parts else _plain(values.get(name))),
            )
            for name, convert, parts in self.names
            if name not in self.nullable or values.get(name, UNSET) is not UNSET
        )


class Registry:
    """What Python types mean as GraphQL arguments; a schema fills it once."""

    def __init__(self) -> None:
        self._kinds: dict[Any, Kind] = {}
        self._groups: dict[Any, Group] = {}

    def kind(self, python: Any, annotation: Any, convert: Convert) -> None:
        """Values of a Python type are this GraphQL type."""
        self._kinds[python] = Kind(annotation, convert)

    def group(self, python: Any, kinds: Mapping[str, tuple[Any, str]], convert: Convert) -> None:
        """A Python type stands as several arguments: name → (annotation, description)."""
        self._groups[python] = Group(kinds, convert)

    def spread(self, python: type, words: Mapping[str, str]) -> None:
        """A frozen dataclass of the layer below stands as one optional argument for each field."""
        hints = get_type_hints(python)
        converters = {name: self._converter(hints[name]) for name in words}

        def take(_: str, values: Mapping[str, Any]) -> Any:
            return python(**{n: converters[n](shown(n), value) for n, value in values.items()})

        self.group(python, {n: (self._annotation(hints[n]), w) for n, w in words.items()}, take)

    def input(self, python: type, **options: Any) -> Callable[[type], Any]:
        """An input type whose values are a frozen dataclass of the layer below, field by field."""

        def register(cls: type) -> Any:
            made: Any = strawberry.input(cls, **options)
            named = {f.name for f in dataclasses.fields(made)}
            expected = {f.name for f in dataclasses.fields(python)}
            if named != expected:
                raise TypeError(f"{cls.__name__} and {python.__name__}: {named ^ expected}")
            # Hints name types that are known only later, and reading them is slow: once, at first.
            members = cache(lambda: self._members(python))
            self.kind(python, made, lambda name, value: _built(python, members(), name, value))
            return made

        return register

    def signature(
        self, function: Callable[..., Any], skip: int, words: Mapping[str, str]
    ) -> Signature:
        """The GraphQL arguments of a function, after its first `skip` parameters."""
        hints = get_type_hints(function)
        parameters: list[inspect.Parameter] = []
        names: list[tuple[str, Convert, tuple[str, ...]]] = []
        for name, parameter in list(inspect.signature(function).parameters.items())[skip:]:
            group = self._groups.get(hints[name])
            if group:
                parameters += [_parameter(n, a, d, None) for n, (a, d) in group.kinds.items()]
                names.append((name, group.convert, tuple(group.kinds)))
            else:
                annotation = self._annotation(hints[name])
                parameters.append(_parameter(name, annotation, words[name], parameter.default))
                names.append((name, self._converter(hints[name]), ()))
        nullable = frozenset(name for name, _, _ in names if _holds(hints[name], LeftOut))
        return Signature(tuple(parameters), tuple(names), nullable)

    def _annotation(self, hint: Any) -> Any:
        if hint in self._kinds:
            return self._kinds[hint].annotation
        if get_origin(hint) in (Union, UnionType):
            first, *rest = (self._annotation(p) for p in get_args(hint) if p is not LeftOut)
            for part in rest:
                first = first | part
            return first
        if get_origin(hint) is tuple:
            return list[self._annotation(get_args(hint)[0])]  # type: ignore[misc]
        return hint

    def _converter(self, hint: Any) -> Convert:
        if hint in self._kinds:
            return self._kinds[hint].convert
        if get_origin(hint) in (Union, UnionType):
            kept = [part for part in get_args(hint) if part not in (type(None), LeftOut)]
            converters = [self._converter(part) for part in kept]
            return _optional(converters[0])
        if get_origin(hint) is tuple:
            item = get_args(hint)[0]
            many = _each if dataclasses.is_dataclass(item) else _many
            return many(self._converter(item))
        return _as_it_is

    def _members(self, python: type) -> Members:
        hints = get_type_hints(python)
        return tuple(
            (f.name, shown(f.name), self._converter(hints[f.name]))
            for f in dataclasses.fields(python)
        )


def wanted(**values: Any) -> dict[str, Any]:
    """The values that were not left out, by name."""
    return {name: value for name, value in values.items() if value is not LEFT_OUT}


def refuse_in_lists(info: Info, names: tuple[str, ...], values: Mapping[str, Any]) -> None:
    """Refuse these arguments where a list is above the field."""
    given = [name for name in names if _plain(values.get(name)) is not None]
    if given and any(isinstance(step, int) for step in info.path.as_list()):
        details = {"code": "BAD_USER_INPUT", "argument": given[0]}
        raise GraphQLError(f"`{given[0]}` cannot be used inside of a list.", extensions=details)


def _built(python: type, members: Members, name: str, value: Any) -> Any:
    given = ((field, words, convert, getattr(value, field)) for field, words, convert in members)
    return python(
        **{
            field: convert(f"{name}.{words}", inner)
            for field, words, convert, inner in given
            if inner is not UNSET
        }
    )


@cache
def shown(field: str) -> str:
    """The name of a field or an argument as clients see it."""
    return to_camel_case(field.rstrip("_"))


def _given(parts: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {part: value for part in parts if (value := _plain(values.get(part))) is not None}


def _plain(value: Any) -> Any:
    return None if value is UNSET else value


def _parameter(name: str, annotation: Any, words: str, default: Any) -> inspect.Parameter:
    if default is None or default is LEFT_OUT:
        default = UNSET
    described = Annotated[annotation, strawberry.argument(description=words)]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=described, default=default
    )


def _holds(hint: Any, kind: type) -> bool:
    return get_origin(hint) in (Union, UnionType) and kind in get_args(hint)


def _optional(convert: Convert) -> Convert:
    return lambda name, value: None if value is None else convert(name, value)


def _many(convert: Convert) -> Convert:
    return lambda name, value: tuple(convert(name, item) for item in value)


def _each(convert: Convert) -> Convert:
    """Items that are objects: a fault inside of one names the item too."""
    return lambda name, value: tuple(
        convert(f"{name}[{index}]", item) for index, item in enumerate(value)
    )


def _as_it_is(name: str, value: Any) -> Any:
    return value
