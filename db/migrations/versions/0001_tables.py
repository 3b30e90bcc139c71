"""Tables of the reading half."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


IN_GALLERY = sa.text("location is not null and not is_child")


def key():
    return sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"))


def json(name, default):
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text(default), nullable=False)


def moment(name, **options):
    calendar = f"{name} >= '0001-01-01 00:00:00+00' and {name} < '10000-01-01 00:00:00+00'"
    check = sa.CheckConstraint(calendar, name=f"{name}_in_calendar")
    return sa.Column(name, sa.DateTime(timezone=True), check, **options)


def written():
    now = {"server_default": sa.text("now()"), "nullable": False}
    return (
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        moment("created_at", **now),
        moment("updated_at", **now),
    )


def in_project():
    return sa.ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE")


def scoped():
    """What foreign keys inside one project point at."""
    return sa.UniqueConstraint("project_id", "id")


def descending(name):
    return sa.text(f"{name} desc")


def present(name):
    return sa.text(f"{name} is not null")


def upgrade() -> None:
    op.create_table(
        "task_types",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("run_type", sa.Text(), server_default="gpu", nullable=False),
        sa.Column("category", sa.Text()),
        sa.Column("display_name", sa.Text()),
        sa.Column("billing_type", sa.Text(), server_default="per_second", nullable=False),
        sa.Column(
            "base_cost_per_second",
            sa.Numeric(precision=12, scale=6),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "unit_cost", sa.Numeric(precision=12, scale=6), server_default="0", nullable=False
        ),
        json("cost_factors", "'{}'::jsonb"),
        sa.Column("tool_type", sa.Text()),
        sa.Column("content_type", sa.Text()),
        sa.Column("is_visible", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("supports_progress", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        *written(),
        sa.CheckConstraint("billing_type in ('per_second', 'per_unit')", name="billing_type_known"),
        sa.CheckConstraint("run_type in ('gpu', 'api')", name="run_type_known"),
        sa.CheckConstraint(
            "base_cost_per_second >= 0 and unit_cost >= 0", name="cost_not_negative"
        ),
        sa.PrimaryKeyConstraint("name", name="task_types_pkey"),
    )
    op.create_table(
        "users",
        key(),
        sa.Column("email", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("avatar_url", sa.Text()),
        json("settings", "'{}'::jsonb"),
        json("onboarding", "'{}'::jsonb"),
        sa.Column("credits", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False),
        *written(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_type", sa.Text()),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        moment("last_heartbeat"),
        sa.Column("current_model", sa.Text()),
        json("metadata", "'{}'::jsonb"),
        *written(),
        sa.CheckConstraint("status in ('active', 'inactive', 'terminated')", name="status_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "projects",
        key(),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aspect_ratio", sa.Text()),
        sa.Column("thumbnail_generation_id", sa.UUID()),
        json("settings", "'{}'::jsonb"),
        *written(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="projects_user_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "idx_projects_thumbnail",
        "projects",
        ["thumbnail_generation_id"],
        postgresql_where=present("thumbnail_generation_id"),
    )
    op.create_index(
        "idx_projects_user_id", "projects", ["user_id", descending("created_at"), descending("id")]
    )
    op.create_table(
        "project_members",
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        *written(),
        sa.CheckConstraint("role in ('viewer', 'editor', 'owner')", name="role_known"),
        in_project(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="project_members_user_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="project_members_pkey"),
    )
    op.create_index(
        "idx_project_members_user_id", "project_members", ["user_id", "role", "project_id"]
    )
    op.create_table(
        "runs",
        key(),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("prompt", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("image_count", sa.Integer()),
        sa.Column("status", sa.Text()),
        json("settings_snapshot", "'{}'::jsonb"),
        *written(),
        in_project(),
        sa.PrimaryKeyConstraint("id"),
        scoped(),
    )
    op.create_index(
        "idx_runs_project_created_desc",
        "runs",
        ["project_id", descending("created_at"), descending("id")],
    )
    op.create_table(
        "shots",
        key(),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("aspect_ratio", sa.Text()),
        json("settings", "'{}'::jsonb"),
        *written(),
        in_project(),
        sa.PrimaryKeyConstraint("id"),
        scoped(),
    )
    op.create_index("idx_shots_project_position", "shots", ["project_id", "position", "id"])
    op.create_table(
        "tasks",
        key(),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("task_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="Queued", nullable=False),
        sa.Column("params", postgresql.JSONB()),
        sa.Column("dependant_on", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("worker_id", sa.Text()),
        sa.Column("output_location", sa.Text()),
        sa.Column("result_data", postgresql.JSONB()),
        sa.Column("error_message", sa.Text()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress", sa.Numeric(precision=5, scale=2)),
        sa.Column("idempotency_key", sa.Text()),
        moment("generation_started_at"),
        moment("generation_processed_at"),
        *written(),
        sa.CheckConstraint(
            "status in ('Queued', 'In Progress', 'Complete', 'Failed', 'Cancelled')",
            name="status_known",
        ),
        in_project(),
        sa.ForeignKeyConstraint(["task_type"], ["task_types.name"], name="tasks_task_type_fkey"),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name="tasks_worker_id_fkey", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id"),
        scoped(),
        sa.UniqueConstraint("project_id", "idempotency_key", name="tasks_idempotency_key_free"),
    )
    op.create_index(
        "idx_tasks_project_created_desc",
        "tasks",
        ["project_id", descending("created_at"), descending("id")],
    )
    op.create_index("idx_tasks_task_type", "tasks", ["task_type"])
    op.create_index(
        "idx_tasks_worker_id", "tasks", ["worker_id"], postgresql_where=present("worker_id")
    )
    op.create_table(
        "generations",
        key(),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text()),
        sa.Column("location", sa.Text()),
        sa.Column("thumbnail_url", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("params", postgresql.JSONB()),
        sa.Column("tool_type", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("prompt", sa.Text()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("byte_size", sa.BigInteger()),
        sa.Column("blurhash", sa.Text()),
        sa.Column("starred", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("run_id", sa.UUID()),
        sa.Column("task_id", sa.UUID()),
        sa.Column("based_on", sa.UUID()),
        sa.Column("parent_generation_id", sa.UUID()),
        sa.Column(
            "is_child",
            sa.Boolean(),
            sa.Computed("parent_generation_id is not null", persisted=True),
            nullable=False,
        ),
        sa.Column("child_order", sa.Integer()),
        sa.Column("primary_variant_id", sa.UUID()),
        json("children", "'[]'::jsonb"),
        json("shot_data", "'{}'::jsonb"),
        sa.Column("shot_id", sa.UUID()),
        sa.Column("timeline_frame", sa.Integer()),
        sa.Column("pair_shot_generation_id", sa.UUID()),
        *written(),
        sa.CheckConstraint("char_length(name) <= 500", name="name_short"),
        sa.ForeignKeyConstraint(
            ["project_id", "based_on"],
            ["generations.project_id", "generations.id"],
            name="generations_project_id_based_on_fkey",
            ondelete="SET NULL (based_on)",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "parent_generation_id"],
            ["generations.project_id", "generations.id"],
            name="generations_project_id_parent_generation_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "run_id"],
            ["runs.project_id", "runs.id"],
            name="generations_project_id_run_id_fkey",
            ondelete="SET NULL (run_id)",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "shot_id"],
            ["shots.project_id", "shots.id"],
            name="generations_project_id_shot_id_fkey",
            ondelete="SET NULL (shot_id)",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "task_id"],
            ["tasks.project_id", "tasks.id"],
            name="generations_project_id_task_id_fkey",
            ondelete="SET NULL (task_id)",
        ),
        in_project(),
        sa.PrimaryKeyConstraint("id"),
        scoped(),
    )
    op.create_index(
        "idx_generations_based_on",
        "generations",
        ["based_on", descending("created_at"), descending("id"), "project_id"],
        postgresql_where=present("based_on"),
    )
    op.create_index(
        "idx_generations_document",
        "generations",
        [
            sa.text(
                "(array_to_tsvector(array['#' || project_id::text])"
                " || to_tsvector('simple'::regconfig, translate("
                "left(coalesce(prompt, ''), 100000) || ' ' || left(coalesce(name, ''), 1000),"
                " '-_./:@<>&~+', '           ')))"
            )
        ],
        postgresql_using="gin",
    )
    op.create_index(
        "idx_generations_pair_shot_generation_id",
        "generations",
        ["pair_shot_generation_id"],
        postgresql_where=present("pair_shot_generation_id"),
    )
    op.create_index(
        "idx_generations_parent",
        "generations",
        [
            "parent_generation_id",
            sa.text("(case when child_order is null then 2147483647 else child_order end)"),
            "created_at",
            "id",
            "project_id",
        ],
        postgresql_where=present("parent_generation_id"),
    )
    op.create_index(
        "idx_generations_primary_variant",
        "generations",
        ["primary_variant_id", "project_id"],
        postgresql_where=present("primary_variant_id"),
    )
    op.create_index(
        "idx_generations_project_created_desc",
        "generations",
        ["project_id", descending("created_at"), descending("id")],
        postgresql_where=IN_GALLERY,
    )
    op.create_index(
        "idx_generations_project_name",
        "generations",
        [
            "project_id",
            sa.text(
                "(case when name is null or name = '' then chr(1114111) else name end"
                ' COLLATE "C")'
            ),
            "id",
        ],
        postgresql_where=IN_GALLERY,
    )
    op.create_index(
        "idx_generations_project_name_desc",
        "generations",
        [
            "project_id",
            sa.text("(case when name is null then '' else name end COLLATE \"C\")"),
            "id",
        ],
        postgresql_where=IN_GALLERY,
    )
    op.create_index(
        "idx_generations_project_starred_created",
        "generations",
        ["project_id", descending("starred"), descending("created_at"), descending("id")],
        postgresql_where=IN_GALLERY,
    )
    op.create_index(
        "idx_generations_project_updated_desc",
        "generations",
        ["project_id", descending("updated_at"), descending("id")],
        postgresql_where=IN_GALLERY,
    )
    op.create_index(
        "idx_generations_run_id",
        "generations",
        ["run_id", descending("created_at"), descending("id")],
        postgresql_where=present("run_id"),
    )
    op.create_index(
        "idx_generations_shot_data", "generations", ["shot_data"], postgresql_using="gin"
    )
    op.create_index(
        "idx_generations_shot_id", "generations", ["shot_id"], postgresql_where=present("shot_id")
    )
    op.create_index(
        "idx_generations_task_id", "generations", ["task_id"], postgresql_where=present("task_id")
    )
    op.create_table(
        "generation_variants",
        key(),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("generation_id", sa.UUID(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("thumbnail_url", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("params", postgresql.JSONB()),
        sa.Column("variant_type", sa.Text()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("byte_size", sa.BigInteger()),
        sa.Column("blurhash", sa.Text()),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("starred", sa.Boolean(), server_default="false", nullable=False),
        moment("viewed_at"),
        *written(),
        sa.CheckConstraint("char_length(name) <= 500", name="name_short"),
        postgresql.ExcludeConstraint(
            (sa.column("generation_id"), "="),
            where=sa.text("is_primary"),
            deferrable=True,
            initially="DEFERRED",
            using="btree",
            name="generation_variants_one_primary",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "generation_id"],
            ["generations.project_id", "generations.id"],
            name="generation_variants_project_id_generation_id_fkey",
            ondelete="CASCADE",
        ),
        in_project(),
        sa.PrimaryKeyConstraint("id"),
        scoped(),
    )
    op.create_index(
        "idx_generation_variants_generation_id",
        "generation_variants",
        [
            "generation_id",
            descending("is_primary"),
            descending("created_at"),
            descending("id"),
            "project_id",
        ],
    )
    op.create_index(
        "idx_generation_variants_project_id",
        "generation_variants",
        ["project_id", descending("created_at"), descending("id")],
    )
    op.create_index(
        "idx_generation_variants_unviewed",
        "generation_variants",
        ["project_id", "generation_id"],
        postgresql_where=sa.text("viewed_at is null"),
    )
    op.create_table(
        "shot_generations",
        key(),
        sa.Column("project_id", sa.UUID(), nullable=False),
        sa.Column("shot_id", sa.UUID(), nullable=False),
        sa.Column("generation_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("timeline_frame", sa.Integer()),
        json("metadata", "'{}'::jsonb"),
        *written(),
        sa.CheckConstraint("timeline_frame >= 0", name="frame_not_negative"),
        sa.ForeignKeyConstraint(
            ["project_id", "generation_id"],
            ["generations.project_id", "generations.id"],
            name="shot_generations_project_id_generation_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "shot_id"],
            ["shots.project_id", "shots.id"],
            name="shot_generations_project_id_shot_id_fkey",
            ondelete="CASCADE",
        ),
        in_project(),
        sa.PrimaryKeyConstraint("id"),
        scoped(),
        sa.UniqueConstraint(
            "shot_id",
            "timeline_frame",
            deferrable=True,
            initially="DEFERRED",
            name="shot_generations_frame_free",
        ),
    )
    op.create_index(
        "idx_shot_generations_generation_id",
        "shot_generations",
        ["generation_id", "created_at", "id", "project_id"],
    )
    op.create_index(
        "idx_shot_generations_shot_id_created_at",
        "shot_generations",
        ["shot_id", descending("created_at"), descending("id")],
    )
    op.create_index(
        "idx_shot_generations_shot_id_position",
        "shot_generations",
        [
            "shot_id",
            sa.text("(case when position is null then 2147483647 else position end)"),
            "created_at",
            "id",
        ],
    )
    op.create_foreign_key(
        "projects_id_thumbnail_generation_id_fkey",
        "projects",
        "generations",
        ["id", "thumbnail_generation_id"],
        ["project_id", "id"],
        ondelete="SET NULL (thumbnail_generation_id)",
    )
    op.create_foreign_key(
        "generations_project_id_pair_shot_generation_id_fkey",
        "generations",
        "shot_generations",
        ["project_id", "pair_shot_generation_id"],
        ["project_id", "id"],
        ondelete="SET NULL (pair_shot_generation_id)",
    )
    op.create_foreign_key(
        "generations_project_id_primary_variant_id_fkey",
        "generations",
        "generation_variants",
        ["project_id", "primary_variant_id"],
        ["project_id", "id"],
        ondelete="SET NULL (primary_variant_id)",
        initially="DEFERRED",
        deferrable=True,
    )
