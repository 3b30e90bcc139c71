"""Doorbells by NATS: heard by all while it is there, and missed by nobody while it is not."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from db.events import Event
from db.feed import Feed
from server import app
from server import feed as server_feed
from server.app import Gateway
from server.config import Config
from server.database import Urls
from server.feed import Tail
from server.nats import NatsDoorbells
from server.relay import Relay
from tests.posts import KEY, PATIENCE_SECONDS, Server
from tests.studio import Studio

pytestmark = pytest.mark.skipif(
    shutil.which("nats-server") is None, reason="nats-server is not installed"
)


class Hearing:
    """A doorbell, and what is heard of it."""

    def __init__(self, url: str, feed: Feed) -> None:
        self.heard: asyncio.Queue[list[str]] = asyncio.Queue()
        self.bell = NatsDoorbells(url, self._hear, Relay(Tail(feed), KEY))

    async def next(self) -> list[str]:
        """What is heard next."""
        return await asyncio.wait_for(self.heard.get(), PATIENCE_SECONDS)

    def _hear(self, scopes: Sequence[str]) -> None:
        self.heard.put_nowait(sorted(scopes))


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    made.start()
    yield made
    made.kill()


@pytest_asyncio.fixture
async def pair(server: Server, feed: Feed) -> AsyncIterator[list[Hearing]]:
    async with AsyncExitStack() as stack:
        made = [Hearing(server.url, feed) for _ in range(2)]
        for one in made:
            await stack.enter_async_context(one.bell.running())
            assert await one.next() == []
        yield made


async def test_a_ring_is_heard_at_once_at_home_and_then_by_the_other_once(
    pair: list[Hearing],
) -> None:
    home, other = pair
    scopes = sorted(str(uuid4()) for _ in range(3))
    home.bell.ring(scopes)
    assert await home.next() == await other.next() == scopes
    many = sorted(str(uuid4()) for _ in range(300))
    other.bell.ring(many)
    assert await other.next() == many
    assert await home.next() == []


async def test_where_it_is_killed_and_comes_back_all_look_and_ring_again(
    pair: list[Hearing], server: Server
) -> None:
    home, other = pair
    server.kill()
    server.start()
    # Whoever listens again cannot know what was missed.
    assert await home.next() == await other.next() == []
    scope = str(uuid4())
    home.bell.ring([scope])
    assert await other.next() == [scope]


async def test_nothing_is_missed_while_it_is_away(
    server: Server, gateway_url: str, tmp_path: Path, studio: Studio, feed: Feed
) -> None:
    config = Config.model_validate({"data_folder": tmp_path, "nats_url": server.url})
    gateway = app.create(config, Urls(gateway_url, None))
    project = studio.project(studio.user())
    async with gateway.router.lifespan_context(gateway):
        told = await _following(gateway, feed, project)
        for number in range(9):
            if number == 3:
                server.kill()
            if number == 6:
                server.start()
            made = studio.shot(project)
            event = await asyncio.wait_for(told.get(), PATIENCE_SECONDS)
            assert [change.id for change in event.changes] == [made]


async def test_one_gateway_wakes_another_that_does_not_look_by_itself(
    server: Server,
    gateway_url: str,
    tmp_path: Path,
    studio: Studio,
    feed: Feed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_feed, "_BUSY_SECONDS", 3600)
    monkeypatch.setattr(server_feed, "_IDLE_SECONDS", 3600)
    config = Config.model_validate({"data_folder": tmp_path, "nats_url": server.url})
    home, other = (app.create(config, Urls(gateway_url, None)) for _ in range(2))
    project = studio.project(studio.user())
    async with (
        home.router.lifespan_context(home),
        other.router.lifespan_context(other),
    ):
        told = await _following(other, feed, project)
        for _ in range(3):
            made = studio.shot(project)
            home.live.doorbells.ring([project])
            event = await asyncio.wait_for(told.get(), PATIENCE_SECONDS)
            assert [change.id for change in event.changes] == [made]


async def _following(gateway: Gateway, feed: Feed, project: str) -> asyncio.Queue[Event]:
    """What a gateway tells of a project from here on."""
    told: asyncio.Queue[Event] = asyncio.Queue()
    places = await feed.now([project])
    gateway.live.tail.follow(places[project], told.put_nowait)
    return told
