"""Revisions: every change of settings, and what was there before it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db import base, paging, relations, settings
from db.base import Columns, Id, Keys
from db.errors import NotFound
from db.paging import Order
from db.rows import Row, Source, by_key
from db.session import Session
from db.slices import Page, Shape, Slice
from db.statements import Selection, Statement, statement
from db.tools import Scope
from db.writing import Writing

table = Table(
    "settings_revisions",
    base.metadata,
    base.uuid("user_id", ForeignKey("users.id", ondelete="CASCADE")),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE")),
    base.uuid("shot_id"),
    Column(
        "scope",
        Text,
        Computed(
            "case when shot_id is not null then 'shot'"
            " when project_id is not null then 'project' else 'user' end",
            persisted=True,
        ),
        primary_key=True,
    ),
    base.uuid(
        "entity_id",
        Computed("coalesce(shot_id, project_id, user_id)", persisted=True),
        primary_key=True,
    ),
    Column("tool", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    base.jsonb("patch"),
    Column("unset", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    base.jsonb("value_before"),
    base.uuid("author", ForeignKey("users.id", ondelete="SET NULL")),
    base.timestamp("at", nullable=False, server_default=func.now()),
    CheckConstraint("num_nonnulls(user_id, project_id) = 1", name="one_entity"),
    CheckConstraint("shot_id is null or project_id is not null", name="shot_in_project"),
    ForeignKeyConstraint(
        ["project_id", "shot_id"], ["shots.project_id", "shots.id"], ondelete="CASCADE"
    ),
)

_c = table.c
_known = {name: _c[name].is_not(None) for name in ("user_id", "project_id", "author")}
Index("idx_settings_revisions_user_id", _c.user_id, postgresql_where=_known["user_id"])
Index(
    "idx_settings_revisions_project_id",
    _c.project_id,
    _c.shot_id,
    postgresql_where=_known["project_id"],
)
Index("idx_settings_revisions_author", _c.author, postgresql_where=_known["author"])

source = Source("settings_revision", table)
_LATEST = Order("latest", (_c.version,), descending=True)
_SCOPE = paging.scope("revisions.by_tool", _LATEST)

_ENTITY = Statement("select from settings_entity($1, $2::uuid)", ("scope", "id"), {})
_BEFORE = Statement(
    "select version, value_before from settings_revisions"
    " where scope = $1 and entity_id = $2::uuid and tool = $3"
    " and version - $4::bigint in (0, 1)",
    ("scope", "id", "tool", "version"),
    {},
)


async def by_tool(
    session: Session, viewers: Keys, columns: Columns, scope: Scope, id: Id, tool: str, page: Page
) -> Mapping[str, Slice | NotFound]:
    """Every change of one tool's settings, the latest first."""
    if not await session.fetch(_ENTITY, scope=scope.value, id=id):
        return dict.fromkeys(viewers, settings.missing(scope, "id"))
    pages = await paging.pages(
        session,
        _by_tool(columns, page.shape),
        source.row(columns),
        [id],
        page,
        _LATEST,
        _SCOPE,
        kept_in=scope.value,
        tool=tool,
    )
    return dict.fromkeys(viewers, pages[id])


async def count_by_tool(
    session: Session, viewers: Keys, columns: Columns, scope: Scope, id: Id, tool: str
) -> Mapping[str, Row]:
    """How many changes there are in all."""
    rows = await session.fetch(_count(), keys=[id], kept_in=scope.value, tool=tool)
    return dict.fromkeys(viewers, by_key(rows, relations.Count)[id])


async def before(
    session: Writing, scope: Scope, id: str, tool: str, version: int
) -> Mapping[int, Any]:
    """What was there before a version and before the next one, as far as they exist."""
    return dict(await session.fetch(_BEFORE, scope=scope.value, id=id, tool=tool, version=version))


@statement
def _by_tool(columns: Columns, shape: Shape) -> Selection:
    return paging.lateral(source, columns, _LATEST, shape, _c.entity_id.__eq__, *_of_tool())


@statement
def _count() -> Selection:
    return relations.count_of(_c.entity_id.__eq__, *_of_tool())


def _of_tool() -> tuple[Any, ...]:
    return _c.scope == bindparam("kept_in", type_=Text), _c.tool == bindparam("tool", type_=Text)
