"""The large database once more, without row security: what policies cost is the difference."""

from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import database
from bench.gateway import Place

_NAME = "dailies_open"
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
    url, owner = (database.located(u, _NAME) for u in (place.url, place.owner))
    return replace(place, url=url, owner=owner)


def _make(connection: psycopg.Connection, place: Place, original: str, made_of: str) -> None:
    connection.execute(f"drop database if exists {_NAME} with (force)")
    copy = sql.SQL("create database {} template {} strategy file_copy")
    connection.execute(copy.format(sql.Identifier(_NAME), sql.Identifier(original)))
    with psycopg.connect(database.located(place.owner, _NAME), autocommit=True) as opened:
        for (table,) in opened.execute(_SECURED).fetchall():
            opened.execute(f"alter table {table} disable row level security")
        opened.execute("vacuum (analyze)")
    comment = sql.SQL("comment on database {} is {}")
    connection.execute(comment.format(sql.Identifier(_NAME), sql.Literal(made_of)))
