"""Workers: the machines that do tasks."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text

from db import base

table = Table(
    "workers",
    base.metadata,
    Column("id", Text, primary_key=True),
    Column("instance_type", Text),
    Column("status", Text, nullable=False, server_default="active"),
    base.timestamp("last_heartbeat"),
    Column("current_model", Text),
    base.jsonb("metadata", "{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
    CheckConstraint("status in ('active', 'inactive', 'terminated')", name="status_known"),
)
