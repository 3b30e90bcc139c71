"""Writers who get in each other's way: they begin early, dawdle, undo, and commit in any order.

Those who share rows stop each other now and then: PostgreSQL undoes one of them.
"""

import math
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg

_MOST_STOPPED = 10_000
# What two transactions do to one another, and what a server that is gone does to all.
_STOPPED = (psycopg.errors.DeadlockDetected, psycopg.OperationalError)


class Writers:
    """Each transaction puts runs into some of the projects; those that were kept are remembered."""

    def __init__(self, url: str, projects: Sequence[str], pause: float) -> None:
        self.url = url
        self.projects = projects
        self.pause = pause
        self.kept: list[tuple[str, str]] = []
        self.stopped = 0
        self.deadline = math.inf
        self.shared: Sequence[str] = ()
        self._lock = threading.Lock()

    def write(self, writers: int, transactions: int) -> None:
        """Let so many write at once, each so often."""
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(lambda seed: self._write(seed, transactions), range(writers)))

    def _write(self, seed: int, transactions: int) -> None:
        chance = random.Random(seed)
        done = 0
        while self._goes_on(done, transactions) and self.stopped < _MOST_STOPPED:
            try:
                with psycopg.connect(self.url) as connection:
                    while self._goes_on(done, transactions):
                        self._transact(connection, chance, f"{seed}.{done}")
                        done += 1
            except _STOPPED:
                self.stopped += 1
                time.sleep(self.pause)

    def _goes_on(self, done: int, transactions: int) -> bool:
        return done < transactions and time.monotonic() < self.deadline

    def _transact(self, connection: psycopg.Connection, chance: random.Random, name: str) -> None:
        """A transaction, of which some are undone; it is kept when PostgreSQL says so."""
        made = self._made(connection, chance, name)
        if chance.random() < 0.1:
            connection.rollback()
            return
        connection.commit()
        with self._lock:
            self.kept += made

    def _made(
        self, connection: psycopg.Connection, chance: random.Random, name: str
    ) -> list[tuple[str, str]]:
        """Some rows in some projects, in any order of projects; a savepoint takes one back."""
        made = []
        for project in chance.sample(self.projects, chance.randint(1, len(self.projects))):
            made.append((project, _insert(connection, project, name)))
            time.sleep(chance.random() * self.pause)
        for run in chance.sample(self.shared, min(len(self.shared), 2)):
            connection.execute("update runs set name = %s where id = %s", (name, run))
        with suppress(ZeroDivisionError), connection.transaction():
            _insert(connection, chance.choice(self.projects), f"{name} undone")
            raise ZeroDivisionError
        return made


def _insert(connection: psycopg.Connection, project: str, name: str) -> str:
    text = "insert into runs (project_id, name) values (%s, %s) returning id::text"
    ((id,),) = connection.execute(text, (project, name)).fetchall()
    return str(id)
