"""Relations: fields that lead from one row to others, answered for all rows of a level at once."""

import asyncio
import inspect
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from strawberry.types import Info

from engine import selections
from engine.arguments import Arguments, refuse_in_lists
from engine.declarations import Batch, Columns, Declared, Loads, field, registry, words_of


@dataclass(frozen=True, kw_only=True)
class Relation(Declared):
    """What a batch function says of a key of the row."""

    function: Batch
    key: str


@dataclass(frozen=True, kw_only=True)
class Related(Relation):
    """One row; `joined` names it where the parent's statement reads it too."""


@dataclass(frozen=True, kw_only=True)
class Listed(Relation):
    """All rows of the key."""


@dataclass(frozen=True, kw_only=True)
class Paged(Relation):
    """One page of the rows of the key, and how they are counted."""

    count: Batch | None = None
    outside_lists: Columns = ()


@dataclass(frozen=True, kw_only=True)
class Picked(Relation):
    """One value of a related row."""

    pick: str
    default: Any = None


@dataclass(frozen=True, kw_only=True)
class Each(Relation):
    """The row of each of several keys that an object holds, in their order."""


class Held(NamedTuple):
    """One of those keys, as a reference to rows of the one kind that there is."""

    id: Any
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Total(Declared):
    """The number of rows of the whole list that a page was cut from."""


def related_by(
    function: Batch,
    key: str,
    joined: str | None = None,
    description: str = "",
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """One row found by a key; `joined` names it where the parent's statement can read it too."""
    signature = registry.signature(function, 3, arguments or {})
    declared = Related(reads=(key,), signature=signature, function=function, key=key, joined=joined)

    def resolve(root: Any, info: Info, **values: Any) -> Any:
        if joined is not None:
            return getattr(root, joined)
        found = getattr(root, key)
        if found is None:
            return None
        columns = selections.columns(info)
        return info.context.load(function, found, columns, signature.take(values))

    return field(resolve, declared, description or words_of(function))


def listed_by(
    function: Batch,
    key: str,
    description: str = "",
    arguments: Mapping[str, str] | None = None,
) -> Any:
    """All rows of a key, unpaged, where their number is small by nature."""
    signature = registry.signature(function, 3, arguments or {})
    declared = Listed(reads=(key,), signature=signature, function=function, key=key)

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        columns, taken = selections.columns(info), signature.take(values)
        return await info.context.load(function, getattr(root, key), columns, taken) or []

    return field(resolve, declared, description or words_of(function))


def each_by(function: Batch, key: str, description: str) -> Any:
    """The row of each key of a list that an object holds, in their order."""
    declared = Each(reads=(key,), function=function, key=key)

    async def resolve(root: Any, info: Info) -> Any:
        columns, load = selections.columns(info), info.context.load
        held = getattr(root, key)
        return await asyncio.gather(*(load(function, one, columns, ()) for one in held))

    return field(resolve, declared, description)


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
    declared = Paged(
        reads=(key,),
        signature=signature,
        function=function,
        key=key,
        count=count,
        outside_lists=outside_lists,
    )

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        refuse_in_lists(info, outside_lists, values)
        found = getattr(root, key)
        taken = signature.take(values)
        page = await info.context.load(function, found, selections.columns(info), taken)
        return Connected(page, count, found, taken)

    return field(resolve, declared, description or words_of(function))


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
    declared = Picked(
        reads=(key,), signature=signature, function=function, key=key, pick=pick, default=default
    )

    async def resolve(root: Any, info: Info, **values: Any) -> Any:
        row = await info.context.load(function, getattr(root, key), (), signature.take(values))
        return default if row is None else getattr(row, pick)

    return field(resolve, declared, description)


def totalled(description: str) -> Any:
    """The number of rows of the whole list, counted only when it is asked for."""

    def resolve(root: Any, info: Info) -> Any:
        return root.total(info.context)

    return field(resolve, Total(), description)


@dataclass(eq=False, slots=True)
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
        return context.load(self.count, self.key, (), counted(self.count, self.arguments))


def counted(count: Batch, arguments: Arguments) -> Arguments:
    """Those of a list's arguments that matter to its number."""
    wanted = inspect.signature(count).parameters
    return tuple((name, value) for name, value in arguments if name in wanted)
