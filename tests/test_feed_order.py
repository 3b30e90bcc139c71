"""Whoever follows ticks misses nothing, in the order of commits, however writers interleave."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from db.events import Event, Op, Place
from db.feed import Feed
from server.feed import Tail
from tests.studio import Studio
from tests.writers import Writers

Told = tuple[str, str]


@dataclass
class Naive:
    """The reader that most outboxes have: whatever has a number above the last one seen."""

    owner: psycopg.Connection[Any]
    projects: list[str]
    last: int = 0
    told: list[Told] = field(default_factory=list)

    def begin(self) -> None:
        """Read from here on."""
        ((self.last,),) = self.owner.execute("select coalesce(max(seq), 0) from changes").fetchall()

    def read(self) -> None:
        """What has a higher number than all that was read before."""
        rows = self.owner.execute(
            "select seq, scope::text, unnest(ids)::text from changes"
            " where seq > %s and scope = any (%s::uuid[]) order by seq",
            (self.last, self.projects),
        ).fetchall()
        self.told += [(scope, id) for _, scope, id in rows]
        self.last = max([self.last, *(seq for seq, _, _ in rows)])


@pytest.fixture
def projects(studio: Studio) -> list[str]:
    user = studio.user()
    return [studio.project(user) for _ in range(4)]


async def test_readers_of_ticks_miss_nothing_where_readers_of_numbers_do(
    owner_url: str, studio: Studio, feed: Feed, projects: list[str]
) -> None:
    writers = Writers(owner_url, projects, pause=0.01)
    naive = Naive(studio.owner, projects)
    naive.begin()
    seen = await followed(feed, projects, lambda: writers.write(12, 15), naive.read)

    kept = Counter(writers.kept)
    assert (Counter(told(seen)), writers.stopped) == (kept, 0)
    assert set(kept) - set(naive.told)
    assert_in_order_of_commits(studio.owner, seen)


@pytest.mark.prove
async def test_a_minute_of_adversaries_loses_nothing_and_keeps_nobody_waiting(
    owner_url: str, studio: Studio, feed: Feed, projects: list[str]
) -> None:
    writers = Writers(owner_url, projects, pause=0.05)
    writers.shared = [studio.insert("runs", project_id=projects[0]) for _ in range(3)]
    writers.deadline = time.monotonic() + 60
    naive = Naive(studio.owner, projects)
    naive.begin()
    lags: list[float] = []
    seen: list[Event] = []
    tail = Tail(feed)

    def hear(event: Event) -> None:
        seen.append(event)
        committed = datetime.fromisoformat(event.at or "")
        lags.append((datetime.now(UTC) - committed).total_seconds())

    async with tail.running():
        for place in (await feed.now(projects)).values():
            tail.follow(place, hear)
        dawdling = asyncio.create_task(
            asyncio.to_thread(dawdle, owner_url, projects[0], writers.deadline)
        )
        writing = asyncio.create_task(asyncio.to_thread(writers.write, 12, 1_000_000))
        while not (writing.done() and dawdling.done()):
            naive.read()
            await asyncio.sleep(0.02)
        await writing
        kept = Counter([*writers.kept, *await dawdling])
        async with asyncio.timeout(20):
            while Counter(told(seen)) != kept:  # noqa: ASYNC110 - the tail tells it
                await asyncio.sleep(0.1)
    naive.read()
    assert writers.stopped
    assert set(kept) - set(naive.told)
    assert_in_order_of_commits(studio.owner, seen)
    assert sorted(lags)[len(lags) * 99 // 100] < 0.25


def dawdle(url: str, project: str, deadline: float) -> list[Told]:
    """Write at once, commit after four seconds, and again."""
    kept = []
    with psycopg.connect(url) as connection:
        while time.monotonic() < deadline:
            text = "insert into runs (project_id) values (%s) returning id::text"
            ((run,),) = connection.execute(text, (project,)).fetchall()
            time.sleep(4)
            connection.commit()
            kept.append((project, str(run)))
            time.sleep(1)
    return kept


async def followed(
    feed: Feed, scopes: list[str], write: Callable[[], None], also: Callable[[], None]
) -> list[Event]:
    """All events of the scopes while others write, as they are read."""
    places = dict(await feed.now(scopes))
    writing = asyncio.create_task(asyncio.to_thread(write))
    seen: list[Event] = []
    while True:
        is_over = writing.done()
        also()
        told_now = await feed.after(list(places.values()))
        found = [event for events in told_now.values() for event in events]
        seen += found
        places |= {event.place.scope: event.place for event in found}
        if is_over and not found:
            await writing
            return seen


def told(events: list[Event]) -> list[Told]:
    """The project and the id of every row that was told to have come."""
    return [
        (event.place.scope, change.id)
        for event in events
        for change in event.changes
        if change.op is Op.INSERT
    ]


def assert_in_order_of_commits(owner: psycopg.Connection[Any], events: list[Event]) -> None:
    """Per scope without gaps; and of two that share scopes, all agree which came first."""
    ticks: dict[str, list[Place]] = {}
    for event in events:
        ticks.setdefault(event.place.scope, []).append(event.place)
    for places in ticks.values():
        numbers = [place.tick for place in places]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    turned = owner.execute(_TURNED, (list(ticks),)).fetchall()
    assert turned == []


_TURNED = """
select a.tx, b.tx
from ticks a
  join ticks b on b.scope = a.scope and b.tick > a.tick
  join ticks c on c.tx = a.tx and c.scope <> a.scope
  join ticks d on d.tx = b.tx and d.scope = c.scope and d.tick < c.tick
where a.scope = any (%s::uuid[])
"""
