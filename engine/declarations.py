"""Declarations: what a field of a type is, said once, for every executor.

A relation declares a batch function, `async (session, keys, columns, **arguments) -> mapping of
key to row, rows or page`; its extra parameters are the field's GraphQL arguments. A column is an
attribute of the row. A computed field is a plain function of the row and names the columns it
reads. The context of a request answers to `Loads`.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from engine import selections
from engine.arguments import Arguments, Registry, Signature

Batch = Callable[..., Awaitable[Mapping[str, Any]]]
Columns = tuple[str, ...]

registry = Registry()


class Loads(Protocol):
    """What the context of a request must offer: one key of a batch function, batched."""

    def load(
        self, function: Batch, key: str, columns: Columns, arguments: Arguments
    ) -> Awaitable[Any]:
        """What the batch function says of the key; absent keys give None."""


@dataclass(frozen=True)
class Declared:
    """What a field is: the columns it reads of its own row, and where its value comes from."""

    reads: Columns = ()
    function: Batch | None = None
    joined: str | None = None
    same_row: bool = False


def column(description: str, **options: Any) -> Any:
    """A column of the row, under its own name."""
    return strawberry.field(
        description=description, metadata={selections.DECLARED: None}, **options
    )


def attribute(description: str, **options: Any) -> Any:
    """A value that an object has beside its rows, under its own name."""
    return strawberry.field(
        description=description, metadata={selections.DECLARED: Declared()}, **options
    )


def part(description: str, reads: Columns = (), **options: Any) -> Any:
    """An object made of the same row: its own fields read on."""
    declared = Declared(reads, same_row=True)
    return strawberry.field(
        description=description, metadata={selections.DECLARED: declared}, **options
    )


def resolved_by(
    function: Callable[..., Any],
    reads: Columns = (),
    description: str = "",
    arguments: Mapping[str, str] | None = None,
    same_row: bool = False,
) -> Any:
    """A value computed from the row; a parameter named `context` is the request's.

    With `same_row` the value is an object made of the row, whose fields read on.
    """
    words = description or _words(function)
    names = list(inspect.signature(function).parameters)
    wants_context = "context" in names
    signature = registry.signature(function, 2 if wants_context else 1, arguments or {})

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        given = dict(signature.take(values))
        return function(root, info.context, **given) if wants_context else function(root, **given)

    return _field(resolve, signature, words, Declared(reads, same_row=same_row))


def related_by(
    function: Batch,
    key: str,
    joined: str | None = None,
    description: str = "",
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """One row found by a key; `joined` names it where the parent's statement can read it too."""
    signature = registry.signature(function, 3, arguments or {})

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        if joined is not None:
            return getattr(root, joined)
        found = getattr(root, key)
        if found is None:
            return None
        columns = selections.columns(info)
        return info.context.load(function, found, columns, signature.take(values))

    declared = Declared((key,), function, joined)
    return _field(resolve, signature, description or _words(function), declared)


def listed_by(
    function: Batch,
    key: str,
    description: str = "",
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """All rows of a key, unpaged, where their number is small by nature."""
    signature = registry.signature(function, 3, arguments or {})

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        columns = selections.columns(info)
        rows = await info.context.load(
            function, getattr(root, key), columns, signature.take(values)
        )
        return rows or []

    return _field(resolve, signature, description or _words(function), Declared((key,), function))


def paged_by(
    function: Batch,
    key: str,
    count: Batch | None = None,
    description: str = "",
    arguments: Mapping[str, str] | None = None,
    outside_lists: Columns = (),
) -> Any:
    """A connection: one page of the rows of a key, and their number when it is asked for.

    The arguments named by `outside_lists` are refused where a list is above the field.
    """
    signature = registry.signature(function, 3, arguments or {})

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        _refuse_in_lists(info, outside_lists, values)
        found = getattr(root, key)
        taken = signature.take(values)
        page = await info.context.load(function, found, selections.columns(info), taken)
        return Connected(page, count, found, taken)

    return _field(resolve, signature, description or _words(function), Declared((key,), function))


def picked_by(
    function: Batch,
    key: str,
    pick: str,
    default: Any = None,
    description: str = "",
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """One value of a related row; fields that pick from the same row share its statement."""
    signature = registry.signature(function, 3, arguments or {})

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        row = await info.context.load(function, getattr(root, key), (), signature.take(values))
        return default if row is None else getattr(row, pick)

    return _field(resolve, signature, description, Declared((key,), function))


def found_by(
    function: Batch,
    key: str,
    key_type: Any,
    description: str = "",
    key_words: str = "",
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """A root field: one row found by an argument."""
    rest = registry.signature(function, 3, arguments or {})
    own = registry.signature(_keyed(key, key_type), 0, {key: key_words})
    signature = Signature(own.parameters + rest.parameters, own.names + rest.names)

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        ((_, found),) = own.take(values)
        return info.context.load(function, found, selections.columns(info), rest.take(values))

    return _field(resolve, signature, description or _words(function), Declared((), function))


def found_for(function: Batch, key: Callable[[Any], str], description: str = "") -> Any:
    """A root field: one row found by what the context of the request knows."""

    def resolve(root: Any, info: Info) -> Any:
        found = key(info.context)
        return info.context.load(function, found, selections.columns(info), ())

    words = description or _words(function)
    return _field(resolve, Signature((), ()), words, Declared((), function))


@dataclass(frozen=True)
class Connected:
    """A page with what is needed to count the whole list it was cut from."""

    page: Any
    count: Batch | None
    key: str
    arguments: Arguments

    def total(self, context: Loads) -> Awaitable[Any]:
        """The number of rows in the whole list."""
        if self.count is None:
            raise TypeError("this connection is not counted")
        wanted = inspect.signature(self.count).parameters
        arguments = tuple((name, value) for name, value in self.arguments if name in wanted)
        return context.load(self.count, self.key, (), arguments)


def _field(resolve: Any, signature: Signature, words: str, declared: Declared) -> Any:
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)
    info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    parameters = [root, info, *signature.parameters]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=Any)
    resolve.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": Any}
    return strawberry.field(
        resolver=resolve, description=words, metadata={selections.DECLARED: declared}
    )


def _refuse_in_lists(info: Info, names: Columns, values: Mapping[str, Any]) -> None:
    given = [name for name in names if values.get(name) not in (None, strawberry.UNSET)]
    if given and any(isinstance(step, int) for step in info.path.as_list()):
        details = {"code": "BAD_USER_INPUT", "argument": given[0]}
        raise GraphQLError(f"`{given[0]}` cannot be used inside of a list.", extensions=details)


def _keyed(key: str, key_type: Any) -> Callable[..., Any]:
    def function(**_: Any) -> None: ...

    parameter = inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=key_type)
    function.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    function.__annotations__ = {key: key_type}
    return function


def _words(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
