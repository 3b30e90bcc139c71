"""Invitations: who may become a member of a project, by their e-mail address."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
)

from db import base, edits, paging, relations
from db.base import Columns, Keys
from db.members import Role
from db.paging import Order
from db.rows import Row, Source, by_key, record
from db.session import Session
from db.slices import Page, Shape, Slice
from db.statements import Selection, Statement, statement
from db.writing import Writing

table = Table(
    "project_invitations",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    base.uuid("invited_by", ForeignKey("users.id", ondelete="SET NULL")),
    base.timestamp("created_at", nullable=False, server_default=func.now()),
    base.timestamp("expires_at", nullable=False),
    UniqueConstraint("project_id", "email"),
    CheckConstraint("role in ('viewer', 'editor', 'owner')", name="role_known"),
    CheckConstraint('email = lower(email collate "C")', name="email_lowered"),
)

_inviter = table.c.invited_by
Index("idx_project_invitations_email", table.c.email)
Index("idx_project_invitations_invited_by", _inviter, postgresql_where=_inviter.is_not(None))

source = Source("invitation", table)
_NEWEST = Order("newest", (table.c.created_at, table.c.id), descending=True)
_SCOPE = paging.scope("invitations.by_viewer", _NEWEST)
_DETAILS = record("invitation_details", ("project_name", "inviter_name"))

by_id = relations.by_id(source, "An invitation to take part in a project.")
by_project = relations.paged(
    source, table.c.project_id, _NEWEST, "Who is invited, the newest first; only owners see that."
)
count_by_project = relations.counted(table.c.project_id)

# It is not held: revoking it tells whether it was still there.
seen = edits.held(
    "select i.id::text, i.project_id = any (array(select hold_managed(array[i.project_id]))), 1,"
    " i.project_id::text from project_invitations i where i.id = any ($1::uuid[])",
    "project_id",
)

_INVITE = Statement("select invite($1::uuid, $2, $3)::text", ("project", "email", "role"), {})
_ACCEPT = Statement("select accept_invitation($1::uuid)::text", ("id",), {})
_DECLINE = Statement("select decline_invitation($1::uuid)", ("id",), {})
_REVOKE = Statement("delete from project_invitations where id = $1::uuid returning id", ("id",), {})
_READ_DETAILS = Statement(
    "select project_name, inviter_name, id::text from invitation_details($1::uuid[])",
    ("keys",),
    {},
)


async def by_viewer(
    session: Session, ids: Keys, columns: Columns, page: Page
) -> Mapping[str, Slice]:
    """The projects that they are invited to, the newest invitation first."""
    row = source.row(columns)
    return await paging.pages(
        session, _by_viewer(columns, page.shape), row, ids, page, _NEWEST, _SCOPE
    )


async def count_by_viewer(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How many projects they are invited to."""
    return by_key(await session.fetch(_count_by_viewer(), keys=ids), relations.Count)


async def details(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """What whoever is invited is told before they can look into the project."""
    return by_key(await session.fetch(_READ_DETAILS, keys=ids), _DETAILS)


async def invite(session: Writing, project: str, email: str, role: Role) -> str:
    """Invite an address for two weeks, or anew; gives the id of the invitation."""
    ((id,),) = await session.fetch(_INVITE, project=project, email=email, role=role.value)
    return str(id)


async def accept(session: Writing, id: str) -> str | None:
    """Make the viewer a member by an invitation of theirs; gives the id of their part."""
    ((member,),) = await session.fetch(_ACCEPT, id=id)
    return None if member is None else str(member)


async def decline(session: Writing, id: str) -> bool:
    """Take an invitation of the viewer's away; gives whether there was one."""
    ((found,),) = await session.fetch(_DECLINE, id=id)
    return bool(found)


async def revoke(session: Writing, id: str) -> bool:
    """Take an invitation back; gives whether it was still there."""
    return bool(await session.fetch(_REVOKE, id=id))


@statement
def _by_viewer(columns: Columns, shape: Shape) -> Selection:
    return paging.lateral(source, columns, _NEWEST, shape, _to_viewer)


@statement
def _count_by_viewer() -> Selection:
    return relations.count_of(_to_viewer)


def _to_viewer(user: Any) -> ColumnElement[bool]:
    return and_(user == func.viewer_id(), table.c.id.in_(select(func.own_invitations())))
