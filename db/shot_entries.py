"""Shot entries: generations placed in shots, or waiting there unplaced."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    func,
    literal_column,
)

from db import base, generations, relations, shots
from db.paging import Order
from db.rows import Source

table = Table(
    "shot_generations",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    base.uuid("shot_id", nullable=False),
    base.uuid("generation_id", nullable=False),
    Column("position", Integer),
    Column("timeline_frame", Integer),
    base.jsonb("metadata", "{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
    UniqueConstraint(
        "shot_id",
        "timeline_frame",
        name="shot_generations_frame_free",
        deferrable=True,
        initially="DEFERRED",
    ),
    CheckConstraint("timeline_frame >= 0", name="frame_not_negative"),
    ForeignKeyConstraint(
        ["project_id", "shot_id"], ["shots.project_id", "shots.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["project_id", "generation_id"],
        ["generations.project_id", "generations.id"],
        ondelete="CASCADE",
    ),
)

rank = func.coalesce(table.c.position, literal_column("2147483647"))

Index(
    "idx_shot_generations_shot_id_position",
    table.c.shot_id,
    rank,
    table.c.created_at,
    table.c.id,
)
Index(
    "idx_shot_generations_shot_id_created_at",
    table.c.shot_id,
    table.c.created_at.desc(),
    table.c.id.desc(),
)
Index(
    "idx_shot_generations_generation_id",
    table.c.generation_id,
    table.c.created_at,
    table.c.id,
)

source = Source(
    "shot_entry",
    table,
    joins={
        "generation": (generations.source, "generation_id"),
        "shot": (shots.source, "shot_id"),
    },
)
_OLDEST = Order("oldest", (table.c.created_at, table.c.id))
IN_ORDER = Order("position", (rank, table.c.created_at, table.c.id))

by_id = relations.by_id(source, "One place of a generation in a shot.")
by_generation = relations.paged(
    source, table.c.generation_id, _OLDEST, "Its places in shots, the oldest first."
)
count_by_generation = relations.counted(table.c.generation_id)
