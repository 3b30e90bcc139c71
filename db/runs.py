"""Runs: one press of the generate button each."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from db import base, relations
from db.paging import Order
from db.rows import Source

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

source = Source("run", table)

_NEWEST = Order("newest", (table.c.created_at, table.c.id), descending=True)

by_project = relations.paged(
    source, table.c.project_id, _NEWEST, "What was asked of generators, the newest first."
)
count_by_project = relations.counted(table.c.project_id)
by_id = relations.by_id(source, "One press of the generate button.")
