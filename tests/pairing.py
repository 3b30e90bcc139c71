"""What both executors get where they are compared: contexts of one viewer, and what exists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg

from db.cursors import Cursors
from db.session import Database
from resolvers.context import Context
from server.answers import OpenContext
from server.auth import Viewer
from tests.asking import Links
from tests.operation_values import Known
from tests.test_engine_equal import existing


def without_cursors(owner_url: str) -> tuple[str, Known]:
    """A viewer of projects with much, little and nothing in them; ids of theirs and of others."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        viewer, known = existing(connection)
        return viewer, replace(known, cursors={"": [""]})


def viewer_of(id: str) -> Viewer:
    """A person whose token tells no more than who they are."""
    return Viewer(id, {"sub": id, "role": "authenticated"})


@asynccontextmanager
async def contexts(url: str) -> AsyncIterator[OpenContext]:
    """Opens the contexts of requests, all on one database."""
    database = Database(url, Cursors(b"secret"))

    async def open_context(viewer: Viewer) -> Context:
        return Context(viewer.id, database.session(viewer.claims), Links())

    await database.open()
    yield open_context
    await database.close()
