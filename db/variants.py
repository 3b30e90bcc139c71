"""Variants: other takes of the same generation, one of them primary."""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    any_,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from db import base, edits, generations, relations
from db.base import Columns, Keys
from db.paging import Order
from db.rows import Row, Source, by_key, record
from db.session import Session
from db.statements import Selection, Statement, keys, statement
from db.writing import Writing

table = Table(
    "generation_variants",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    base.uuid("generation_id", nullable=False),
    Column("location", Text, nullable=False),
    Column("thumbnail_url", Text),
    Column("name", Text),
    base.jsonb("params"),
    Column("variant_type", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_ms", Integer),
    Column("byte_size", BigInteger),
    Column("blurhash", Text),
    Column("is_primary", Boolean, nullable=False, server_default="false"),
    Column("starred", Boolean, nullable=False, server_default="false"),
    base.timestamp("viewed_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
    CheckConstraint("char_length(name) <= 500", name="name_short"),
    ForeignKeyConstraint(
        ["project_id", "generation_id"],
        ["generations.project_id", "generations.id"],
        ondelete="CASCADE",
    ),
    ExcludeConstraint(
        ("generation_id", "="),
        using="btree",
        where=text("is_primary"),
        name="generation_variants_one_primary",
        deferrable=True,
        initially="DEFERRED",
    ),
)

Index(
    "idx_generation_variants_generation_id",
    table.c.generation_id,
    table.c.is_primary.desc(),
    table.c.created_at.desc(),
    table.c.id.desc(),
    table.c.project_id,
)
Index(
    "idx_generation_variants_project_id",
    table.c.project_id,
    table.c.created_at.desc(),
    table.c.id.desc(),
)
Index(
    "idx_generation_variants_unviewed",
    table.c.project_id,
    table.c.generation_id,
    postgresql_where=table.c.viewed_at.is_(None),
)
# From a file to what shows it.
Index("idx_generation_variants_location", table.c.location, postgresql_using="hash")

source = Source("variant", table, joins={"generation": (generations.source, "generation_id")})
_NEWEST = Order("newest", (table.c.is_primary, table.c.created_at, table.c.id), descending=True)
_BADGES = record("variant_badges", ("variant_count", "unviewed_variant_count"))

by_id = relations.by_id(source, "One take of a generation.")
by_generation = relations.paged(
    source, table.c.generation_id, _NEWEST, "Its takes: the primary first, then the newest."
)
edge = relations.edge(source, table.c.generation_id, _NEWEST)
count_by_generation = relations.counted(table.c.generation_id)

hold = edits.held("select * from hold_variants($1::uuid[])", "generation_id", "name", "starred")
make = edits.inserted(table)
write = edits.written(table)
remove = edits.removed(table)

_VIEW = Statement(
    "update generation_variants set viewed_at = now()"
    " where id = any ($1::uuid[]) and viewed_at is null",
    ("ids",),
    {},
)
_VIEW_ALL = Statement(
    "update generation_variants set viewed_at = now()"
    " where generation_id = $1::uuid and viewed_at is null",
    ("generation",),
    {},
)

_PROMOTE = Statement(
    "select id::text from promote_variant_to_generation($1::uuid, $2::uuid)",
    ("variant", "generation"),
    {},
)


async def badges(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How many takes each generation has, and how many of them nobody has looked at."""
    return by_key(await session.fetch(_badges(), keys=ids), _BADGES)


async def view(session: Writing, ids: Keys) -> None:
    """Note that somebody has looked at these takes; when it was first stays."""
    session.send(_VIEW, ids=list(ids))


async def view_all(session: Writing, generation: str) -> None:
    """Note that somebody has looked at all takes of a generation."""
    session.send(_VIEW_ALL, generation=generation)


async def promote(session: Writing, variant: str, generation: str) -> None:
    """Make a generation of its own out of a take, under this id."""
    session.send(_PROMOTE, variant=variant, generation=generation)


@statement
def _badges() -> Selection:
    unviewed = func.count().filter(table.c.viewed_at.is_(None))
    return (
        select(func.count(), unviewed, cast(table.c.generation_id, Text))
        .where(table.c.generation_id == any_(keys()))
        .group_by(table.c.generation_id)
    )
