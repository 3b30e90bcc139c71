"""Who takes part in a project, and as what."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from db import base

table = Table(
    "project_members",
    base.metadata,
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    base.uuid("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    CheckConstraint("role in ('viewer', 'editor', 'owner')", name="role_known"),
)

Index("idx_project_members_user_id", table.c.user_id, table.c.role, table.c.project_id)
