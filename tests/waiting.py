"""Knows when the gateway waits for somebody who holds a row."""

import asyncio
from typing import Any

import psycopg

WAITING = """
select pid from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and usename <> current_user
"""


async def waiting(owner: psycopg.Connection[Any]) -> int:
    """The process of the gateway that waits for a lock."""
    for _ in range(500):
        if found := owner.execute(WAITING).fetchone():
            return int(found[0])
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")
