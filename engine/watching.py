"""Watching: the fields of subscriptions, which tell one event after another."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types import Info

from engine.declarations import Batch, Declared, field, registry, words_of

Begin = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Watched(Declared):
    """What is followed, found out by `begin(context, **arguments)`."""

    begin: Begin


@dataclass(eq=False)
class Beside:
    """What else is asked in the first flight of an operation, and what is said of its keys."""

    function: Batch
    keys: list[Any]
    said: Mapping[Any, Any] | None = None


def watched_by(begin: Begin, arguments: Mapping[str, str]) -> Any:
    """A root field of subscriptions; whoever executes them gives each event as the root."""
    signature = registry.signature(begin, 1, arguments)

    def resolve(root: Any, info: Info, **_: Any) -> Any:
        return root

    return field(resolve, Watched(signature=signature, begin=begin), words_of(begin))
