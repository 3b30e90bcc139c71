"""Shot entries: generations placed in shots, or waiting there unplaced."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    case,
    exists,
    func,
    literal_column,
)
from sqlalchemy.sql.elements import Grouping

from db import base, edits, generations, paging, relations, shots
from db.base import Columns, Keys
from db.edits import ID, IDS
from db.generations import MediaType
from db.paging import Order
from db.rows import Row, Source, by_key
from db.session import Session
from db.slices import Page, Shape, Slice
from db.statements import Selection, Statement, statement
from db.writing import Writing

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

_UNPLACED: ColumnElement[int] = literal_column("2147483647", Integer)
# A case and not coalesce, which row security keeps away from indexes.
rank = Grouping(case((table.c.position.is_(None), _UNPLACED), else_=table.c.position))

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
    table.c.project_id,
)


class Placement(Enum):
    """Whether an entry has a place in the order of its shot."""

    PLACED = "placed"
    UNPOSITIONED = "unpositioned"
    ALL = "all"


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

hold = edits.held(
    "select * from hold_shot_entries($1::uuid[])", "shot_id", "generation_id", "frame", "position"
)
add = edits.called("add_generation_to_shot", shot=ID, generation=ID, placed=Boolean, entry=ID)
add_at_position = edits.called(
    "add_generation_at_position", shot=ID, generation=ID, position=Integer, entry=ID
)
add_at_frame = edits.called(
    "add_generation_at_frame", shot=ID, generation=ID, frame=Integer, entry=ID
)
add_many = edits.called(
    "add_generations_to_shot", shot=ID, generations=IDS, placed=Boolean, entries=IDS
)
remove = edits.called("remove_entries", shot=ID, entries=IDS)
replace = edits.called("replace_in_shot", entry=ID, generation=ID)
duplicate = edits.called("duplicate_entry", entry=ID, copy=ID)
duplicate_as_new_generation = edits.called(
    "duplicate_as_new_generation", entry=ID, generation=ID, copy=ID
)

_PATCH = Statement(
    """
    update shot_generations e
    set metadata = coalesce(patched(e.metadata, p.patch, p.unset), '{}')
    from jsonb_to_recordset($1::jsonb) p (id uuid, patch jsonb, unset text[])
    where e.id = p.id
    returning octet_length(e.metadata::text)
    """,
    ("patches",),
    {},
)
_FORGET = Statement(
    """
    update shot_generations
    set metadata = metadata - $3::text[]
    where shot_id = $1::uuid
      and ($2::uuid[] is null or id = any ($2::uuid[]))
      and jsonb_typeof(metadata) = 'object'
      and metadata ?| $3::text[]
    returning id::text
    """,
    ("shot", "entries", "keys"),
    {},
)


async def patch(session: Writing, patches: Sequence[Mapping[str, Any]]) -> int:
    """Patch the metadata of entries by key, all in one statement; gives the size of the largest.

    Each patch has the `id` of its entry, what it merges in as `patch`, and the pointers that it
    takes out first as `unset`.
    """
    rows = await session.fetch(_PATCH, patches=orjson.dumps(list(patches)).decode())
    return max((size for (size,) in rows), default=0)


async def forget(session: Writing, shot: str, entries: Keys | None, keys: Keys) -> list[str]:
    """Take keys out of the metadata of some or all entries of a shot; gives those that changed."""
    given = None if entries is None else list(entries)
    rows = await session.fetch(_FORGET, shot=shot, entries=given, keys=list(keys))
    return [id for (id,) in rows]


async def by_shot(
    session: Session,
    ids: Keys,
    columns: Columns,
    page: Page,
    placement: Placement = Placement.ALL,
    media_type: MediaType | None = None,
) -> Mapping[str, Slice]:
    """What is in it: first what has a place, in order, then what waits for one, oldest first."""
    statement = _by_shot(columns, page.shape, placement, media_type)
    scope = paging.scope("shot_entries.by_shot", IN_ORDER, placement, media_type)
    row = source.row(columns)
    return await paging.pages(session, statement, row, ids, page, IN_ORDER, scope)


async def count_by_shot(
    session: Session,
    ids: Keys,
    columns: Columns,
    placement: Placement = Placement.ALL,
    media_type: MediaType | None = None,
) -> Mapping[str, Row]:
    """How many of them are in it."""
    statement = _count_by_shot(placement, media_type)
    return by_key(await session.fetch(statement, keys=ids), relations.Count)


def shows(media_type: MediaType) -> ColumnElement[bool]:
    """Whether an entry's generation is an image, or a video."""
    generation = generations.table.c
    kind = func.media_type(generation.type)
    return exists().where(generation.id == table.c.generation_id, kind == media_type.value)


@statement
def _by_shot(
    columns: Columns, shape: Shape, placement: Placement, media_type: MediaType | None
) -> Selection:
    wanted = _wanted(placement, media_type)
    return paging.lateral(source, columns, IN_ORDER, shape, table.c.shot_id.__eq__, *wanted)


@statement
def _count_by_shot(placement: Placement, media_type: MediaType | None) -> Selection:
    return relations.count_of(table.c.shot_id.__eq__, *_wanted(placement, media_type))


def _wanted(placement: Placement, media_type: MediaType | None) -> Iterator[ColumnElement[bool]]:
    if placement is Placement.PLACED:
        yield rank < _UNPLACED
    if placement is Placement.UNPOSITIONED:
        yield rank == _UNPLACED
    if media_type is not None:
        yield shows(media_type)
