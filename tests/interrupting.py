"""Interrupts the product's own tasks at one of the places where they wait."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

# What happens there, given what is waited for; what it raises is raised there.
Interrupt = Callable[[Any], None]
Waiting = Callable[[Coroutine[Any, Any, Any], Any], None]


class Interruption:
    """While this is open, tasks that are made of these files' work are interrupted, once.

    Their waits are counted together; it comes at that one of them.
    """

    def __init__(self, at: int, interrupt: Interrupt, *files: str) -> None:
        self.has_come = False
        # Once one of the tasks has ended.
        self.one_has_ended = asyncio.Event()
        self.tasks: list[asyncio.Task[Any]] = []
        self._left = at
        self._interrupt = interrupt
        self._files = files

    def __enter__(self) -> "Interruption":
        asyncio.get_running_loop().set_task_factory(self._made)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().set_task_factory(None)

    def _made(self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
        code = getattr(work, "cr_code", None)
        if code is None or not code.co_filename.endswith(self._files):
            return asyncio.Task(work, loop=loop, **options)
        task = asyncio.Task(_stepwise(work, self._waiting), loop=loop, **options)
        self.tasks.append(task)
        task.add_done_callback(lambda _: self.one_has_ended.set())
        return task

    def _waiting(self, work: Coroutine[Any, Any, Any], waited_for: Any) -> None:
        if self._interrupt is fail and _cannot_fail(work):
            return
        self._left -= 1
        if self._left == 0:
            self.has_come = True
            self._interrupt(waited_for)


def cancel(_: Any) -> None:
    """Cancel whoever waits."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


def cancel_together(waited_for: Any) -> None:
    """Cancel whoever waits in the very moment when the wait is over."""
    task = asyncio.current_task()
    assert task is not None
    if waited_for is None:
        task.cancel()
    else:
        waited_for.add_done_callback(lambda _: task.cancel())


def fail(_: Any) -> None:
    """Fail as nobody has expected."""
    raise ZeroDivisionError


async def _stepwise(work: Coroutine[Any, Any, Any], waiting: Waiting) -> Any:
    return await _Stepwise(work, waiting)


class _Stepwise:
    def __init__(self, work: Coroutine[Any, Any, Any], waiting: Waiting) -> None:
        self._work = work
        self._waiting = waiting

    def __await__(self) -> Generator[Any, Any, Any]:
        raised: BaseException | None = None
        while True:
            try:
                waited_for = self._work.throw(raised) if raised else self._work.send(None)
            except StopIteration as done:
                return done.value
            raised = None
            try:
                self._waiting(self._work, waited_for)
                yield waited_for
            except BaseException as error:
                raised = error


def _cannot_fail(work: Any) -> bool:
    """Whether it only waits for the clock, or for tasks of its own."""
    name = ""
    while work is not None:
        name = getattr(work, "__qualname__", name)
        work = getattr(work, "cr_await", None)
    return name in ("sleep", "_wait")
