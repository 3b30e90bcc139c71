"""The feed: what capturing changes costs those who write, and what reading them costs.

Rounds with and without capture are interleaved, in a database of their own.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from statistics import median
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from bench import database, report
from bench.gateway import FOLDER
from db import embedded, migrate
from db.cursors import Cursors
from db.events import Kind, Place
from db.feed import Feed
from db.session import Database
from resolvers.context import Context
from schema import root
from server.config import Config
from server.links import Links

ROUNDS = 5
SECONDS = 3.0
WRITERS = 8
ROWS = 10_000
TICKS = (10, 100, 1_000)
SCOPES = (10, 100, 1_000)
READS = 30

_TABLES = ("generations", "generation_variants")
_BARE = "update generations set starred = not starred where id = %s"
_RENAME = """
mutation ($input: RenameGenerationInput!) { renameGeneration(input: $input) { __typename } }
"""
_BULK = {
    "insert": "insert into generations (project_id, location)"
    " select %(project)s, 'media/x.png' from generate_series(1, %(rows)s)",
    "update": "update generations set starred = not starred where project_id = %(project)s",
    "delete": "delete from generations where project_id = %(project)s",
}


@dataclass(frozen=True)
class Studio:
    """A database with a project for each writer, and a generation in each."""

    owner: str
    gateway: str
    user: str
    projects: list[str]
    generations: list[str]


Measure = Callable[[Studio], float]


def main() -> None:
    """Measure everything, show it and keep it."""
    with embedded.start(FOLDER / "database") as server, made(server) as studio:
        lines = [
            *_compared(studio, "updates/s of one row, a project each", _each),
            *_compared(studio, "updates/s of one row, all in one project", _together),
            *_compared(studio, "whole mutations/s, a project each", _mutations),
            *(
                _line(f"{kind} of {ROWS} rows, ms", *found, ".0f")
                for kind, found in _bulk(studio).items()
            ),
            *(f"| {name} | {figure:.1f} | | |" for name, figure in asyncio.run(_reads(studio))),
        ]
    heading = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {WRITERS} writers, fsync on;"
        f" medians of {ROUNDS} rounds.\n\n"
        "| question | captured | not captured | ratio |\n|---|--:|--:|--:|"
    )
    text = "\n".join([heading, *lines])
    print(text)
    report.keep(text, "feed")


def _compared(studio: Studio, name: str, measure: Measure) -> Iterator[str]:
    print(name, file=sys.stderr)
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS):
        for captured, figures in found.items():
            with _capture(studio, captured):
                figures.append(measure(studio))
    yield _line(name, median(found[True]), median(found[False]), ".0f")


def _line(name: str, captured: float, bare: float, form: str) -> str:
    return f"| {name} | {captured:{form}} | {bare:{form}} | {captured / bare:.2f} |"


def _each(studio: Studio) -> float:
    """Each writer its own row of its own project."""
    return _updates(studio, studio.generations)


def _together(studio: Studio) -> float:
    """Each writer its own row, all of one project."""
    with psycopg.connect(studio.owner, autocommit=True) as connection:
        made = [_generation(connection, studio.projects[0]) for _ in range(WRITERS)]
    return _updates(studio, made)


def _updates(studio: Studio, rows: list[str]) -> float:
    def write(row: str) -> int:
        with psycopg.connect(studio.owner, autocommit=True) as connection:
            connection.execute(_BARE, (row,))
            until, done = time.monotonic() + SECONDS, 0
            while time.monotonic() < until:
                connection.execute(_BARE, (row,), prepare=True)
                done += 1
        return done

    with ThreadPoolExecutor(len(rows)) as pool:
        return sum(pool.map(write, rows)) / SECONDS


def _mutations(studio: Studio) -> float:
    """Renaming, from GraphQL down to the commit."""
    return asyncio.run(_renamed(studio))


async def _renamed(studio: Studio) -> float:
    connections = Database(studio.gateway, Cursors(b""), WRITERS)
    await connections.open()
    schema, links = root.build(), Links(Config())

    async def write(row: str) -> int:
        until, done = time.monotonic() + SECONDS, 0
        while time.monotonic() < until:
            session = connections.session({"sub": studio.user})
            given = {"input": {"id": row, "name": f"Take {done}"}}
            context = Context(studio.user, session, links)
            answer = await schema.execute(_RENAME, given, context)
            if answer.errors or "Changed" not in str(answer.data):
                raise RuntimeError(f"not renamed: {answer}")
            await context.session.end()
            done += 1
        return done

    done = await asyncio.gather(*map(write, studio.generations))
    await connections.close()
    return sum(done) / SECONDS


def _bulk(studio: Studio) -> dict[str, tuple[float, float]]:
    print(f"{ROWS} rows at once", file=sys.stderr)
    found: dict[str, dict[bool, list[float]]] = {kind: {True: [], False: []} for kind in _BULK}
    with psycopg.connect(studio.owner, autocommit=True) as connection:
        project = _project(connection, studio.user)
        for captured in (True, False) * ROUNDS:
            with _capture(studio, captured):
                for kind, statement in _BULK.items():
                    begun = time.perf_counter()
                    connection.execute(statement, {"project": project, "rows": ROWS})
                    found[kind][captured].append(1000 * (time.perf_counter() - begun))
            connection.execute("vacuum generations, generation_variants")
    return {kind: (median(both[True]), median(both[False])) for kind, both in found.items()}


async def _reads(studio: Studio) -> list[tuple[str, float]]:
    print("reading", file=sys.stderr)
    connections = Database(studio.gateway, Cursors(b""), 1)
    await connections.open()
    feed, lines = Feed(connections), []
    with psycopg.connect(studio.owner, autocommit=True) as owner:
        project = _project(owner, studio.user)
        for _ in range(max(TICKS)):
            _generation(owner, project)
        now = (await feed.now([project]))[project]
        for ticks in TICKS:
            place = Place(now.epoch, project, now.tick - ticks)
            lines.append((f"delta of {ticks} ticks, ms", await _timed(feed.delta, place)))
            lines.append((f"events of {ticks} ticks, ms", await _timed(_events, feed, place)))
        others = [_project(owner, studio.user) for _ in range(max(SCOPES))]
        places = list((await feed.now(others)).values())
        for scopes in SCOPES:
            spent = await _timed(feed.after, places[:scopes])
            lines.append((f"looking at {scopes} clocks that stand still, ms", spent))
    await connections.close()
    return lines


async def _events(feed: Feed, place: Place) -> None:
    while events := (await feed.after([place])).get(place):
        if events[0].kind is Kind.RESYNC:
            raise RuntimeError(f"nothing is known of {place}")
        place = events[-1].place


async def _timed(act: Callable[..., object], *given: object) -> float:
    spent = []
    for _ in range(READS):
        begun = time.perf_counter()
        await act(*given)  # type: ignore[misc]
        spent.append(1000 * (time.perf_counter() - begun))
    return median(spent)


@contextmanager
def _capture(studio: Studio, captured: bool) -> Iterator[None]:
    """With or without noting what is written."""
    _switch(studio, "enable always" if captured else "disable")
    try:
        yield
    finally:
        _switch(studio, "enable always")


def _switch(studio: Studio, state: str) -> None:
    text = "alter table {} " + state + " trigger {}"
    with psycopg.connect(studio.owner, autocommit=True) as connection:
        for table, event in product(_TABLES, _BULK):
            trigger = sql.Identifier(f"aa_capture_{event}")
            connection.execute(sql.SQL(text).format(sql.Identifier(table), trigger))


@contextmanager
def made(server: embedded.Server, number: int = WRITERS) -> Iterator[Studio]:
    """A new database with so many projects, dropped in the end."""
    name = f"dailies_feed_{uuid4().hex[:8]}"
    owner, gateway = (database.located(u, name) for u in (server.url, server.gateway_url))
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            login = urlsplit(gateway)
            migrate.migrate(owner, login.username or "", login.password)
            yield _studio(owner, gateway, number)
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )


def _studio(owner: str, gateway: str, number: int) -> Studio:
    with psycopg.connect(owner, autocommit=True) as connection:
        user = str(uuid4())
        connection.execute("insert into users (id, email) values (%s, 'a@example.com')", (user,))
        projects = [_project(connection, user) for _ in range(number)]
        rows = [_generation(connection, project) for project in projects]
    return Studio(owner, gateway, user, projects, rows)


def _project(connection: psycopg.Connection, user: str) -> str:
    text = "insert into projects (user_id, name) values (%s, 'Project') returning id::text"
    ((project,),) = connection.execute(text, (user,)).fetchall()
    return str(project)


def _generation(connection: psycopg.Connection, project: str) -> str:
    text = "insert into generations (project_id, location) values (%s, 'x') returning id::text"
    ((generation,),) = connection.execute(text, (project,)).fetchall()
    return str(generation)


if __name__ == "__main__":
    main()
