"""What is loaded is shared by all who ask the same: whoever gives up takes it from nobody else."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any, cast

import pytest

from db.session import Session
from resolvers.context import Context, Signer


class Shelf:
    """A batch function that answers when it is let."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[list[str]] = []

    async def of(self, session: Session, keys: Sequence[str], columns: Any) -> dict[str, str]:
        """Each key, loudly; one of them nobody may ask for."""
        self.asked.append([*keys])
        await self.gate.wait()
        if "bad" in keys:
            raise ValueError("No.")
        return {key: key.upper() for key in keys}


@pytest.fixture
def context() -> Context:
    """One that needs no database."""
    return Context("somebody", cast(Session, None), cast(Signer, None))


async def test_who_gives_up_takes_nothing_from_others_who_ask_the_same(context: Context) -> None:
    shelf = Shelf()
    first, second = (asyncio.ensure_future(context.load(shelf.of, "a", (), ())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    shelf.gate.set()
    assert (await second, await context.load(shelf.of, "a", (), ())) == ("A", "A")
    assert first.cancelled()
    assert shelf.asked == [["a"]]


async def test_what_fails_after_everybody_gave_up_is_told_to_nobody(context: Context) -> None:
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: told.append(about))
    shelf = Shelf()
    only = asyncio.ensure_future(context.load(shelf.of, "bad", (), ()))
    await asyncio.sleep(0)
    only.cancel()
    shelf.gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    del only, context
    gc.collect()
    assert told == []
