"""The large database once more: without row security, whose cost is the difference, or to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import database
from bench.gateway import Place

_NAME = "dailies_open"
_SCRATCH = "dailies_scratch"
_LOCK = 3_141_592_654
_COMMENT = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
_SECURED = """
select oid::regclass::text from pg_class
where relrowsecurity and relnamespace = 'public'::regnamespace
"""


def without_policies(place: Place) -> Place:
    """A copy where claims and role are set all the same; made again when the original changed."""
    original = urlsplit(place.owner).path[1:]
    with psycopg.connect(database.located(place.owner, "postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        known = connection.execute(_COMMENT, (original,)).fetchone() or ("",)
        made_of = f"{original} {known[0]}"
        if connection.execute(_COMMENT, (_NAME,)).fetchall() != [(made_of,)]:
            _make(connection, place, original, made_of)
    return _located(place, _NAME)


@contextmanager
def scratch(place: Place) -> Iterator[Place]:
    """A copy that may be written to, for as long as this is open."""
    original = urlsplit(place.owner).path[1:]
    with psycopg.connect(database.located(place.owner, "postgres"), autocommit=True) as connection:
        _copy(connection, original, _SCRATCH)
        yield _located(place, _SCRATCH)
        connection.execute(f"drop database {_SCRATCH} with (force)")


def _located(place: Place, name: str) -> Place:
    url, owner = (database.located(u, name) for u in (place.url, place.owner))
    return replace(place, url=url, owner=owner)


def _copy(connection: psycopg.Connection, original: str, name: str) -> None:
    connection.execute(f"drop database if exists {name} with (force)")
    copy = sql.SQL("create database {} template {} strategy file_copy")
    connection.execute(copy.format(sql.Identifier(name), sql.Identifier(original)))


def _make(connection: psycopg.Connection, place: Place, original: str, made_of: str) -> None:
    _copy(connection, original, _NAME)
    with psycopg.connect(database.located(place.owner, _NAME), autocommit=True) as opened:
        for (table,) in opened.execute(_SECURED).fetchall():
            opened.execute(f"alter table {table} disable row level security")
        opened.execute("vacuum (analyze)")
    comment = sql.SQL("comment on database {} is {}")
    connection.execute(comment.format(sql.Identifier(_NAME), sql.Literal(made_of)))
