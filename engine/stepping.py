"""Stepping: batch functions run by hand, without tasks, so that what they ask flies together."""

from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
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


Receive = Callable[[Mapped], None]


async def stepped(
    calls: list[Call], receives: list[Receive], session: Any, last: bool = False
) -> None:
    """Run batch functions; statements that they ask at the same time are sent together.

    What each says is received in the order of the calls, as soon as its rows are there.
    `last` says that nobody will ask after them, so that the session can end with their rows.
    """
    steps = _Steps(calls, receives)
    try:
        for number in range(len(calls)):
            steps.take(number, None)
        while asked := steps.asked():
            await session.fetch_all(asked, last, steps.arrived)
            if steps.failure is not None:
                raise steps.failure
    finally:
        for call in calls:
            call.close()


class _Steps:
    """How far each batch function has come."""

    def __init__(self, calls: list[Call], receives: list[Receive]) -> None:
        self.failure: Exception | None = None
        self._calls = calls
        self._receives = receives
        self._asks: deque[tuple[int, Ask]] = deque()
        self._flying: deque[int] = deque()
        self._said: dict[int, Mapped] = {}
        self._received = 0

    def asked(self) -> list[tuple[Any, dict[str, Any]]]:
        """What they wait for now, in the order in which it is to arrive."""
        asks, self._asks = self._asks, deque()
        self._flying = deque(number for number, _ in asks)
        return [(ask.statement, ask.parameters) for _, ask in asks]

    def arrived(self, rows: Any) -> None:
        """The rows of the next statement; what goes wrong is kept until the flight is over."""
        number = self._flying.popleft()
        if self.failure is None:
            try:
                self.take(number, rows)
            except Exception as error:
                self.failure = error

    def take(self, number: int, rows: Any) -> None:
        """One of them goes on, and what it says is received after what those before it say."""
        try:
            self._asks.append((number, self._calls[number].send(rows)))
        except StopIteration as stop:
            self._said[number] = stop.value
        while self._received in self._said:
            self._receives[self._received](self._said.pop(self._received))
            self._received += 1
