"""Shots: the scenes of a project, in order."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from db import base, relations
from db.paging import Order
from db.rows import Source

table = Table(
    "shots",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("aspect_ratio", Text),
    base.jsonb("settings", "{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
)

Index("idx_shots_project_position", table.c.project_id, table.c.position, table.c.id)

source = Source("shot", table)
_IN_ORDER = Order("position", (table.c.position, table.c.id))

by_id = relations.by_id(source, "One scene of a project.")
by_project = relations.paged(
    source, table.c.project_id, _IN_ORDER, "Its scenes, in the project's order."
)
count_by_project = relations.counted(table.c.project_id)
