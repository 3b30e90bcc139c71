"""What one gateway has read the others need not read too; whatever becomes of it harms nobody."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio
from nats import connect
from prometheus_client import REGISTRY

from db.cursors import Cursors
from db.events import Place
from db.feed import Feed
from db.session import Database
from server import feed as server_feed
from server import relay
from tests.posts import PATIENCE_SECONDS, Post, Server, Wire
from tests.studio import Studio

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def server() -> Iterator[Server]:
    if shutil.which("nats-server") is None:
        pytest.skip("nats-server is not installed")
    made = Server()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by themselves, and whoever reads has the time that it takes."""
    monkeypatch.setattr(server_feed, "_BUSY_SECONDS", 3600)
    monkeypatch.setattr(server_feed, "_IDLE_SECONDS", 3600)
    monkeypatch.setattr(relay, "_READING_SECONDS", PATIENCE_SECONDS)


@pytest_asyncio.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    client = await connect(server.url, no_echo=True)
    made = Wire(client)
    await made.listen()
    yield made
    await client.close()


@pytest.fixture
def nowhere() -> Feed:
    """A feed that nobody can read."""
    return Feed(Database(NOWHERE, Cursors(b"")))


@pytest_asyncio.fixture
async def place(studio: Studio, feed: Feed) -> Place:
    """Where the feed of a new project stands."""
    project = studio.project(studio.user())
    return (await feed.now([project]))[project]


async def test_what_one_gateway_has_read_reaches_one_that_can_read_nothing(
    server: Server, studio: Studio, feed: Feed, nowhere: Feed, place: Place
) -> None:
    made = studio.generation(place.scope)
    before = REGISTRY.get_sample_value("dailies_relayed_total")
    async with (
        Post(server.url, feed).running(place) as home,
        Post(server.url, nowhere).running(replace(place, tick=place.tick + 1)) as other,
    ):
        assert (await home.next()).tables == ("generations", "generation_variants")
        for column in ("starred = true", "starred = false"):
            studio.owner.execute(f"update generations set {column} where id = %s", (made,))
            home.bell.ring([place.scope])
            event = await other.next()
            assert event == await home.next()
            assert event.changes[0].columns == ("starred", "version", "updated_at")
    assert REGISTRY.get_sample_value("dailies_relayed_total") == (before or 0) + 2


async def test_what_is_lost_repeated_late_or_forged_harms_nobody(
    server: Server, studio: Studio, feed: Feed, wire: Wire, place: Place
) -> None:
    made, sealed = [], []
    async with Post(server.url, feed).running(place) as home:
        for _ in range(4):
            made.append(studio.shot(place.scope))
            home.bell.ring([place.scope])
            await home.next()
            sealed.append(await wire.next())
    first, second, third, last = sealed
    async with Post(server.url, feed).running(place) as other:
        assert [(await other.next()).shot_ids[0] for _ in made] == made
        await other.idle()
        for one in (second, b"", last[:-1] + b" ", first, third, last):
            await wire.say(one)
        made = [studio.shot(place.scope) for _ in range(2)]
        other.bell.ring([place.scope])
        assert [(await other.next()).shot_ids[0] for _ in made] == made
        assert other.told.empty()
    # Who passes on does not wake everybody besides.
    assert b"" not in wire.rung


async def test_what_was_lost_is_read_when_the_next_one_comes(
    server: Server, studio: Studio, feed: Feed, wire: Wire, place: Place
) -> None:
    made, sealed = [], []
    async with (
        Post(server.url, feed).running(place) as home,
        Post(server.url, feed).deaf(place) as other,
    ):
        await other.idle()
        for _ in range(3):
            made.append(studio.shot(place.scope))
            home.bell.ring([place.scope])
            await home.next()
            sealed.append(await wire.next())
        other.relay.hear(sealed[2])
        assert [(await other.next()).shot_ids[0] for _ in made] == made
        for one in sealed:
            other.relay.hear(one)
        assert other.told.empty()


async def test_what_strangers_pass_on_is_not_believed(
    server: Server, studio: Studio, feed: Feed, nowhere: Feed, wire: Wire, place: Place
) -> None:
    async with (
        Post(server.url, feed).running(place) as home,
        Post(server.url, nowhere, b"x" * 32).running(place) as stranger,
    ):
        studio.shot(place.scope)
        home.bell.ring([place.scope])
        event = await home.next()
        await wire.next()
        own = replace(event, reason="own")
        await wire.say(stranger.relay._sealed(own))
        assert await stranger.next() == own


async def test_what_nobody_follows_at_home_is_rung(
    server: Server, studio: Studio, feed: Feed, wire: Wire, place: Place
) -> None:
    elsewhere = replace(place, scope=str(uuid4()))
    async with (
        Post(server.url, feed).running(elsewhere) as home,
        Post(server.url, feed).running(place) as other,
    ):
        await other.idle()
        made = studio.shot(place.scope)
        home.bell.ring([place.scope])
        assert (await other.next()).shot_ids == (made,)
        assert wire.said.empty()


async def test_what_cannot_be_read_at_home_is_rung(
    server: Server,
    studio: Studio,
    feed: Feed,
    nowhere: Feed,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "_READING_SECONDS", 0.01)
    async with (
        Post(server.url, nowhere).running(place) as home,
        Post(server.url, feed).running(place) as other,
    ):
        for _ in range(2):
            await other.idle()
            made = studio.shot(place.scope)
            home.bell.ring([place.scope])
            home.bell.ring([place.scope])
            assert (await other.next()).shot_ids == (made,)


async def test_whatever_a_wire_does_all_is_told_once_and_in_order(
    studio: Studio, feed: Feed, place: Place
) -> None:
    chance = random.Random(7)
    async with Post("", feed).deaf(place) as one, Post("", feed).deaf(place) as two:
        wires = [asyncio.create_task(_carry(*both, chance)) for both in ((one, two), (two, one))]
        made = []
        for _ in range(80):
            made.append(studio.shot(place.scope))
            home = chance.choice((one, two))
            home.relay.awaiting([place.scope], lambda _: None)
            home.tail.ring([place.scope])
            await asyncio.sleep(chance.random() / 100)
        for post in (one, two):
            post.tail.ring([place.scope])
            assert [(await post.next()).shot_ids[0] for _ in made] == made
            assert post.told.empty()
        for wire in wires:
            wire.cancel()


async def _carry(home: Post, other: Post, chance: random.Random) -> None:
    """Lose, repeat and shuffle what is passed on."""
    held: list[bytes] = []
    while True:
        held.append(await home.relay.next())
        chance.shuffle(held)
        if chance.random() < 0.7:
            other.relay.hear(held[-1])
        if chance.random() < 0.7:
            held.pop()
