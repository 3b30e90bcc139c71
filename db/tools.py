"""Tools: what settings belong to, and what is registered of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson
import psycopg
from sqlalchemy import Boolean, CheckConstraint, Column, Table, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from db import base
from db.base import Columns, Keys
from db.rows import Row, Source
from db.session import Session
from db.statements import Selection, Statement, statement
from db.writing import Reading


class Scope(Enum):
    """What keeps settings."""

    USER = "user"
    PROJECT = "project"
    SHOT = "shot"


table = Table(
    "tools",
    base.metadata,
    Column("id", Text, primary_key=True),
    Column("primary_scope", Text, nullable=False, server_default="project"),
    base.jsonb("defaults", "{}"),
    base.jsonb("schema"),
    Column("content_fields", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("built_in", Boolean, nullable=False, server_default="false"),
    CheckConstraint("primary_scope in ('user', 'project', 'shot')", name="primary_scope_known"),
    CheckConstraint("jsonb_typeof(defaults) = 'object'", name="defaults_are_an_object"),
)

source = Source("tool", table)

_MACHINERY = "select set_config('role', 'service_role', true)"
_SCHEMAS = Statement(
    "select id, schema from tools where id = any ($1::text[]) and schema is not null", ("ids",), {}
)
_LOAD = """
insert into tools (id, primary_scope, defaults, schema, content_fields)
select t.id, t.primary_scope, t.defaults, t.schema, t.content_fields
from jsonb_to_recordset(%s::jsonb) as t (
  id text, primary_scope text, defaults jsonb, schema jsonb, content_fields text[]
)
on conflict (id) do update
set
  primary_scope = excluded.primary_scope,
  defaults = excluded.defaults,
  schema = excluded.schema,
  content_fields = excluded.content_fields,
  built_in = false
"""
_SPLIT = "select projects, shots, left_over from split_tool_settings(%s, %s, %s)"


async def everywhere(
    session: Session, viewers: Keys, columns: Columns
) -> Mapping[str, Sequence[Row]]:
    """The tools that are registered, by their ids."""
    rows = [source.row(columns)(values) for values in await session.fetch(_all(columns))]
    return dict.fromkeys(viewers, rows)


async def schemas(session: Reading, ids: Sequence[str]) -> Mapping[str, Any]:
    """The JSON Schemas of those of these tools that have one."""
    return dict(await session.fetch(_SCHEMAS, ids=list(ids)))


@statement
def _all(columns: Columns) -> Selection:
    return select(*source.read(columns)).select_from(table).order_by(table.c.id)


@dataclass(frozen=True)
class Registration:
    """What a studio says of a tool of its own."""

    id: str
    primary_scope: str
    defaults: Mapping[str, Any]
    schema: Any
    content_fields: Sequence[str]


def load(url: str, registrations: Sequence[Registration]) -> None:
    """Register tools, in place of what was known under their ids."""
    rows = orjson.dumps([vars(one) for one in registrations]).decode()
    with psycopg.connect(url) as connection:
        connection.execute(_MACHINERY)
        connection.execute(_LOAD, (rows,))


@dataclass(frozen=True)
class Split:
    """How much of the maps of how many projects went into how many shots, and what stayed."""

    projects: int
    shots: int
    left_over: int


def split(url: str, tool: str, field: str, into: str) -> Split:
    """Move what projects keep under a field by shot into the settings of these shots."""
    with psycopg.connect(url) as connection:
        connection.execute(_MACHINERY)
        found = connection.execute(_SPLIT, (tool, field, into)).fetchone()
    return Split(*found or (0, 0, 0))
