"""Tasks: generation work for workers, and the types it comes in."""

from enum import Enum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db import base, relations
from db.rows import Source

types = Table(
    "task_types",
    base.metadata,
    Column("name", Text, primary_key=True),
    Column("run_type", Text, nullable=False, server_default="gpu"),
    Column("category", Text),
    Column("display_name", Text),
    Column("billing_type", Text, nullable=False, server_default="per_second"),
    Column("base_cost_per_second", Numeric(12, 6), nullable=False, server_default="0"),
    Column("unit_cost", Numeric(12, 6), nullable=False, server_default="0"),
    base.jsonb("cost_factors", "{}"),
    Column("tool_type", Text),
    Column("content_type", Text),
    Column("is_visible", Boolean, nullable=False, server_default="true"),
    Column("supports_progress", Boolean, nullable=False, server_default="false"),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    CheckConstraint("run_type in ('gpu', 'api')", name="run_type_known"),
    CheckConstraint("billing_type in ('per_second', 'per_unit')", name="billing_type_known"),
    CheckConstraint("base_cost_per_second >= 0 and unit_cost >= 0", name="cost_not_negative"),
)

table = Table(
    "tasks",
    base.metadata,
    base.key(),
    base.uuid("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("task_type", Text, ForeignKey("task_types.name"), nullable=False),
    Column("status", Text, nullable=False, server_default="Queued"),
    base.jsonb("params"),
    Column("dependant_on", ARRAY(UUID(as_uuid=False)), nullable=False, server_default="{}"),
    Column("worker_id", Text, ForeignKey("workers.id", ondelete="SET NULL")),
    Column("output_location", Text),
    base.jsonb("result_data"),
    Column("error_message", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("progress", Numeric(5, 2)),
    Column("idempotency_key", Text),
    base.timestamp("generation_started_at"),
    base.timestamp("generation_processed_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    UniqueConstraint("project_id", "id"),
    UniqueConstraint("project_id", "idempotency_key", name="tasks_idempotency_key_free"),
    CheckConstraint(
        "status in ('Queued', 'In Progress', 'Complete', 'Failed', 'Cancelled')",
        name="status_known",
    ),
)

Index(
    "idx_tasks_project_created_desc",
    table.c.project_id,
    table.c.created_at.desc(),
    table.c.id.desc(),
)
Index("idx_tasks_task_type", table.c.task_type)
Index("idx_tasks_worker_id", table.c.worker_id, postgresql_where=table.c.worker_id.is_not(None))


class TaskStatus(Enum):
    """How far a task is."""

    QUEUED = "Queued"
    IN_PROGRESS = "In Progress"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


source = Source("task", table)

by_id = relations.by_id(source, "Generation work for a worker.")
