"""What runs beside the requests ends when it is told to, and else goes on, whatever happens."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from typing import Protocol
from uuid import uuid4

import pytest
import pytest_asyncio

from db import lasting
from db.cursors import Cursors
from db.doorbells import Doorbells, Heard, Ringing
from db.events import Event, Place
from db.feed import Feed
from db.session import Database
from server.feed import Tail
from server.nats import NatsDoorbells
from server.relay import Relay
from tests import interrupting
from tests.interrupting import Interrupt, Interruption
from tests.posts import KEY, PATIENCE_SECONDS, Server
from tests.studio import Studio

FILES = ("db/lasting.py", "db/doorbells.py", "server/feed.py", "server/nats.py")
# How long a ring is waited for, which may be lost, before it is rung again.
RING_SECONDS = 0.2


class Lasting(Protocol):
    """Something that runs beside the requests."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """For as long as this is open."""

    async def serve(self) -> None:
        """Do once what it is there for."""


class Following:
    """A tail, and somebody who follows it."""

    def __init__(self, feed: Feed, place: Place, studio: Studio) -> None:
        self._tail = Tail(feed)
        self._project = place.scope
        self._studio = studio
        self._told: asyncio.Queue[Event] = asyncio.Queue()
        self._tail.follow(place, self._told.put_nowait)
        self.running = self._tail.running

    async def serve(self) -> None:
        """Be told of something that is committed."""
        made = self._studio.insert("runs", project_id=self._project)
        assert [change.id for change in (await self._told.get()).changes] == [made]


class Pair:
    """A doorbell where somebody rings, and one where it is heard."""

    def __init__(self, hung: Callable[[Heard], Ringing]) -> None:
        self._heard: asyncio.Queue[Sequence[str]] = asyncio.Queue()
        self._home, self._other = hung(lambda _: None), hung(self._heard.put_nowait)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Both hang."""
        async with self._home.running(), self._other.running():
            yield

    async def serve(self) -> None:
        """Be heard."""
        scope = str(uuid4())
        while True:
            self._home.ring([scope])
            with suppress(TimeoutError):
                async with asyncio.timeout(RING_SECONDS):
                    while list(await self._heard.get()) != [scope]:
                        pass
                    return


Make = Callable[[], Awaitable[Lasting]]


@pytest_asyncio.fixture(params=["tail", "doorbells", "nats"])
async def make(
    request: pytest.FixtureRequest, gateway_url: str, studio: Studio
) -> AsyncIterator[Make]:
    """Makes one after another; tails all read by the same one connection."""
    async with AsyncExitStack() as stack:
        if request.param == "doorbells":
            yield lambda: _made(Pair(lambda heard: Doorbells(gateway_url, heard)))
            return
        database = Database(gateway_url, Cursors(b"secret"), 1)
        await database.open()
        stack.push_async_callback(database.close)
        feed = Feed(database)
        if request.param == "nats":
            yield _by_nats(stack, feed)
            return
        project = studio.project(studio.user())

        async def follow() -> Lasting:
            return Following(feed, (await feed.now([project]))[project], studio)

        yield follow


def _by_nats(stack: AsyncExitStack, feed: Feed) -> Make:
    if shutil.which("nats-server") is None:
        pytest.skip("nats-server is not installed")
    server = Server()
    server.start()
    stack.callback(server.kill)
    return lambda: _made(
        Pair(lambda heard: NatsDoorbells(server.url, heard, Relay(Tail(feed), KEY)))
    )


async def _made(one: Lasting) -> Lasting:
    return one


@pytest.mark.parametrize("interrupt", [interrupting.cancel, interrupting.cancel_together])
async def test_it_ends_wherever_it_is_cancelled(make: Make, interrupt: Interrupt) -> None:
    for at in count(1):
        made = await make()
        with Interruption(at, interrupt, *FILES) as interruption:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async with made.running():
                    await _either(_serve(made), interruption.one_has_ended.wait())
                assert all(task.done() for task in interruption.tasks)
        if not interruption.has_come:
            break
    assert at > 3


async def test_it_goes_on_wherever_something_unforeseen_happens(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    for at in count(1):
        made = await make()
        caplog.clear()
        with Interruption(at, interrupting.fail, *FILES) as interruption:
            async with asyncio.timeout(PATIENCE_SECONDS), made.running():
                await _serve(made)
                has_come = interruption.has_come
                while has_come and "ZeroDivisionError" not in caplog.text:
                    await made.serve()
                await made.serve()
        if not has_come:
            break
    assert at > 2


async def test_whoever_loses_cancellations_ends_too() -> None:
    lost = 0

    async def lose() -> None:
        nonlocal lost
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if lost < 3:
                lost += 1
            else:
                raise

    async with asyncio.timeout(PATIENCE_SECONDS):
        async with lasting.doing("It is lost", (), lose):
            await asyncio.sleep(0)
    assert lost == 3


async def test_what_somebody_else_gives_up_is_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    tries: asyncio.Queue[None] = asyncio.Queue()

    async def wait_for_what_is_given_up() -> None:
        tries.put_nowait(None)
        given_up = asyncio.get_running_loop().create_future()
        given_up.cancel()
        await given_up

    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        lasting.doing("It is given up", (), wait_for_what_is_given_up),
    ):
        for _ in range(3):
            await tries.get()
    assert [record.levelno for record in caplog.records[:2]] == [logging.ERROR] * 2


async def test_who_is_away_is_asked_again_and_one_word_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries: asyncio.Queue[None] = asyncio.Queue()

    async def ask() -> None:
        tries.put_nowait(None)
        raise ConnectionError("away")

    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        lasting.doing("Nobody answers", (OSError,), ask),
    ):
        for _ in range(3):
            await tries.get()
    said = caplog.records[0]
    assert (said.levelno, said.exc_info) == (logging.WARNING, None)
    assert said.getMessage() == "Nobody answers: ConnectionError('away')"


async def _serve(one: Lasting) -> None:
    for _ in range(3):
        await one.serve()


async def _either(*works: Awaitable[object]) -> None:
    tasks = {asyncio.ensure_future(work) for work in works}
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
