"""Shots: the scenes of a project, in order."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from db.wire import Values
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
edge = relations.edge(source, table.c.project_id, _IN_ORDER)
count_by_project = relations.counted(table.c.project_id)

hold = edits.held("select * from hold_shots($1::uuid[])", "name", "aspect_ratio")
hold_in_order = edits.held(
    "select * from hold_shots($1::uuid[], true)", "name", "aspect_ratio", "position", "project_id"
)
write = edits.written(table)

_HOLD = Statement("select lock_shots_of_generations($1::uuid[])", ("generations",), {})
_CREATE = Statement(
    "select id::text from create_shot($1::uuid, $2, $3::uuid, $4::integer, $5, $6::uuid[])",
    ("project_id", "name", "id", "position", "aspect_ratio", "generation_ids"),
    {},
)
_DUPLICATE = Statement(
    "select id::text from duplicate_shot($1::uuid, $2::boolean, $3::uuid)",
    ("shot", "placed_only", "copy"),
    {},
)
_MOVE = Statement("select id::text from move_shot($1::uuid, $2::integer)", ("shot", "position"), {})
_REORDER = Statement(
    "select id::text from reorder_shots($1::uuid, $2::uuid[]) order by position",
    ("project", "shots"),
    {},
)
_REMOVE = Statement("select id::text from delete_shots($1::uuid[])", ("shots",), {})


@dataclass(frozen=True)
class NewShot:
    """A shot that is to be made; without a position it goes to the end."""

    project_id: str
    id: str
    name: str
    position: int | None = None
    aspect_ratio: str | None = None
    generation_ids: Keys = ()


async def create(session: Writing, shot: NewShot) -> list[str]:
    """Make a shot; gives its id and those that made room, or nothing when its id is taken."""
    given = vars(shot) | {"generation_ids": list(shot.generation_ids)}
    return _ids(await session.fetch(_CREATE, **given))


async def duplicate(session: Writing, shot: str, placed_only: bool, copy: str) -> list[str]:
    """Copy a shot; gives the copy's id and those that made room, or nothing when it is taken."""
    rows = await session.fetch(_DUPLICATE, shot=shot, placed_only=placed_only, copy=copy)
    return _ids(rows)


async def move(session: Writing, shot: str, position: int) -> list[str]:
    """Put a shot at a position; gives the ids of all that moved."""
    return _ids(await session.fetch(_MOVE, shot=shot, position=position))


async def reorder(session: Writing, project: str, shots: Keys) -> list[str]:
    """Put shots in this order on the positions that they have; gives the ids of all that moved."""
    return _ids(await session.fetch(_REORDER, project=project, shots=list(shots)))


async def remove(session: Writing, shots: Keys) -> list[str]:
    """Delete shots with their entries; gives the ids of those that closed up."""
    return _ids(await session.fetch(_REMOVE, shots=list(shots)))


async def hold_of_generations(session: Writing, generations: Keys) -> None:
    """The shots that generations are in stay as they are until this transaction ends."""
    session.send(_HOLD, generations=list(generations))


async def statistics(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How much is in it, always exact."""
    row = _statistics.row(columns)
    return by_key(await session.fetch(_of_shots(columns), keys=ids), row)


def _ids(rows: Values) -> list[str]:
    return [one for (one,) in rows]


@statement
def _of_shots(columns: Columns) -> Selection:
    shot = cast(_counts.c.shot_id, Text).label("key_")
    return _statistics.select(columns, shot).where(_counts.c.shot_id == any_(keys()))
