"""References: rows that say of which kind something is and its id, for interfaces and unions."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types import Info

from engine import selections
from engine.declarations import Batch, Declared, field, registry, words_of

# The word for a kind → the name of its GraphQL type, and what finds its rows by id.
Kinds = Mapping[str, tuple[str, Batch]]


@dataclass(frozen=True, kw_only=True)
class Refers(Declared):
    """What the references that an object holds speak of: one, or a list of them."""

    held: Callable[[Any], Any]
    kinds: Kinds


@dataclass(frozen=True, kw_only=True)
class FoundReference(Declared):
    """What an id, or each of several, speaks of."""

    find: Batch
    kinds: Kinds
    ids: Callable[..., Any]


def refers_by(held: Callable[[Any], Any], kinds: Kinds, description: str) -> Any:
    """A field of an interface or a union: what the references that an object holds speak of."""

    async def resolve(root: Any, info: Info) -> Any:
        found = held(root)
        if isinstance(found, list):
            return await asyncio.gather(*(_row(info, kinds, one) for one in found))
        return None if found is None else await _row(info, kinds, found)

    return field(resolve, Refers(held=held, kinds=kinds), description)


def found_reference(
    find: Batch, kinds: Kinds, ids: Callable[..., Any], arguments: Mapping[str, str]
) -> Any:
    """A root field of an interface: what an id speaks of, or each of several ids.

    `ids` makes the id, or the list of ids, of the field's arguments.
    """
    signature = registry.signature(ids, 0, arguments)
    declared = FoundReference(signature=signature, find=find, kinds=kinds, ids=ids)

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        found = ids(**dict(signature.take(values)))
        if isinstance(found, list):
            return await asyncio.gather(*(_found(info, find, kinds, one) for one in found))
        return await _found(info, find, kinds, found)

    return field(resolve, declared, words_of(ids))


async def _found(info: Info, find: Batch, kinds: Kinds, one: str) -> Any:
    reference = await info.context.load(find, one, (), ())
    return None if reference is None else await _row(info, kinds, reference)


async def _row(info: Info, kinds: Kinds, reference: Any) -> Any:
    name, function = kinds[reference.kind]
    columns = selections.columns_of(info, name)
    return await info.context.load(function, reference.id, columns, ())
