"""PostgreSQL may be killed at any moment: what it has acknowledged is told, once and in order."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from db import embedded, migrate
from db.cursors import Cursors
from db.embedded import Server
from db.events import Event, Kind
from db.feed import Feed
from db.session import Database
from server.feed import Tail
from tests.studio import Studio
from tests.writers import Writers

KILLS = 3


class Cluster:
    """A PostgreSQL of this test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Server = embedded.start(folder)

    def kill(self) -> None:
        """End it and all its children at once, as a power cut does, and start it again."""
        note = self.folder / "cluster" / "postmaster.pid"
        postmaster = psutil.Process(int(note.read_text().split()[0]))
        everybody = [postmaster, *postmaster.children()]
        for process in everybody:
            os.kill(process.pid, signal.SIGKILL)
        psutil.wait_procs(everybody, timeout=20)
        embedded.start(self.folder).stop()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    migrate.migrate(made.server.url)
    yield made
    made.server.stop()


@pytest.mark.prove
async def test_a_killed_postgresql_loses_nothing_that_it_has_acknowledged(cluster: Cluster) -> None:
    with psycopg.connect(cluster.server.url, autocommit=True) as owner:
        studio = Studio(owner)
        user = studio.user()
        projects = [studio.project(user) for _ in range(3)]
    writers = Writers(cluster.server.url, projects, pause=0.02)
    database = Database(cluster.server.gateway_url, Cursors(b""), 1)
    await database.open()
    tail, seen = Tail(Feed(database)), list[Event]()
    async with tail.running():
        for place in (await Feed(database).now(projects)).values():
            tail.follow(place, seen.append)
        writing = asyncio.create_task(asyncio.to_thread(writers.write, 8, 150))
        for _ in range(KILLS):
            enough = len(writers.kept) + 50
            await _until(lambda enough=enough: len(writers.kept) > enough)  # type: ignore[misc]
            await asyncio.to_thread(cluster.kill)
        await writing
        kept = _runs(cluster.server.url)
        await _until(lambda: len(_told(seen)) >= len(kept))
    await database.close()

    assert writers.stopped >= KILLS
    assert {event.kind for event in seen} == {Kind.CHANGE}
    assert Counter(_told(seen)) == Counter(kept)
    assert set(writers.kept) <= set(kept)
    for project in projects:
        ticks = [event.place.tick for event in seen if event.place.scope == project]
        assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))


def _runs(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        found = connection.execute("select project_id::text, id::text from runs").fetchall()
    return [(project, id) for project, id in found]


def _told(seen: list[Event]) -> list[tuple[str, str]]:
    return [(event.place.scope, change.id) for event in seen for change in event.changes]


async def _until(holds: Callable[[], bool], patience: float = 120) -> None:
    until = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < until
        await asyncio.sleep(0.02)
