"""Clocks: the tables of the feed, written by triggers alone.

`clocks` tells where each scope stands, `ticks` what each of its transactions was for, `changes`
what that did; they lie in slots that are emptied in turn. `heads` is what is left of the emptied
ones: the last that became of each row. `feed` holds the epoch, and the slot that is written now.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db import base

Sequence("feed_numbers", metadata=base.metadata)

feed = Table(
    "feed",
    base.metadata,
    Column("single", Boolean, primary_key=True, server_default="true"),
    base.uuid("epoch", nullable=False, server_default=text("gen_random_uuid()")),
    Column("slot", SmallInteger, nullable=False, server_default="0"),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("single", name="single_row"),
)

clocks = Table(
    "clocks",
    base.metadata,
    base.uuid("scope", primary_key=True),
    Column("tick", BigInteger, nullable=False),
    Column("min_tick", BigInteger, nullable=False, server_default="0"),
    postgresql_with={"fillfactor": 25},
)

ticks = Table(
    "ticks",
    base.metadata,
    base.uuid("scope", primary_key=True),
    Column("tick", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("tx", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("origin", Text),
    postgresql_partition_by="LIST (slot)",
)

changes = Table(
    "changes",
    base.metadata,
    Column("slot", SmallInteger, nullable=False),
    Column("tx", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    base.uuid("scope", nullable=False),
    Column("tbl", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("ids", ARRAY(UUID(as_uuid=False)), nullable=False),
    Column("parents", ARRAY(UUID(as_uuid=False))),
    Column("cols", ARRAY(Text), nullable=False),
    Column("shot_ids", ARRAY(UUID(as_uuid=False)), nullable=False),
    Column("lead", Boolean, nullable=False),
    postgresql_partition_by="LIST (slot)",
)
Index("idx_changes_tx_scope", changes.c.tx, changes.c.scope)

heads = Table(
    "heads",
    base.metadata,
    base.uuid("scope", primary_key=True),
    Column("tbl", Text, primary_key=True),
    base.uuid("id", primary_key=True),
    Column("tick", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
)
