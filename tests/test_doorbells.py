"""Gateways ring at each other after their commits; a ring that is lost costs nothing but time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from db.doorbells import Doorbells
from tests.asking import Asking
from tests.making import Making
from tests.studio import Studio

PATIENCE_SECONDS = 20


class Gateway:
    """One that hears."""

    def __init__(self, url: str) -> None:
        self.doorbells = Doorbells(url, self._hear)
        self.heard: asyncio.Queue[Sequence[str]] = asyncio.Queue()

    def _hear(self, scopes: Sequence[str]) -> None:
        self.heard.put_nowait(sorted(scopes))

    async def next(self) -> Sequence[str]:
        """What is heard next."""
        return await asyncio.wait_for(self.heard.get(), PATIENCE_SECONDS)


@pytest_asyncio.fixture
async def gateways(gateway_url: str) -> AsyncIterator[list[Gateway]]:
    async with AsyncExitStack() as stack:
        made = [Gateway(gateway_url) for _ in range(2)]
        for one in made:
            await stack.enter_async_context(one.doorbells.running())
            assert await one.next() == []
        yield made


async def test_a_ring_is_heard_at_once_at_home_and_then_by_all_others_once(
    gateways: list[Gateway],
) -> None:
    home, other = gateways
    scopes = sorted(str(uuid4()) for _ in range(3))
    home.doorbells.ring(scopes[:2])
    assert home.heard.get_nowait() == scopes[:2]
    home.doorbells.ring(scopes[2:])
    assert home.heard.get_nowait() == scopes[2:]
    assert await other.next() == scopes
    other.doorbells.ring(scopes)
    assert await home.next() == scopes


async def test_more_scopes_than_anybody_names_are_any(gateways: list[Gateway]) -> None:
    home, other = gateways
    home.doorbells.ring([str(uuid4()) for _ in range(300)])
    assert await other.next() == []


async def test_a_doorbell_that_was_cut_off_rings_again(
    gateways: list[Gateway], owner: psycopg.Connection
) -> None:
    home, other = gateways
    owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query like 'listen %' and datname = current_database()"
    )
    # Whoever listens again cannot know what was missed.
    assert await other.next() == await home.next() == []
    scope = str(uuid4())
    home.doorbells.ring([scope])
    assert await other.next() == [scope]


async def test_mutations_tell_which_scopes_they_have_changed(
    asking: Asking, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Sequence[str]] = []
    tell: Callable[[Sequence[str]], None] = told.append
    monkeypatch.setattr(asking.database, "committed", tell)
    making = Making(asking, studio)
    made = making.generation(name="Dawn")
    await making.told("renameGeneration", id=made, name="Dusk")
    await making.told("renameGeneration", id=made, name="Dusk")
    await making.told("renameGeneration", id=made, name="Noon", expectedVersion=9)
    await making.told("renameGeneration", id=made, name="Noon", mutationId=str(uuid4()))
    assert told == [[making.project]] * 2
