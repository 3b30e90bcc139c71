"""Mutations: what became of those whose clients gave them an id."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Column, ForeignKey, Index, Table, Text, func

from db import base
from db.statements import Statement
from db.writing import Writing

table = Table(
    "mutation_results",
    base.metadata,
    base.uuid("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    base.uuid("mutation_id", primary_key=True),
    Column("input_hash", Text, nullable=False),
    base.jsonb("outcome"),
    base.timestamp("at", nullable=False, server_default=func.now()),
)
Index("idx_mutation_results_user_id_at", table.c.user_id, table.c.at)

Kept = tuple[str, Mapping[str, Any]]

_BEGIN = Statement(
    "select is_new, kept_hash, kept_outcome from begin_mutation($1::uuid, $2)",
    ("mutation", "hash"),
    {},
)
_FINISH = Statement("select finish_mutation($1::uuid, $2::jsonb)", ("mutation", "outcome"), {})


async def begin(session: Writing, mutation_id: str, input_hash: str) -> Kept | None:
    """The hash and the outcome that are kept of it; None the first time it is seen."""
    ((is_new, kept_hash, outcome),) = await session.fetch(
        _BEGIN, mutation=mutation_id, hash=input_hash
    )
    return None if is_new else (kept_hash, outcome)


async def finish(session: Writing, mutation_id: str, outcome: Mapping[str, Any]) -> None:
    """Keep what it came to."""
    session.send(_FINISH, mutation=mutation_id, outcome=orjson.dumps(dict(outcome)).decode())
