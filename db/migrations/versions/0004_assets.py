"""Assets: uploads, the files that they leave behind, and the way from a file to its variants."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def moment(name, default="now()"):
    calendar = f"{name} >= '0001-01-01 00:00:00+00' and {name} < '10000-01-01 00:00:00+00'"
    check = sa.CheckConstraint(calendar, name=f"{name}_in_calendar")
    default = sa.text(default) if default else None
    return sa.Column(
        name, sa.DateTime(timezone=True), check, server_default=default, nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("uploader", sa.UUID()),
        sa.Column("bucket", sa.Text(), server_default="media", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text()),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        moment("upload_expires_at", default=None),
        sa.Column("thumbnail_url", sa.Text()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("blurhash", sa.Text()),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.CheckConstraint("bucket in ('media', 'training', 'loras')", name="bucket_known"),
        sa.CheckConstraint(
            "status in ('pending', 'uploading', 'uploaded', 'ready', 'failed', 'expired')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "starts_with(key, project_id::text || '/' || id::text || '.')", name="key_of_its_own"
        ),
        sa.CheckConstraint("size > 0", name="size_positive"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["uploader"], ["users.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", "id"),
    )
    op.create_index(
        "idx_assets_project_id",
        "assets",
        ["project_id", sa.text("created_at desc"), sa.text("id desc")],
    )
    for name, columns, condition in (
        ("uploader", ["uploader"], "uploader is not null"),
        ("arrived", ["updated_at", "id"], "status = 'uploaded'"),
        ("awaited", ["upload_expires_at"], "status in ('pending', 'uploading')"),
    ):
        op.create_index(
            f"idx_assets_{name}", "assets", columns, postgresql_where=sa.text(condition)
        )
    op.create_table(
        "leftover_files",
        sa.Column("key", sa.Text(), nullable=False),
        moment("at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("idx_leftover_files_at", "leftover_files", ["at"])
    op.create_index(
        "idx_generation_variants_location",
        "generation_variants",
        ["location"],
        postgresql_using="hash",
    )
