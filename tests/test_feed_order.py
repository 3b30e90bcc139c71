"""Whoever follows ticks misses nothing, in the order of commits, however writers interleave."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from db.events import Event, Place
from db.feed import Feed
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
async def test_a_minute_of_adversaries_loses_nothing(
    owner_url: str, studio: Studio, feed: Feed, projects: list[str]
) -> None:
    writers = Writers(owner_url, projects, pause=0.05)
    naive = Naive(studio.owner, projects)
    naive.begin()
    seen = await followed(feed, projects, lambda: writers.write(16, 500), naive.read)
    kept = Counter(writers.kept)
    assert (Counter(told(seen)), writers.stopped) == (kept, 0)
    assert set(kept) - set(naive.told)
    assert_in_order_of_commits(studio.owner, seen)


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
    """The project and the id of every row that was told of."""
    return [(event.place.scope, change.id) for event in events for change in event.changes]


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
