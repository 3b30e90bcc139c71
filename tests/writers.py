"""Writers who get in each other's way: they begin early, dawdle, undo, and commit in any order."""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg

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
        self._lock = threading.Lock()

    def write(self, writers: int, transactions: int) -> None:
        """Let so many write at once, each so often."""
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(lambda seed: self._write(seed, transactions), range(writers)))

    def _write(self, seed: int, transactions: int) -> None:
        chance = random.Random(seed)
        connection: psycopg.Connection | None = None
        for turn in range(transactions):
            made: list[tuple[str, str]] = []
            try:
                if connection is None or connection.closed:
                    connection = psycopg.connect(self.url)
                self._once(connection, chance, f"{seed}.{turn}", made)
                if undone := chance.random() < 0.1:
                    connection.rollback()
                else:
                    connection.commit()
            except _STOPPED:
                self.stopped += 1
                if connection is not None:
                    connection.close()
                continue
            if not undone:
                with self._lock:
                    self.kept += made
        if connection is not None:
            connection.close()

    def _once(
        self,
        connection: psycopg.Connection,
        chance: random.Random,
        name: str,
        made: list[tuple[str, str]],
    ) -> None:
        """Some rows in some projects, in any order of projects; a savepoint takes one back."""
        for project in chance.sample(self.projects, chance.randint(1, len(self.projects))):
            made.append((project, _insert(connection, project, name)))
            time.sleep(chance.random() * self.pause)
        with suppress(ZeroDivisionError), connection.transaction():
            _insert(connection, chance.choice(self.projects), f"{name} undone")
            raise ZeroDivisionError


def _insert(connection: psycopg.Connection, project: str, name: str) -> str:
    text = "insert into runs (project_id, name) values (%s, %s) returning id::text"
    ((id,),) = connection.execute(text, (project, name)).fetchall()
    return str(id)
