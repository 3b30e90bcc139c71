"""Assets: files on their way in, and what was found out about them."""

from enum import Enum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    case,
    func,
    literal_column,
)

from db import base, edits, relations
from db.rows import Source
from db.statements import Statement
from db.writing import Writing

table = Table(
    "assets",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    base.uuid("uploader", ForeignKey("users.id", ondelete="SET NULL")),
    Column("bucket", Text, nullable=False, server_default="media"),
    Column("key", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, server_default="1"),
    base.timestamp("upload_expires_at", nullable=False),
    Column("thumbnail_url", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_ms", Integer),
    Column("blurhash", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
    CheckConstraint("bucket in ('media', 'training', 'loras')", name="bucket_known"),
    CheckConstraint(
        "status in ('pending', 'uploading', 'uploaded', 'ready', 'failed', 'expired')",
        name="status_known",
    ),
    CheckConstraint(
        "starts_with(key, project_id::text || '/' || id::text || '.')", name="key_of_its_own"
    ),
    CheckConstraint("size > 0", name="size_positive"),
)

Index("idx_assets_project_id", table.c.project_id, table.c.created_at.desc(), table.c.id.desc())
Index("idx_assets_uploader", table.c.uploader, postgresql_where=table.c.uploader.is_not(None))
Index(
    "idx_assets_arrived",
    table.c.updated_at,
    table.c.id,
    postgresql_where=table.c.status == literal_column("'uploaded'"),
)
Index(
    "idx_assets_settled",
    table.c.updated_at,
    table.c.id,
    postgresql_where=literal_column("bucket = 'media' and status not in ('pending', 'uploading')"),
)
Index(
    "idx_assets_awaited",
    table.c.upload_expires_at,
    postgresql_where=table.c.status.in_(
        [literal_column("'pending'"), literal_column("'uploading'")]
    ),
)

# Files whose asset is gone, until they are removed too.
leftovers = Table(
    "leftover_files",
    base.metadata,
    Column("key", Text, primary_key=True),
    base.timestamp("at", nullable=False, server_default=func.now()),
)
Index("idx_leftover_files_at", leftovers.c.at)


class Bucket(Enum):
    """What a file is for, which decides who sees it."""

    MEDIA = "media"
    TRAINING = "training"


class Status(Enum):
    """How far an asset is."""

    PENDING = "pending"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


_THERE = table.c.status.in_([literal_column("'uploaded'"), literal_column("'ready'")])
_LOCATION: ColumnElement[str] = literal_column("'media/'", Text) + table.c.key

source = Source("asset", table, {"location": case((_THERE, _LOCATION))})

by_id = relations.by_id(source, "One file that was uploaded, or is about to be.")

hold = edits.held(
    "select * from hold_assets($1::uuid[])",
    *("project_id", "bucket", "status", "error", "key", "content_type", "size", "attempts"),
    *("thumbnail_url", "width", "height", "duration_ms", "blurhash"),
)
make = edits.inserted(table)
write = edits.written(table)

_NEW_KEY = Statement("select new_asset_key($1::uuid)", ("asset",), {})


async def new_key(session: Writing, id: str) -> str | None:
    """A key for a copy of what was sent; the copy is removed later, unless the asset takes it.

    There is none for an asset that is gone, or no longer the viewer's to change.
    """
    rows = await session.fetch(_NEW_KEY, asset=id)
    key: str | None = rows[0][0]
    return key
