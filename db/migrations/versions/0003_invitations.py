"""Invitations to projects; members have ids of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def key(name):
    return sa.Column(name, sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def moment(name, **options):
    calendar = f"{name} >= '0001-01-01 00:00:00+00' and {name} < '10000-01-01 00:00:00+00'"
    check = sa.CheckConstraint(calendar, name=f"{name}_in_calendar")
    return sa.Column(name, sa.DateTime(timezone=True), check, nullable=False, **options)


def upgrade() -> None:
    op.add_column("project_members", key("id"))
    op.create_unique_constraint(op.f("project_members_id_key"), "project_members", ["id"])
    op.create_table(
        "project_invitations",
        key("id"),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.UUID()),
        moment("created_at", server_default=sa.text("now()")),
        moment("expires_at"),
        sa.CheckConstraint("role in ('viewer', 'editor', 'owner')", name="role_known"),
        sa.CheckConstraint('email = lower(email collate "C")', name="email_lowered"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", "email"),
    )
    op.create_index("idx_project_invitations_email", "project_invitations", ["email"])
    op.create_index(
        "idx_project_invitations_invited_by",
        "project_invitations",
        ["invited_by"],
        postgresql_where=sa.text("invited_by is not null"),
    )
