"""Projects: one studio's work, the unit of ownership."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    FromClause,
    Index,
    Integer,
    Table,
    Text,
    any_,
    cast,
    exists,
    func,
    select,
    true,
)

from db import base, edits, generations, members, paging, relations, shots
from db.base import Columns, Keys
from db.generations import MediaType
from db.paging import Order
from db.rows import Row, Source, by_key, record
from db.session import Session
from db.slices import Page, Shape, Slice
from db.statements import Selection, Statement, keys, statement
from db.writing import Writing

table = Table(
    "projects",
    base.metadata,
    base.key(),
    base.uuid("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("aspect_ratio", Text),
    base.uuid("thumbnail_generation_id"),
    base.jsonb("settings", "{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    ForeignKeyConstraint(
        ["id", "thumbnail_generation_id"],
        ["generations.project_id", "generations.id"],
        ondelete="SET NULL (thumbnail_generation_id)",
        use_alter=True,
    ),
)

_thumbnail = table.c.thumbnail_generation_id
Index("idx_projects_user_id", table.c.user_id, table.c.created_at.desc(), table.c.id.desc())
Index("idx_projects_thumbnail", _thumbnail, postgresql_where=_thumbnail.is_not(None))

source = Source("project", table)
_NEWEST = Order("newest", (table.c.created_at, table.c.id), descending=True)
_SCOPE = paging.scope("projects.by_member", _NEWEST)

by_id = relations.by_id(source, "One studio's work.")
edge = relations.edge_of(source, _NEWEST, _SCOPE)
hold = edits.held(
    "select * from hold_projects($1::uuid[])",
    *("name", "aspect_ratio", "thumbnail_generation_id", "user_id"),
)
write = edits.written(table)
_remove = edits.removed(table)

# Whether the viewer may add to a project; its row is not held, the adding itself does that.
writable = edits.held(
    "select p.id::text, p.id in (select hold_writable($1::uuid[])), p.version"
    " from projects p where p.id = any ($1::uuid[])"
)

_CREATE = Statement(
    "select create_project($1::uuid, $2, $3, $4::uuid, $5::uuid, $6)",
    ("id", "name", "aspect_ratio", "settings_from", "shot_id", "shot_name"),
    {},
)
# A large project takes longer to delete than any other statement may.
_PATIENCE = Statement("select set_config('statement_timeout', '5min', true)", (), {})


@dataclass(frozen=True)
class NewProject:
    """A project that is to be made, with its first shot."""

    id: str
    name: str
    aspect_ratio: str | None
    settings_from: str | None
    shot_id: str
    shot_name: str


async def create(session: Writing, project: NewProject) -> str | None:
    """Make a project of the viewer's; gives the kind of what has an id of it already."""
    ((taken,),) = await session.fetch(_CREATE, **vars(project))
    return None if taken is None else str(taken)


async def remove(session: Writing, project: str) -> None:
    """Delete a project with all that is in it."""
    session.send(_PATIENCE)
    await _remove(session, [project])


async def by_member(
    session: Session, ids: Keys, columns: Columns, page: Page
) -> Mapping[str, Slice]:
    """The projects they take part in, the newest first."""
    statement = _by_member(columns, page.shape)
    row = source.row(columns)
    return await paging.pages(session, statement, row, ids, page, _NEWEST, _SCOPE)


async def count_by_member(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How many projects they take part in."""
    return by_key(await session.fetch(_count_by_member(), keys=ids), relations.Count)


async def statistics(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How much is in it, always exact."""
    return by_key(await session.fetch(_statistics(columns), keys=ids), record("counts", columns))


async def owners(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """Whose project it is; only they can hand it over."""
    row = members.source.row(columns)
    return by_key(await session.fetch(_owners(columns), keys=ids), row)


@statement
def _owners(columns: Columns) -> Selection:
    member = members.table.c
    is_owner = exists().where(table.c.id == member.project_id, table.c.user_id == member.user_id)
    project = cast(member.project_id, Text).label("key_")
    chosen = members.source.select(columns, project)
    return chosen.where(member.project_id == any_(keys()), is_owner)


@statement
def _by_member(columns: Columns, shape: Shape) -> Selection:
    return paging.lateral(source, columns, _NEWEST, shape, _with_member)


@statement
def _count_by_member() -> Selection:
    return relations.count_of(_with_member)


def _with_member(user: Any) -> ColumnElement[bool]:
    theirs = select(members.table.c.project_id).where(members.table.c.user_id == user)
    return table.c.id.in_(theirs.correlate(user.table))


@statement
def _statistics(columns: Columns) -> Selection:
    parent = paging.parents()
    origin: FromClause = parent
    counts: dict[str, ColumnElement[int]] = {}
    for of, condition, known in _COUNTED:
        asked = [known[name].label(name) for name in columns if name in known]
        if asked:
            part = select(*asked).where(of.c.project_id == parent.c.key, condition).lateral()
            origin = origin.join(part, true())
            counts |= dict(part.c)
    return select(*map(counts.__getitem__, columns), cast(parent.c.key, Text)).select_from(origin)


_one = generations.table.c
_media_type = func.media_type(_one.type)
_COUNTED: tuple[tuple[Table, ColumnElement[bool], Mapping[str, ColumnElement[int]]], ...] = (
    (
        generations.table,
        generations.in_gallery,
        {
            "generations": func.count(),
            "images": func.count().filter(_media_type == MediaType.IMAGE.value),
            "videos": func.count().filter(_media_type == MediaType.VIDEO.value),
            "starred": func.count().filter(_one.starred),
        },
    ),
    (shots.table, true(), {"shots": func.count()}),
)
