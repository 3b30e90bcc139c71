"""Nodes: whatever has an id, whichever table it is in."""

from collections.abc import Mapping

from sqlalchemy import Text, any_, cast, literal_column, select, union_all

from db import (
    assets,
    generations,
    invitations,
    members,
    projects,
    runs,
    shot_entries,
    shots,
    tasks,
    users,
    variants,
)
from db.base import Columns, Keys
from db.rows import Row, Source, by_key, record
from db.session import Session
from db.statements import Selection, keys, statement

SOURCES: tuple[Source, ...] = (
    generations.source,
    variants.source,
    shots.source,
    shot_entries.source,
    projects.source,
    members.source,
    invitations.source,
    runs.source,
    tasks.source,
    users.source,
    assets.source,
)

_Kind = record("reference", ("kind", "id"))


async def kinds(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """The word for what each id is; ids that the viewer may not see are absent."""
    return by_key(await session.fetch(_kinds(), keys=ids), _Kind)


@statement
def _kinds() -> Selection:
    found = union_all(*(_kind(source) for source in SOURCES)).subquery("found")
    return select(found.c.kind, found.c.id)


def _kind(source: Source) -> Selection:
    return select(
        literal_column(f"'{source.tag}'").label("kind"), cast(source.table.c.id, Text).label("id")
    ).where(source.table.c.id == any_(keys()))
