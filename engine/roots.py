"""Roots: fields of the query itself, where every path through the schema begins."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.types import Info

from engine import selections
from engine.arguments import Signature
from engine.declarations import Batch, Computed, Declared, field, registry, words_of
from engine.relations import Connected


@dataclass(frozen=True, kw_only=True)
class Found(Declared):
    """One row, by a key that an argument gives; `column` of the row is that very key."""

    function: Batch
    own: Signature
    rest: Signature
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class FoundFor(Declared):
    """One row, or rows, by a key that the context knows; `column` of a row is that very key."""

    function: Batch
    key: Callable[[Any], str]
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class FoundPage(FoundFor):
    """One page of such rows, and how they are counted."""

    count: Batch


def found_by(
    function: Batch,
    key: str,
    key_type: Any,
    description: str = "",
    key_words: str = "",
    arguments: Mapping[str, str] | None = None,
    column: str | None = None,
) -> Any:
    """A root field: one row found by an argument; what else goes by `column` need not wait."""
    rest = registry.signature(function, 3, arguments or {})
    own = registry.signature(_keyed(key, key_type), 0, {key: key_words})
    signature = Signature(own.parameters + rest.parameters, own.names + rest.names)
    declared = Found(signature=signature, function=function, own=own, rest=rest, column=column)

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        ((_, found),) = own.take(values)
        return info.context.load(function, found, selections.columns(info), rest.take(values))

    return field(resolve, declared, description or words_of(function))


def found_for(
    function: Batch,
    key: Callable[[Any], str],
    description: str = "",
    arguments: Mapping[str, str] | None = None,
    column: str | None = None,
) -> Any:
    """A root field: one row, or rows, found by what the context knows; see `found_by`."""
    signature = registry.signature(function, 3, arguments or {})

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        columns, taken = selections.columns(info), signature.take(values)
        return info.context.load(function, key(info.context), columns, taken)

    declared = FoundFor(signature=signature, function=function, key=key, column=column)
    return field(resolve, declared, description or words_of(function))


def found_page_for(
    function: Batch,
    key: Callable[[Any], str],
    count: Batch,
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """A root field that is a connection: a page of rows, and their number when it is asked for."""
    signature = registry.signature(function, 3, arguments or {})

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        columns, taken, found = selections.columns(info), signature.take(values), key(info.context)
        page = await info.context.load(function, found, columns, taken)
        return Connected(page, count, found, taken)

    declared = FoundPage(signature=signature, function=function, key=key, count=count)
    return field(resolve, declared, words_of(function))


def found_alone(function: Callable[..., Any], arguments: Mapping[str, str]) -> Any:
    """A root field that begins the context's session anew: what else is asked would lose its own.

    It is answered by `function(root, context, **arguments)`.
    """
    signature = registry.signature(function, 2, arguments)
    declared = Computed(signature=signature, function=function, wants_context=True)

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        if not selections.is_alone(info):
            details = {"code": "BAD_USER_INPUT"}
            raise GraphQLError(f"`{info.field_name}` is asked for alone.", extensions=details)
        return await function(root, info.context, **dict(signature.take(values)))

    return field(resolve, declared, words_of(function))


def _keyed(key: str, key_type: Any) -> Callable[..., Any]:
    def function(**_: Any) -> None: ...

    parameter = inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=key_type)
    function.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    function.__annotations__ = {key: key_type}
    return function
