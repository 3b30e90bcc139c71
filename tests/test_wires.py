"""Connections are handed on in line; none is lost, whoever leaves, fails or kills it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg
import pytest
import pytest_asyncio

from db.errors import Unavailable
from db.wires import Wires

SIZE = 3


@pytest_asyncio.fixture
async def wires(gateway_url: str) -> AsyncIterator[Wires]:
    opened = Wires(gateway_url, SIZE, patience=5)
    await opened.open()
    yield opened
    await opened.close()


async def all_of(wires: Wires) -> set[int]:
    """The backends of all connections there are, each taken and given back."""
    taken = [await asyncio.wait_for(wires.take(), 5) for _ in range(SIZE)]
    for wire in taken:
        await wires.give_back(wire)
    return {wire.info.backend_pid for wire in taken}


async def test_there_are_so_many_and_they_stay(wires: Wires) -> None:
    backends = await all_of(wires)
    assert len(backends) == SIZE
    assert await all_of(wires) == backends


async def test_whoever_waits_longest_is_next(wires: Wires) -> None:
    taken = [await wires.take() for _ in range(SIZE)]
    order: list[int] = []

    async def wait(number: int) -> None:
        wire = await wires.take()
        order.append(number)
        await wires.give_back(wire)

    waiting = [asyncio.create_task(wait(number)) for number in range(5)]
    await asyncio.sleep(0)
    for wire in taken:
        await wires.give_back(wire)
    await asyncio.gather(*waiting)
    assert order == sorted(order)


async def test_a_connection_handed_to_somebody_who_has_just_gone_is_handed_on(
    wires: Wires,
) -> None:
    taken = [await wires.take() for _ in range(SIZE)]
    gone = asyncio.create_task(wires.take())
    stays = asyncio.create_task(wires.take())
    await asyncio.sleep(0)

    await wires.give_back(taken[0])
    gone.cancel()

    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await asyncio.wait_for(stays, 1) is taken[0]
    for wire in taken:
        await wires.give_back(wire)
    assert len(await all_of(wires)) == SIZE


async def test_a_closed_connection_makes_room_for_whoever_waits(wires: Wires) -> None:
    taken = [await wires.take() for _ in range(SIZE)]
    waiting = asyncio.create_task(wires.take())
    await asyncio.sleep(0)

    await taken[0].close()
    await wires.give_back(taken[0])

    fresh = await asyncio.wait_for(waiting, 5)
    assert fresh not in taken
    for wire in (fresh, *taken[1:]):
        await wires.give_back(wire)


async def test_patience_ends_and_nothing_is_lost(gateway_url: str) -> None:
    impatient = Wires(gateway_url, 1, patience=0.1)
    await impatient.open()
    taken = await impatient.take()
    with pytest.raises(Unavailable):
        await impatient.take()
    await impatient.give_back(taken)
    assert await impatient.take() is taken
    await impatient.give_back(taken)
    await impatient.close()


async def test_whatever_happens_all_of_them_come_back(
    wires: Wires, owner: psycopg.Connection
) -> None:
    dice = random.Random(7)

    async def use() -> None:
        wire = await wires.take()
        try:
            await asyncio.sleep(dice.random() / 200)
            fate = dice.random()
            if fate < 0.1:
                await wire.close()
            elif fate < 0.15:
                owner.execute("select pg_terminate_backend(%s, 1000)", (wire.info.backend_pid,))
        finally:
            await wires.give_back(wire)

    users = [asyncio.create_task(use()) for _ in range(150)]
    for user in users:
        if dice.random() < 0.3:
            await asyncio.sleep(dice.random() / 100)
            user.cancel()
    with suppress(asyncio.CancelledError):
        done = await asyncio.gather(*users, return_exceptions=True)
        assert not [e for e in done if isinstance(e, Exception)]
    assert len(await all_of(wires)) == SIZE
