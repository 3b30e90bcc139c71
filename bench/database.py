"""The large database: 200,000 generations, loaded once and kept for the runs that follow.

Its name tells what its rows were made of, its comment which functions and policies it has;
whoever comes while it is being made waits for it.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import errors, sql

from bench import dataset
from db import migrate

_DB = Path(migrate.__file__).parent
_PREFIX = "dailies_big_"
_LOCK = 3_141_592_653
_KNOWN = "select datname from pg_database where datname like %s"
_COMMENT = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"


def ensure(owner: str, gateway: str) -> str:
    """Make the database on the server of these URLs unless it is there; its name."""
    name = _PREFIX + _digest((*(_DB / "migrations").rglob("*.py"), Path(dataset.__file__)))
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        known = [found for (found,) in connection.execute(_KNOWN, (f"{_PREFIX}%",))]
        _drop(connection, [found for found in known if found != name])
        if name not in known:
            _make(connection, name, owner, gateway)
        _refresh(connection, name, owner, gateway)
    return name


def located(url: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _make(connection: psycopg.Connection, name: str, owner: str, gateway: str) -> None:
    """A half-made database never counts: it gets its name when it is whole."""
    draft = f"{_PREFIX}draft"
    connection.execute(f"drop database if exists {draft} with (force)")
    connection.execute(f"create database {draft}")
    _migrate(located(owner, draft), gateway)
    dataset.load(located(owner, draft))
    connection.execute(f"alter database {draft} rename to {name}")


def _refresh(connection: psycopg.Connection, name: str, owner: str, gateway: str) -> None:
    rules = _digest((*(_DB / "functions").glob("*.sql"), *_DB.glob("*.sql")))
    if connection.execute(_COMMENT, (name,)).fetchall() == [(rules,)]:
        return
    _migrate(located(owner, name), gateway)
    comment = sql.SQL("comment on database {} is {}")
    connection.execute(comment.format(sql.Identifier(name), sql.Literal(rules)))


def _drop(connection: psycopg.Connection, databases: Iterable[str]) -> None:
    for found in databases:
        try:
            connection.execute(sql.SQL("drop database {}").format(sql.Identifier(found)))
        except errors.ObjectInUse:
            continue


def _migrate(url: str, gateway: str) -> None:
    login = urlsplit(gateway)
    migrate.migrate(url, login.username or "", login.password)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
