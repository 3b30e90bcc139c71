"""Stepping: batch functions run by hand, without tasks, so that what they ask flies together."""

from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Mapped = Mapping[Any, Any]
Call = Coroutine[Any, Any, Mapped]


class Stepping:
    """A session for batch functions that are stepped: asking hands over to whoever steps them."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def fetch(self, statement: Any, **parameters: Any) -> "Ask":
        """The rows of a statement."""
        return Ask(statement, parameters)


@dataclass(frozen=True)
class Ask:
    """A statement that a batch function waits for."""

    statement: Any
    parameters: dict[str, Any]

    def __await__(self) -> Iterator[Any]:
        return (yield self)


async def stepped(calls: list[Call], session: Any, last: bool = False) -> list[Mapped]:
    """What batch functions say; statements that they ask at the same time are sent together.

    `last` says that nobody will ask after them, so that the session can end with their rows.
    """
    said: dict[int, Mapped] = {}
    answers: list[tuple[int, Any]] = [(place, None) for place in range(len(calls))]
    try:
        while answers:
            asked = list(_asked(calls, answers, said))
            statements = [(ask.statement, ask.parameters) for _, ask in asked]
            found = await session.fetch_all(statements, last) if asked else []
            answers = [(place, rows) for (place, _), rows in zip(asked, found, strict=True)]
    finally:
        for call in calls:
            call.close()
    return [said[place] for place in range(len(calls))]


def _asked(
    calls: list[Call], answers: list[tuple[int, Any]], said: dict[int, Mapped]
) -> Iterator[tuple[int, Ask]]:
    for place, rows in answers:
        try:
            yield place, calls[place].send(rows)
        except StopIteration as stop:
            said[place] = stop.value
