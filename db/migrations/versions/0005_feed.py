"""Tables of the feed: clocks, ticks, changes, what is left of old ones, and where it all stands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SLOTS = 8


def number(name, **options):
    return sa.Column(name, sa.BigInteger(), nullable=False, **options)


def ids(name):
    return sa.Column(name, postgresql.ARRAY(sa.UUID()), nullable=False)


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("feed_numbers")))
    op.create_table(
        "feed",
        sa.Column("single", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("epoch", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("slot", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("single", name="single_row"),
        sa.PrimaryKeyConstraint("single"),
    )
    op.create_table(
        "clocks",
        sa.Column("scope", sa.UUID(), nullable=False),
        number("tick"),
        number("min_tick", server_default="0"),
        sa.PrimaryKeyConstraint("scope"),
        postgresql_with={"fillfactor": 25},
    )
    op.create_table(
        "ticks",
        sa.Column("scope", sa.UUID(), nullable=False),
        number("tick"),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        number("tx"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.PrimaryKeyConstraint("scope", "tick", "slot"),
        postgresql_partition_by="LIST (slot)",
    )
    op.create_table(
        "changes",
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        number("tx"),
        number("seq"),
        sa.Column("scope", sa.UUID(), nullable=False),
        sa.Column("tbl", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        ids("ids"),
        sa.Column("parents", postgresql.ARRAY(sa.UUID())),
        sa.Column("cols", postgresql.ARRAY(sa.Text()), nullable=False),
        ids("shot_ids"),
        sa.Column("lead", sa.Boolean(), nullable=False),
        postgresql_partition_by="LIST (slot)",
    )
    op.create_index("idx_changes_tx_scope", "changes", ["tx", "scope"])
    for table in ("ticks", "changes"):
        for slot in range(SLOTS):
            op.execute(f"create table {table}_{slot} partition of {table} for values in ({slot})")
    op.create_table(
        "heads",
        sa.Column("scope", sa.UUID(), nullable=False),
        sa.Column("tbl", sa.Text(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        number("tick"),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "tbl", "id"),
    )
