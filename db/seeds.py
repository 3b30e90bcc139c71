"""Seeds: a whole studio written at once, by the product's own machinery."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import psycopg
from psycopg import sql

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

# A table may come twice: segments name the shot entries that they show.
ORDER = (
    *("users", "projects", "project_members", "workers", "task_types", "runs", "tasks", "shots"),
    *("generations", "shot_generations", "segments", "generation_variants"),
)
_TABLES = {"segments": "generations"}
_MACHINERY = "select set_config('role', 'service_role', true)"
_INSERT = sql.SQL(
    "insert into {table} ({columns}) "
    "select {columns} from jsonb_populate_recordset(null::{table}, %s::jsonb) "
    "on conflict on constraint {key} do nothing"
)
_SHOW = """
update projects p
set thumbnail_generation_id = shown.thumbnail_generation_id
from jsonb_populate_recordset(null::projects, %s::jsonb) as shown
where p.id = shown.id
"""


def holds(url: str, project_ids: Sequence[str]) -> bool:
    """Whether all these projects are there."""
    with psycopg.connect(url) as connection:
        connection.execute(_MACHINERY)
        found = connection.execute(
            "select count(*) from projects where id = any(%s::uuid[])", (list(project_ids),)
        ).fetchone()
        return found == (len(project_ids),)


def write(url: str, rows: Rows, thumbnails: Sequence[Mapping[str, Any]]) -> None:
    """Write all rows in one transaction; those that are there already stay as they are."""
    with psycopg.connect(url) as connection:
        connection.execute(_MACHINERY)
        for name in ORDER:
            if rows.get(name):
                _insert(connection, _TABLES.get(name, name), rows[name])
        connection.execute(_SHOW, (orjson.dumps(list(thumbnails)).decode(),))


def _insert(
    connection: psycopg.Connection[Any], table: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Rows of one table; all have the columns of the first."""
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    key = sql.Identifier(f"{table}_pkey")
    statement = _INSERT.format(table=sql.Identifier(table), columns=columns, key=key)
    connection.execute(statement, (orjson.dumps(list(rows)).decode(),))
