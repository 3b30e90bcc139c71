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
    words = description or words_of(function)
    names = list(inspect.signature(function).parameters)
    wants_context = "context" in names
    signature = registry.signature(function, 2 if wants_context else 1, arguments or {})

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        given = dict(signature.take(values))
        return function(root, info.context, **given) if wants_context else function(root, **given)

    return field(resolve, signature, words, Declared(reads, same_row=same_row))


def field(resolve: Any, signature: Signature, words: str, declared: Declared) -> Any:
    """A field answered by `resolve(root, info, **arguments)`, with these arguments."""
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)
    info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    parameters = [root, info, *signature.parameters]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=Any)
    resolve.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": Any}
    return strawberry.field(
        resolver=resolve, description=words, metadata={selections.DECLARED: declared}
    )


def words_of(function: Callable[..., Any]) -> str:
    """The first paragraph of what a function says of itself."""
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
