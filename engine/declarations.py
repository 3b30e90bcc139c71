"""Declarations: what a field of a type is, said once, for every executor.

A relation declares a batch function, `async (session, keys, columns, **arguments) -> mapping of
key to row, rows or page`; its extra parameters are the field's GraphQL arguments. A column is an
attribute of the row. A computed field is a plain function of the row and names the columns it
reads. The context of a request answers to `Loads`.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol

import strawberry
from strawberry.types import Info

from engine.arguments import Arguments, Registry, Signature

Batch = Callable[..., Awaitable[Mapping[str, Any]]]
Columns = tuple[str, ...]

DECLARED = "engine.declared"
NO_ARGUMENTS = Signature((), ())

registry = Registry()


class Loads(Protocol):
    """What the context of a request must offer: one key of a batch function, batched."""

    def load(
        self, function: Batch, key: str, columns: Columns, arguments: Arguments
    ) -> Awaitable[Any]:
        """What the batch function says of the key; absent keys give None."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a field is: the columns it reads of its own row, and what it takes from the request.

    With `same_row` its value is an object made of the row, whose fields read on.
    """

    reads: Columns = ()
    signature: Signature = NO_ARGUMENTS
    same_row: bool = False
    joined: str | None = None

    @property
    def is_column(self) -> bool:
        """Whether the field reads a column of its own name."""
        return False


@dataclass(frozen=True, kw_only=True)
class Column(Declared):
    """A column of the row, under the field's own name."""

    @property
    def is_column(self) -> bool:
        """Whether the field reads a column of its own name."""
        return True


@dataclass(frozen=True, kw_only=True)
class Attribute(Declared):
    """An attribute of an object that is no row, under the field's own name or at a path."""

    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Computed(Declared):
    """A plain function of the row, and of the request's context where it wants that."""

    function: Callable[..., Any]
    wants_context: bool = False


def column(description: str, **options: Any) -> Any:
    """A column of the row, under its own name."""
    return _plain(description, Column(), options)


def attribute(
    description: str, reads: Columns = (), path: str | None = None, **options: Any
) -> Any:
    """A value that an object has beside its columns; `path` says where, by another name."""
    return _at(description, Attribute(reads=reads, path=path), options)


def part(description: str, path: str | None = None, **options: Any) -> Any:
    """An object made of the same row, or rows that an object has: their own fields read on.

    `path` says where it is, such as `page.nodes`, when the field has another name.
    """
    return _at(description, Attribute(same_row=True, path=path), options)


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
    wants_context = "context" in inspect.signature(function).parameters
    signature = registry.signature(function, 2 if wants_context else 1, arguments or {})
    declared = Computed(
        reads=reads,
        signature=signature,
        same_row=same_row,
        function=function,
        wants_context=wants_context,
    )

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        given = dict(signature.take(values))
        return function(root, info.context, **given) if wants_context else function(root, **given)

    return field(resolve, declared, description or words_of(function))


def field(resolve: Any, declared: Declared, words: str) -> Any:
    """A field that graphql-core answers by `resolve(root, info, **arguments)`."""
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)
    info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    parameters = [root, info, *declared.signature.parameters]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=Any)
    resolve.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": Any}
    return strawberry.field(resolver=resolve, description=words, metadata={DECLARED: declared})


def words_of(function: Callable[..., Any]) -> str:
    """The first paragraph of what a function says of itself."""
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")


def _at(words: str, declared: Attribute, options: dict[str, Any]) -> Any:
    if declared.path is None:
        return _plain(words, declared, options)
    found = attrgetter(declared.path)

    def resolve(root: Any, info: Info) -> Any:
        return found(root)

    return field(resolve, declared, words)


def _plain(words: str, declared: Declared, options: dict[str, Any]) -> Any:
    return strawberry.field(description=words, metadata={DECLARED: declared}, **options)
