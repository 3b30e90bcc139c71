"""Where browsers load pictures and videos from."""

from db.rows import Row
from resolvers.context import Context


def url(row: Row, context: Context) -> str | None:
    """Where a browser loads the file: signed, and the same for a while."""
    return row.location and context.signer.sign(row.location)


def thumb_url(row: Row, context: Context) -> str | None:
    """Where a browser loads the small picture: signed, and the same for a while."""
    return row.thumbnail_url and context.signer.sign(row.thumbnail_url)


def url_identity(row: Row, context: Context) -> str | None:
    """The part of `url` that never changes, for caches: its path without the query."""
    return row.location and context.signer.identity(row.location)


def thumb_url_identity(row: Row, context: Context) -> str | None:
    """The part of `thumbUrl` that never changes, for caches: its path without the query."""
    return row.thumbnail_url and context.signer.identity(row.thumbnail_url)


def duration(row: Row) -> float | None:
    """How long it plays, in seconds."""
    return None if row.duration_ms is None else row.duration_ms / 1000
