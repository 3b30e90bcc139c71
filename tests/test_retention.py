"""Changes are kept for a while; what is left of them is the last that became of each row."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
import pytest_asyncio

from db import migrate, retention
from db.cursors import Cursors
from db.events import Event, Kind, Place
from db.feed import Feed
from db.retention import SLOTS, Pruned
from db.session import Database
from tests.studio import Studio

KEPT = timedelta(hours=24)
LONG_AGO = (
    "update ticks set at = at - interval '2 days'; update feed set since = since - interval '1 day'"
)


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """A database of one's own, for all of it is emptied."""
    made = new_database()
    migrate.migrate(made)
    return made


@pytest.fixture
def own(url: str) -> Iterator[Studio]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield Studio(connection)


@pytest_asyncio.fixture
async def own_feed(url: str, server_urls: tuple[str, str]) -> AsyncIterator[Feed]:
    place = urlsplit(url).path
    database = Database(urlsplit(server_urls[1])._replace(path=place).geturl(), Cursors(b""), 1)
    await database.open()
    yield Feed(database)
    await database.close()


@pytest.fixture
def project(own: Studio) -> str:
    return own.project(own.user())


def test_what_is_young_is_kept(url: str, own: Studio, project: str) -> None:
    ticks = _count(own, "ticks")
    assert retention.prune(url, KEPT) == Pruned(0, False)
    assert _count(own, "ticks") == ticks > 0


async def test_what_is_old_is_let_go_when_another_slot_is_written(
    url: str, own: Studio, own_feed: Feed, project: str
) -> None:
    early = (await own_feed.now([project]))[project]
    kept, gone = (own.insert("runs", project_id=project) for _ in range(2))
    own.owner.execute("delete from runs where id = %s", (gone,))
    own.owner.execute(LONG_AGO)
    assert retention.prune(url, KEPT) == Pruned(0, True)
    place = (await own_feed.now([project]))[project]
    late = own.insert("runs", project_id=project)
    assert retention.prune(url, KEPT) == Pruned(1, False)

    assert (_count(own, "ticks"), _count(own, "changes")) == (1, 1)
    (event,) = (await own_feed.after([place]))[place]
    assert event.changes[0].id == late
    now = (await own_feed.now([project]))[project]
    assert (await own_feed.after([early]))[early] == [Event(now, Kind.RESYNC)]
    assert await own_feed.delta(early) is None
    heads = own.owner.execute(
        "select id::text, tick, deleted from heads where scope = %s and tbl = 'runs' order by tick",
        (project,),
    ).fetchall()
    assert heads == [(kept, place.tick - 2, False), (gone, place.tick, True)]


async def test_heads_and_what_is_kept_tell_together_when_each_row_changed_last(
    url: str, own: Studio, own_feed: Feed, project: str
) -> None:
    last: dict[str, int] = {}
    runs: list[str] = []
    for round in range(3 * SLOTS):
        runs.append(own.insert("runs", project_id=project))
        last[runs[-1]] = (await own_feed.now([project]))[project].tick
        again = runs[round // 2]
        own.owner.execute("update runs set image_count = %s where id = %s", (round, again))
        last[again] = (await own_feed.now([project]))[project].tick
        own.owner.execute(LONG_AGO.replace("2 days", "5 hours"))
        retention.prune(url, KEPT)
    assert _count(own, "ticks") < last[runs[-1]]
    told = own.owner.execute(_LAST, {"scope": project}).fetchall()
    assert dict(told) == last


async def test_slots_are_written_in_turn_for_ever(url: str, own: Studio, project: str) -> None:
    slots = []
    for _ in range(2 * SLOTS + 1):
        own.insert("runs", project_id=project)
        own.owner.execute(LONG_AGO)
        assert retention.prune(url, KEPT).turned
        slots.append(_slot(own))
    assert slots == [(n + 1) % SLOTS for n in range(2 * SLOTS + 1)]


def test_a_slot_that_is_not_empty_is_not_written_again(url: str, own: Studio, project: str) -> None:
    for _ in range(SLOTS + 2):
        own.insert("runs", project_id=project)
        own.owner.execute("update feed set since = since - interval '1 day'")
        retention.prune(url, KEPT)
    assert _slot(own) == SLOTS - 1


def test_a_transaction_that_lasts_keeps_its_slot(url: str, own: Studio, project: str) -> None:
    with psycopg.connect(url) as lasting:
        lasting.execute("insert into runs (project_id) values (%s)", (project,))
        own.owner.execute(LONG_AGO)
        assert retention.prune(url, KEPT).turned
        assert retention.prune(url, KEPT) == Pruned(0, False)
        lasting.commit()
    own.owner.execute("update ticks set at = at - interval '2 days'")
    assert retention.prune(url, KEPT).emptied == 1


async def test_a_late_commit_into_an_old_slot_is_told_like_any_other(
    url: str, own: Studio, own_feed: Feed, project: str
) -> None:
    with psycopg.connect(url) as lasting:
        place = (await own_feed.now([project]))[project]
        ((late,),) = lasting.execute(
            "insert into runs (project_id) values (%s) returning id::text", (project,)
        ).fetchall()
        own.owner.execute("update feed set since = since - interval '1 day'")
        assert retention.prune(url, KEPT).turned
        first = own.insert("runs", project_id=project)
    events = (await own_feed.after([place]))[place]
    assert [event.changes[0].id for event in events] == [first, late]

    # What was committed before it is in a younger slot, but what is left begins at one tick.
    own.owner.execute("update ticks set at = at - interval '2 days' where slot = 0")
    assert retention.prune(url, KEPT).emptied == 1
    told = own.owner.execute(_LAST, {"scope": project}).fetchall()
    assert dict(told) == {first: place.tick + 1, late: place.tick + 2}
    assert await own_feed.delta(events[0].place) is None
    assert await own_feed.after([events[1].place]) == {}


def test_those_who_prune_at_once_do_no_harm(url: str, own: Studio, project: str) -> None:
    own.owner.execute(LONG_AGO)
    retention.prune(url, KEPT)
    found: list[Pruned] = []
    threads = [
        threading.Thread(target=lambda: found.append(retention.prune(url, KEPT))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(pruned.emptied for pruned in found) >= 1
    assert _count(own, "ticks") == 0


def test_nothing_is_left_of_a_project_that_is_gone(url: str, own: Studio, project: str) -> None:
    own.owner.execute("delete from projects where id = %s", (project,))
    own.owner.execute(LONG_AGO)
    for _ in range(2):
        retention.prune(url, KEPT)
    left = own.owner.execute("select distinct scope from heads where scope = %s", (project,))
    assert left.fetchall() == []
    assert _count(own, "heads") > 0


async def test_after_a_restore_no_cursor_of_before_is_known(
    url: str, own_feed: Feed, project: str
) -> None:
    place = (await own_feed.now([project]))[project]
    epoch = retention.renew(url)
    now = Place(epoch, project, place.tick)
    assert (await own_feed.after([place]))[place] == [Event(now, Kind.RESYNC)]


def _count(own: Studio, table: str) -> int:
    ((count,),) = own.owner.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def _slot(own: Studio) -> int:
    ((slot,),) = own.owner.execute("select slot from feed").fetchall()
    return int(slot)


_LAST = """
select id::text, max(tick)
from (
  select id, tick from heads where scope = %(scope)s and tbl = 'runs'
  union all
  select i, ticks.tick
  from ticks join clocks using (scope) join changes x using (slot, tx, scope), unnest(x.ids) i
  where scope = %(scope)s and tbl = 'runs' and ticks.tick > min_tick
) told
group by id
"""
