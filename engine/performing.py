"""Performing: the fields of mutations, one after another, none of them twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.types import Info

from engine.declarations import DECLARED, Declared

Perform = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Performed(Declared):
    """What is done by `perform(context, **arguments)`; `kind` names the type that tells of it."""

    perform: Perform
    kind: Callable[[Any], str]


class Done:
    """What the fields of one operation have come to, whichever executor performed them."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, Exception | None]] = {}

    async def once(self, name: str, perform: Callable[[], Awaitable[Any]]) -> Any:
        """What a field came to, by its name in the answer; it is performed if it was not yet."""
        if name not in self._kept:
            try:
                self._kept[name] = (await perform(), None)
            except Exception as error:
                self._kept[name] = (None, error)
        came_to, failure = self._kept[name]
        if failure is not None:
            raise failure
        return came_to


def performed_by(
    perform: Perform, kind: Callable[[Any], str], argument: Any, payload: Any, description: str
) -> Any:
    """A root field of mutations that takes one `input`; its payload is a union."""

    async def resolve(root: Any, info: Info, input: Any) -> Any:
        done: Done = info.context.done
        return await done.once(str(info.path.key), lambda: perform(info.context, input=input))

    given = {"root": Any, "info": Info, "input": argument, "return": payload}
    resolve.__annotations__ = given
    declared = Performed(perform=perform, kind=kind)
    return strawberry.field(
        resolver=resolve, description=description, metadata={DECLARED: declared}
    )
