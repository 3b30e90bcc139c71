"""People, as their tokens introduce them."""

from sqlalchemy import Column, Integer, Numeric, Table, Text

from db import base, relations
from db.rows import Source

table = Table(
    "users",
    base.metadata,
    base.key(),
    Column("email", Text),
    Column("name", Text),
    Column("avatar_url", Text),
    base.jsonb("settings", "{}"),
    base.jsonb("onboarding", "{}"),
    Column("credits", Numeric(12, 3), nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
)

source = Source("user", table)

by_id = relations.by_id(source, "Somebody who makes images and videos.")
