"""Shots: the scenes of a project, in order."""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    TableClause,
    Text,
    UniqueConstraint,
    any_,
    cast,
    column,
)
from sqlalchemy.dialects.postgresql import UUID

from db import base, edits, relations
from db.base import Columns, Keys
from db.paging import Order
from db.rows import Row, Source, by_key
from db.session import Session
from db.statements import Selection, Statement, keys, statement
from db.writing import Writing

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

_counts = TableClause(
    "shot_statistics",
    column("shot_id", UUID(as_uuid=False)),
    column("total_generations", BigInteger),
    column("positioned_count", BigInteger),
    column("unpositioned_count", BigInteger),
    column("video_count", BigInteger),
)

source = Source("shot", table)
_statistics = Source(
    "shot_statistics",
    _counts,
    {
        "total": _counts.c.total_generations,
        "positioned": _counts.c.positioned_count,
        "unpositioned": _counts.c.unpositioned_count,
        "videos": _counts.c.video_count,
    },
)
_IN_ORDER = Order("position", (table.c.position, table.c.id))

by_id = relations.by_id(source, "One scene of a project.")
by_project = relations.paged(
    source, table.c.project_id, _IN_ORDER, "Its scenes, in the project's order."
)
count_by_project = relations.counted(table.c.project_id)

hold = edits.held("select * from hold_shots($1::uuid[])")

_HOLD = Statement("select lock_shots_of_generations($1::uuid[])", ("generations",), {})


async def hold_of_generations(session: Writing, generations: Keys) -> None:
    """The shots that generations are in stay as they are until this transaction ends."""
    await session.fetch(_HOLD, generations=list(generations))


async def statistics(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How much is in it, always exact."""
    row = _statistics.row(columns)
    return by_key(await session.fetch(_of_shots(columns), keys=ids), row)


@statement
def _of_shots(columns: Columns) -> Selection:
    shot = cast(_counts.c.shot_id, Text).label("key_")
    return _statistics.select(columns, shot).where(_counts.c.shot_id == any_(keys()))
