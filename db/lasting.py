"""Lasting: what is done for as long as a gateway runs, and begun again whatever becomes of it."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

logger = logging.getLogger("dailies.lasting")

Act = Callable[[], Awaitable[None]]
Away = tuple[type[Exception], ...]

# How long somebody who is away is left alone, at first and at most.
_PATIENCE_SECONDS = (0.05, 1.0)
_CANCELLING_SECONDS = 0.1


@asynccontextmanager
async def doing(trouble: str, away: Away, *acts: Act) -> AsyncIterator[None]:
    """Do things, each again and again, for as long as this is open.

    Whoever is only away comes back; any other error is told loudly as well.
    """
    tasks = {asyncio.create_task(_again(act, trouble, away)) for act in acts}
    try:
        yield
    finally:
        await _end(tasks)


async def together(*acts: Act) -> None:
    """Do things at once, until one of them fails or is done; then the others end too."""
    tasks = {asyncio.create_task(_done(act)) for act in acts}
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks)
    for task in ended:
        task.result()


async def _again(act: Act, trouble: str, away: Away) -> None:
    first, longest = _PATIENCE_SECONDS
    pause, failed = first, -math.inf
    while True:
        try:
            await _done(act)
        except away as error:
            logger.warning("%s: %r", trouble, error.__cause__ or error)
        except Exception:
            logger.exception(trouble)
        else:
            continue
        now = time.monotonic()
        pause = min(2 * pause, longest) if now - failed < 2 * longest else first
        failed = now
        await asyncio.sleep(pause)


async def _done(act: Act) -> None:
    """Do a thing; when somebody else gives up what it waits for it fails, and is not over."""
    try:
        await act()
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("what was waited for was given up") from error


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel them until they are over: Python 3.11 loses what comes together with a result."""
    cancelled: asyncio.CancelledError | None = None
    while tasks:
        for task in tasks:
            task.cancel()
        try:
            _, tasks = await asyncio.wait(tasks, timeout=_CANCELLING_SECONDS)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
