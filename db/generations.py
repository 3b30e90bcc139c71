"""Generations: the images and videos that studios make, and how galleries order them."""

from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    and_,
    case,
    func,
    literal_column,
    not_,
    or_,
)
from sqlalchemy.sql.elements import Grouping

from db import base, edits, relations
from db.paging import Order
from db.rows import Source

table = Table(
    "generations",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("type", Text),
    Column("location", Text),
    Column("thumbnail_url", Text),
    Column("name", Text),
    base.jsonb("params"),
    Column("tool_type", Text),
    Column("model", Text),
    Column("prompt", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_ms", Integer),
    Column("byte_size", BigInteger),
    Column("blurhash", Text),
    Column("starred", Boolean, nullable=False, server_default="false"),
    base.uuid("run_id"),
    base.uuid("task_id"),
    base.uuid("based_on"),
    base.uuid("parent_generation_id"),
    Column(
        "is_child",
        Boolean,
        Computed("parent_generation_id is not null", persisted=True),
        nullable=False,
    ),
    Column("child_order", Integer),
    base.uuid("primary_variant_id"),
    base.jsonb("children", "[]"),
    base.jsonb("shot_data", "{}"),
    base.uuid("shot_id"),
    Column("timeline_frame", Integer),
    base.uuid("pair_shot_generation_id"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
    CheckConstraint("char_length(name) <= 500", name="name_short"),
    ForeignKeyConstraint(
        ["project_id", "run_id"],
        ["runs.project_id", "runs.id"],
        ondelete="SET NULL (run_id)",
    ),
    ForeignKeyConstraint(
        ["project_id", "task_id"],
        ["tasks.project_id", "tasks.id"],
        ondelete="SET NULL (task_id)",
    ),
    ForeignKeyConstraint(
        ["project_id", "based_on"],
        ["generations.project_id", "generations.id"],
        ondelete="SET NULL (based_on)",
    ),
    ForeignKeyConstraint(
        ["project_id", "parent_generation_id"],
        ["generations.project_id", "generations.id"],
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(
        ["project_id", "primary_variant_id"],
        ["generation_variants.project_id", "generation_variants.id"],
        ondelete="SET NULL (primary_variant_id)",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    ),
    ForeignKeyConstraint(
        ["project_id", "shot_id"],
        ["shots.project_id", "shots.id"],
        ondelete="SET NULL (shot_id)",
    ),
    ForeignKeyConstraint(
        ["project_id", "pair_shot_generation_id"],
        ["shot_generations.project_id", "shot_generations.id"],
        ondelete="SET NULL (pair_shot_generation_id)",
        use_alter=True,
    ),
)

_newest_first = (table.c.created_at.desc(), table.c.id.desc())

in_gallery = and_(table.c.location.is_not(None), not_(table.c.is_child))
# Written with CASE: row security takes COALESCE for leaky, and would keep cursors off the index.
_no_name: ColumnElement[Any] = literal_column("''", Text)
_last = func.chr(literal_column("1114111"))
_unnamed = or_(table.c.name.is_(None), table.c.name == _no_name)
name_order = case((_unnamed, _last), else_=table.c.name).collate("C")
name_order_downward = case((table.c.name.is_(None), _no_name), else_=table.c.name).collate("C")
# A case and not coalesce, which row security keeps away from indexes.
_LAST: ColumnElement[int] = literal_column("2147483647", Integer)
child_rank = Grouping(case((table.c.child_order.is_(None), _LAST), else_=table.c.child_order))
# Words as people type them: file names, LoRA tags and hyphens fall apart into their words. The
# project is one word more, so that a search reads no postings of other projects; none can type #.
document: ColumnElement[Any] = literal_column(
    "(array_to_tsvector(array['#' || project_id::text])"
    " || to_tsvector('simple'::regconfig, translate("
    "left(coalesce(prompt, ''), 100000) || ' ' || left(coalesce(name, ''), 1000),"
    " '-_./:@<>&~+', '           ')))"
)

# One index for each order of a gallery.
Index(
    "idx_generations_project_created_desc",
    table.c.project_id,
    *_newest_first,
    postgresql_where=in_gallery,
)
Index(
    "idx_generations_project_updated_desc",
    table.c.project_id,
    table.c.updated_at.desc(),
    table.c.id.desc(),
    postgresql_where=in_gallery,
)
Index(
    "idx_generations_project_starred_created",
    table.c.project_id,
    table.c.starred.desc(),
    *_newest_first,
    postgresql_where=in_gallery,
)
Index(
    "idx_generations_project_name",
    table.c.project_id,
    name_order,
    table.c.id,
    postgresql_where=in_gallery,
)
Index(
    "idx_generations_project_name_desc",
    table.c.project_id,
    name_order_downward,
    table.c.id,
    postgresql_where=in_gallery,
)
Index("idx_generations_document", document, _table=table, postgresql_using="gin")
Index("idx_generations_shot_data", table.c.shot_data, postgresql_using="gin")

# One index for each way to a generation from what it points at.
Index(
    "idx_generations_based_on",
    table.c.based_on,
    *_newest_first,
    table.c.project_id,
    postgresql_where=table.c.based_on.is_not(None),
)
Index(
    "idx_generations_parent",
    table.c.parent_generation_id,
    child_rank,
    table.c.created_at,
    table.c.id,
    table.c.project_id,
    postgresql_where=table.c.parent_generation_id.is_not(None),
)
Index(
    "idx_generations_run_id",
    table.c.run_id,
    *_newest_first,
    postgresql_where=table.c.run_id.is_not(None),
)
Index(
    "idx_generations_primary_variant",
    table.c.primary_variant_id,
    table.c.project_id,
    postgresql_where=table.c.primary_variant_id.is_not(None),
)
Index(
    "idx_generations_shot_id",
    table.c.shot_id,
    postgresql_where=table.c.shot_id.is_not(None),
)
Index(
    "idx_generations_task_id",
    table.c.task_id,
    postgresql_where=table.c.task_id.is_not(None),
)
Index(
    "idx_generations_pair_shot_generation_id",
    table.c.pair_shot_generation_id,
    postgresql_where=table.c.pair_shot_generation_id.is_not(None),
)


class MediaType(Enum):
    """What a generation is, whatever its tool called it."""

    IMAGE = "image"
    VIDEO = "video"


source = Source("generation", table, {"media_type": func.media_type(table.c.type)})
_NEWEST = Order("newest", (table.c.created_at, table.c.id), descending=True)
_CHILDREN = Order("child order", (child_rank, table.c.created_at, table.c.id))

by_id = relations.by_id(source, "One generated image or video.")

hold = edits.held("select * from hold_generations($1::uuid[])", "name", "starred")
make = edits.inserted(table)
write = edits.written(table)
patch_params = edits.patched(table, table.c.params)
remove = edits.removed(table)

derived = relations.paged(
    source, table.c.based_on, _NEWEST, "What was made from it, the newest first."
)
count_derived = relations.counted(table.c.based_on)

children = relations.paged(
    source, table.c.parent_generation_id, _CHILDREN, "Its segments, in order."
)
count_children = relations.counted(table.c.parent_generation_id)

by_run = relations.paged(source, table.c.run_id, _NEWEST, "What came of it, the newest first.")
count_by_run = relations.counted(table.c.run_id)
