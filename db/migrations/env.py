"""Runs the migrations on the connection that `db.migrate` holds."""

from alembic import context

from db import (
    assets,
    base,
    clocks,
    generations,
    members,
    projects,
    runs,
    shot_entries,
    shots,
    tasks,
    users,
    variants,
    workers,
)

TABLES = (
    users.table,
    projects.table,
    members.table,
    runs.table,
    shots.table,
    generations.table,
    variants.table,
    shot_entries.table,
    tasks.table,
    tasks.types,
    workers.table,
    assets.table,
    clocks.feed,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=base.metadata,
)
with context.begin_transaction():
    context.run_migrations()
