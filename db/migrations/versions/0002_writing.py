"""Tables of the writing half: tools, revisions of their settings, results of mutations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCOPE = (
    "case when shot_id is not null then 'shot' when project_id is not null then 'project'"
    " else 'user' end"
)


def json(name):
    return sa.Column(name, postgresql.JSONB())


def texts(name):
    return sa.Column(
        name, postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False
    )


def moment(name):
    calendar = f"{name} >= '0001-01-01 00:00:00+00' and {name} < '10000-01-01 00:00:00+00'"
    check = sa.CheckConstraint(calendar, name=f"{name}_in_calendar")
    return sa.Column(
        name, sa.DateTime(timezone=True), check, server_default=sa.text("now()"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "tools",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("primary_scope", sa.Text(), server_default="project", nullable=False),
        sa.Column(
            "defaults", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        json("schema"),
        texts("content_fields"),
        sa.Column("built_in", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint(
            "primary_scope in ('user', 'project', 'shot')", name="primary_scope_known"
        ),
        sa.CheckConstraint("jsonb_typeof(defaults) = 'object'", name="defaults_are_an_object"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "settings_revisions",
        sa.Column("user_id", sa.UUID()),
        sa.Column("project_id", sa.UUID()),
        sa.Column("shot_id", sa.UUID()),
        sa.Column("scope", sa.Text(), sa.Computed(SCOPE, persisted=True), nullable=False),
        sa.Column(
            "entity_id",
            sa.UUID(),
            sa.Computed("coalesce(shot_id, project_id, user_id)", persisted=True),
            nullable=False,
        ),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        json("patch"),
        texts("unset"),
        json("value_before"),
        sa.Column("author", sa.UUID()),
        moment("at"),
        sa.CheckConstraint("num_nonnulls(user_id, project_id) = 1", name="one_entity"),
        sa.CheckConstraint("shot_id is null or project_id is not null", name="shot_in_project"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id", "shot_id"], ["shots.project_id", "shots.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author"], ["users.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("scope", "entity_id", "tool", "version"),
    )
    for name, columns in (
        ("user_id", ["user_id"]),
        ("project_id", ["project_id", "shot_id"]),
        ("author", ["author"]),
    ):
        op.create_index(
            f"idx_settings_revisions_{name}",
            "settings_revisions",
            columns,
            postgresql_where=sa.text(f"{name} is not null"),
        )
    op.create_table(
        "mutation_results",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("mutation_id", sa.UUID(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        json("outcome"),
        moment("at"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "mutation_id"),
    )
    op.create_index("idx_mutation_results_user_id_at", "mutation_results", ["user_id", "at"])
