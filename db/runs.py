"""Runs: one press of the generate button each."""

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from db import base, edits, relations
from db.base import Json
from db.paging import Order
from db.rows import Source
from db.statements import Statement
from db.writing import Writing

table = Table(
    "runs",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text),
    Column("prompt", Text),
    Column("model", Text),
    Column("image_count", Integer),
    Column("status", Text),
    base.jsonb("settings_snapshot", "{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
)

Index(
    "idx_runs_project_created_desc",
    table.c.project_id,
    table.c.created_at.desc(),
    table.c.id.desc(),
)


class RunEnd(Enum):
    """How a run ended."""

    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUNNING = "running"

source = Source("run", table)

_NEWEST = Order("newest", (table.c.created_at, table.c.id), descending=True)

by_project = relations.paged(
    source, table.c.project_id, _NEWEST, "What was asked of generators, the newest first."
)
edge = relations.edge(source, table.c.project_id, _NEWEST)
count_by_project = relations.counted(table.c.project_id)
by_id = relations.by_id(source, "One press of the generate button.")

hold = edits.held("select * from hold_runs($1::uuid[])", "name", "status")
write = edits.written(table)

_CREATE = Statement(
    "insert into runs"
    " (id, project_id, name, prompt, model, image_count, settings_snapshot, status)"
    " values ($1::uuid, $2::uuid, $3, $4, $5, $6::integer, coalesce($7::jsonb, '{}'), $8)"
    " on conflict do nothing"
    " returning id::text",
    ("id", "project_id", "name", "prompt", "model", "image_count", "settings_snapshot", "status"),
    {"status": RUNNING},
)


@dataclass(frozen=True)
class NewRun:
    """A run that is to be made."""

    id: str
    project_id: str
    name: str | None
    prompt: str | None
    model: str | None
    image_count: int | None
    settings_snapshot: Json | None


async def create(session: Writing, run: NewRun) -> bool:
    """Make a run that has just begun; gives whether its id was free."""
    return bool(await session.fetch(_CREATE, **vars(run)))
