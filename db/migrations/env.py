"""Runs the migrations on the connection that `db.migrate` holds."""

from alembic import context

from db import base

# The metadata's convention names the constraints of the migrations too.
context.configure(connection=context.config.attributes["connection"], target_metadata=base.metadata)
with context.begin_transaction():
    context.run_migrations()
