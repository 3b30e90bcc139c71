"""The outbox: a slow reader costs little, misses nothing in silence, and is given up in the end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from db.events import Kind
from server import outbox
from server.outbox import MOST_BYTES, MOST_FRAMES, Outbox
from tests.hubs import PATIENCE_SECONDS, Stage, shown


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    async with made.tail.running():
        yield made


def never() -> None:
    pytest.fail("given up")


async def test_a_reader_who_goes_on_is_told_to_load_everything_again(stage: Stage) -> None:
    subscriber, heard = stage.follow(shown)
    await heard.next()
    box = Outbox(never)
    box.put("an answer")
    for _ in range(MOST_FRAMES):
        box.put("event", subscriber)
    stage.commit()
    assert box.take() == "an answer"
    assert await heard.next() == [(Kind.RESYNC, 0)]
    assert box.take() is None


async def test_a_frame_is_sent_however_long_it_is(stage: Stage) -> None:
    subscriber, _ = stage.follow(shown)
    box = Outbox(never)
    box.put("x" * 2 * MOST_BYTES, subscriber)
    assert len(box.take() or "") == 2 * MOST_BYTES


async def test_a_reader_who_does_not_go_on_is_given_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PATIENCE_SECONDS", 0)
    subscriber, _ = stage.follow(shown)
    for of in (subscriber, None):
        is_over = asyncio.Event()
        box = Outbox(is_over.set)
        for _ in range(MOST_FRAMES + 1):
            box.put("event", of)
        await asyncio.wait_for(is_over.wait(), PATIENCE_SECONDS)


async def test_whoever_asks_waits_until_there_is_room_for_answers() -> None:
    box = Outbox(never)
    for _ in range(MOST_FRAMES + 1):
        await box.room()
        box.put("an answer")
    waiting = asyncio.create_task(box.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    box.take()
    await asyncio.wait_for(waiting, PATIENCE_SECONDS)
    box.put("an answer")
    waiting = asyncio.create_task(box.room())
    await asyncio.sleep(0)
    box.close()
    await asyncio.wait_for(waiting, PATIENCE_SECONDS)
