"""Who takes part in a project, and as what."""

from collections.abc import Mapping
from enum import Enum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
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

from db import base, edits, relations
from db.base import Columns, Keys
from db.paging import Order
from db.rows import Row, Source, by_key, record
from db.session import Session
from db.statements import Selection, Statement, keys, statement
from db.writing import Writing

table = Table(
    "project_members",
    base.metadata,
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    base.uuid("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    base.uuid("id", nullable=False, server_default=text("gen_random_uuid()")),
    UniqueConstraint("id"),
    CheckConstraint("role in ('viewer', 'editor', 'owner')", name="role_known"),
)

Index("idx_project_members_user_id", table.c.user_id, table.c.role, table.c.project_id)


class Role(Enum):
    """What somebody may do in a project."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"


source = Source("member", table)
_JOINED = Order("joined", (table.c.created_at, table.c.id))
_ROLE = record("viewer_role", ("role",))
_PROFILE = record("profile", ("name", "avatar_url", "email"))

by_id = relations.by_id(source, "Somebody who takes part in a project.")
by_project = relations.paged(
    source, table.c.project_id, _JOINED, "Who takes part in it, in the order of joining."
)
count_by_project = relations.counted(table.c.project_id)

hold = edits.held(
    "select * from hold_members($1::uuid[])", "role", "project_id", "user_id", "is_owner"
)
write = edits.written(table)
remove = edits.removed(table)

_PROFILES = Statement(
    "select name, avatar_url, email, id::text from member_profiles($1::uuid[])", ("keys",), {}
)
_OF_VIEWER = Statement(
    "select id::text from project_members where project_id = $1::uuid and user_id = viewer_id()",
    ("project",),
    {},
)
_HAND_OVER = Statement(
    "select id::text from hand_over_project($1::uuid, $2::uuid)", ("project", "heir"), {}
)


async def profiles(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How members show themselves to one another."""
    return by_key(await session.fetch(_PROFILES, keys=ids), _PROFILE)


async def roles_of_viewer(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """What the viewer may do in projects."""
    return by_key(await session.fetch(_roles_of_viewer(), keys=ids), _ROLE)


async def of_viewer(session: Writing, project: str) -> str | None:
    """The id of the viewer's own part in a project."""
    found = await session.fetch(_OF_VIEWER, project=project)
    return str(found[0][0]) if found else None


async def hand_over(session: Writing, project: str, heir: str) -> list[str]:
    """Give the viewer's project to another member; gives the ids of both their parts in it."""
    return [one for (one,) in await session.fetch(_HAND_OVER, project=project, heir=heir)]


@statement
def _roles_of_viewer() -> Selection:
    is_viewer = table.c.user_id == func.viewer_id()
    chosen = select(table.c.role, cast(table.c.project_id, Text))
    return chosen.where(table.c.project_id == any_(keys()), is_viewer)
