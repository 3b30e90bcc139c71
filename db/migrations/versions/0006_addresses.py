"""Addresses that tokens vouch for, by which people hear of their invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("verified_email", sa.Text()))
    op.create_index(
        "idx_users_verified_email",
        "users",
        ["verified_email"],
        postgresql_where=sa.text("verified_email is not null"),
    )
