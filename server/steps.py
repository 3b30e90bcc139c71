"""Steps: coroutines that mostly have nothing to wait for need no task, and no clock."""

from collections.abc import Awaitable, Generator
from types import coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Begun(Generic[Result]):
    """Work that was taken as far as it goes without waiting."""

    __slots__ = ("_steps", "_waiting", "is_done", "result")

    result: Result

    def __init__(self, work: Awaitable[Result]) -> None:
        self._steps = work.__await__()
        self.is_done = False
        try:
            self._waiting = next(self._steps)
        except StopIteration as done:
            self.is_done = True
            self.result = done.value

    async def rest(self) -> Result:
        """What it results in, once there is nothing to wait for any more."""
        return self.result if self.is_done else await _resumed(self._steps, self._waiting)


@coroutine
def _resumed(begun: Generator[Any, Any, Result], waiting: Any) -> Generator[Any, Any, Result]:
    """The end of what was begun already, and is waiting for this."""
    try:
        while True:
            try:
                sent = yield waiting
            except BaseException as error:
                waiting = begun.throw(error)
            else:
                waiting = begun.send(sent)
    except StopIteration as done:
        result: Result = done.value
        return result
