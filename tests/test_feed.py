"""The tail tells everybody who follows what is committed, once, in order, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
import pytest_asyncio

from db import lasting
from db.errors import Unavailable
from db.events import Event, Kind, Place
from db.feed import Feed
from server import feed as server_feed
from server.feed import Tail
from tests.studio import Studio

PATIENCE_SECONDS = 20


@pytest_asyncio.fixture
async def tail(feed: Feed) -> AsyncIterator[Tail]:
    tail = Tail(feed)
    async with tail.running():
        yield tail


@pytest.fixture
def project(studio: Studio) -> str:
    return studio.project(studio.user())


async def test_all_who_follow_are_told_once_and_in_order(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    place = await _now(feed, project)
    told: list[list[Event]] = [[], []]
    followers = [tail.follow(place, one.append) for one in told]
    runs = [studio.insert("runs", project_id=project) for _ in range(5)]
    await _until(lambda: all(len(one) == 5 for one in told))
    assert told[0] == told[1]
    assert [event.changes[0].id for event in told[0]] == runs
    assert [event.place.tick for event in told[0]] == list(range(place.tick + 1, place.tick + 6))
    assert {follower.place for follower in followers} == {told[0][-1].place}


async def test_whoever_comes_late_catches_up_and_is_told_the_same_from_then_on(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    place = await _now(feed, project)
    first: list[Event] = []
    late: list[Event] = []
    tail.follow(place, first.append)
    studio.insert("runs", project_id=project)
    await _until(lambda: len(first) == 1)
    tail.follow(place, late.append)
    studio.insert("runs", project_id=project)
    await _until(lambda: len(first) == len(late) == 2)
    assert first == late


async def test_nobody_is_told_of_what_they_do_not_follow(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    other = studio.project(studio.user())
    told: list[Event] = []
    theirs: list[Event] = []
    tail.follow(await _now(feed, project), told.append)
    tail.follow(await _now(feed, other), theirs.append)
    studio.insert("runs", project_id=other)
    await _until(lambda: bool(theirs))
    assert told == []


async def test_whoever_leaves_is_told_nothing_more(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    place = await _now(feed, project)
    told: list[Event] = []
    others: list[Event] = []

    def tell_once(event: Event) -> None:
        told.append(event)
        leaving.leave()

    leaving = tail.follow(place, tell_once)
    tail.follow(place, others.append)
    for _ in range(3):
        studio.insert("runs", project_id=project)
    await _until(lambda: len(others) == 3)
    assert len(told) == 1


async def test_a_follower_that_fails_keeps_nobody_from_hearing(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    place = await _now(feed, project)
    others: list[Event] = []

    def fail(_: Event) -> None:
        raise ZeroDivisionError

    failing = tail.follow(place, fail)
    tail.follow(place, others.append)
    for _ in range(2):
        studio.insert("runs", project_id=project)
    await _until(lambda: len(others) == 2)
    assert failing.is_gone


async def test_an_unknown_place_is_told_first_and_then_what_comes(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    now = await _now(feed, project)
    events = tail.events(Place(str(uuid4()), project, 1))
    assert await _next(events) == Event(now, Kind.RESYNC)
    run = studio.insert("runs", project_id=project)
    event = await _next(events)
    assert (event.place.tick, event.changes[0].id) == (now.tick + 1, run)


async def test_a_new_epoch_is_told_to_all_who_follow(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    events = tail.events(await _now(feed, project))
    waiting = asyncio.ensure_future(_next(events))
    studio.owner.execute("update feed set epoch = gen_random_uuid()")
    assert (await waiting).kind is Kind.RESYNC


async def test_a_lost_connection_loses_nothing(
    tail: Tail, feed: Feed, studio: Studio, project: str
) -> None:
    events = tail.events(await _now(feed, project))
    told = []
    for _ in range(5):
        run = studio.insert("runs", project_id=project)
        studio.owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'dailies_gateway' and datname = current_database()"
        )
        told.append((await _next(events)).changes[0].id == run)
    assert told == [True] * 5


async def test_a_database_that_is_away_is_waited_for(
    feed: Feed, studio: Studio, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await _now(feed, project)
    tries = 0

    class Away(Feed):
        async def after(self, places: object) -> dict[Place, list[Event]]:
            nonlocal tries
            tries += 1
            if tries < 4:
                raise Unavailable("away")
            return await feed.after(places)  # type: ignore[return-value, arg-type]

    monkeypatch.setattr(lasting, "_PATIENCE_SECONDS", (0.001, 0.002))
    tail = Tail(Away(feed._database))
    async with tail.running():
        run = studio.insert("runs", project_id=project)
        assert (await _next(tail.events(place))).changes[0].id == run


async def test_a_ring_is_answered_long_before_a_look_is_due(
    feed: Feed, studio: Studio, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_feed, "_BUSY_SECONDS", 3600)
    monkeypatch.setattr(server_feed, "_IDLE_SECONDS", 3600)
    other = studio.project(studio.user())
    tail = Tail(feed)
    async with tail.running():
        told: list[Event] = []
        theirs: list[Event] = []
        places = await feed.now([other, project])
        # The first look is due at once, the next one in an hour.
        tail.follow(places[other], theirs.append)
        tail.follow(places[project], told.append)
        studio.insert("runs", project_id=other)
        await _until(lambda: bool(theirs))
        for scope in (other, project):
            studio.insert("runs", project_id=scope)
        tail.ring([project, str(uuid4())])
        await _until(lambda: bool(told))
        assert len(theirs) == 1
        tail.ring()
        await _until(lambda: len(theirs) == 2)


async def test_nobody_is_looked_for_while_there_is_nobody(
    feed: Feed, studio: Studio, project: str
) -> None:
    class Counted(Feed):
        looks = 0

        async def after(self, places: object) -> object:  # type: ignore[override]
            self.looks += 1
            return await feed.after(places)  # type: ignore[arg-type]

    counted = Counted(feed._database)
    tail = Tail(counted)
    async with tail.running():
        events = tail.events(await _now(feed, project))
        studio.insert("runs", project_id=project)
        await _next(events)
        await events.aclose()
        looks = counted.looks
        for _ in range(5):
            studio.insert("runs", project_id=project)
            tail.ring([project])
            await feed.now([project])
        assert counted.looks <= looks + 1


async def _now(feed: Feed, scope: str) -> Place:
    return (await feed.now([scope]))[scope]


async def _next(events: AsyncIterator[Event]) -> Event:
    return await asyncio.wait_for(anext(events), PATIENCE_SECONDS)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - tests look from outside
            await asyncio.sleep(0.005)
