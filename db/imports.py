"""Imports: how the files of a folder become rows, in the name and rights of their owner."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg import errors

_CLAIM = (
    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true)"
)


class NotWritable(Exception):
    """The viewer may not write into this project."""


@dataclass(frozen=True)
class NewShot:
    """A sub-folder as a shot."""

    id: str
    name: str


@dataclass(frozen=True)
class NewGeneration:
    """A file as a generation."""

    id: str
    type: str
    location: str
    thumbnail_url: str
    name: str
    params: Mapping[str, Any]
    prompt: str | None
    model: str | None
    width: int
    height: int
    duration_ms: int | None
    byte_size: int
    blurhash: str
    created_at: datetime


@dataclass(frozen=True)
class NewEntry:
    """A file's place in the shot of its sub-folder."""

    shot_id: str
    generation_id: str


@dataclass(frozen=True)
class Batch:
    """What is written together or not at all; everything in the order that it gets."""

    shots: list[NewShot] = field(default_factory=list)
    generations: list[NewGeneration] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)


class Import:
    """Writes into projects as one viewer."""

    def __init__(self, connection: psycopg.Connection[Any], claims: Mapping[str, Any]) -> None:
        self._connection = connection
        self._claims = orjson.dumps(dict(claims)).decode()

    def project(self, name: str) -> str:
        """The id of the project with this name or id, made when the viewer has none."""
        with self._as_viewer() as connection:
            connection.execute("select ensure_viewer()")
            statement = "select id::text, writable from project_to_import(%s)"
            found = connection.execute(statement, (name,)).fetchone()
        project_id, writable = found or (None, False)
        if project_id is None:
            raise NotWritable("There is no project with this id.")
        if not writable:
            raise NotWritable("You may look at this project, and not change it.")
        return str(project_id)

    def known(self, generation_ids: Sequence[str]) -> set[str]:
        """Those of these generations that are there already."""
        with self._as_viewer() as connection:
            found = connection.execute(
                "select id::text from generations where id = any(%s::uuid[])",
                (list(generation_ids),),
            )
            return {row[0] for row in found}

    def write(self, project_id: str, batch: Batch) -> set[str]:
        """Write a batch in one transaction; returns the generations that are new."""
        with self._as_viewer() as connection:
            connection.execute(
                "select import_shots(%s, %s::jsonb)", (project_id, _json(batch.shots))
            )
            made = connection.execute(
                "select import_generations(%s, %s::jsonb)::text",
                (project_id, _json(batch.generations)),
            ).fetchall()
            connection.execute("select import_entries(%s::jsonb)", (_json(batch.entries),))
            return {row[0] for row in made}

    def link(self, project_id: str, pairs: Mapping[str, str]) -> None:
        """Say of generations what they were made from."""
        with self._as_viewer() as connection:
            connection.execute(
                "select import_lineage(%s, %s::uuid[], %s::uuid[])",
                (project_id, list(pairs), list(pairs.values())),
            )

    @contextmanager
    def _as_viewer(self) -> Iterator[psycopg.Connection[Any]]:
        with self._connection.transaction():
            self._connection.execute(_CLAIM, (self._claims,))
            try:
                yield self._connection
            except errors.InsufficientPrivilege as error:
                raise NotWritable("You may not write into this project any more.") from error


@contextmanager
def opened(url: str, claims: Mapping[str, Any]) -> Iterator[Import]:
    """An import in the name of the viewer whose claims these are."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield Import(connection, claims)


def _json(rows: Sequence[Any]) -> str:
    return orjson.dumps([asdict(row) for row in rows]).decode()
