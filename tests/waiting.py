"""Knows when the gateway waits for somebody who holds a row."""

import asyncio
from typing import Any

import psycopg

WAITING = """
select pid from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and usename <> current_user
"""


async def waiting(owner: psycopg.Connection[Any], number: int = 1) -> int:
    """A process of the gateway that waits for a lock, once there are so many."""
    for _ in range(500):
        found = owner.execute(WAITING).fetchall()
        if len(found) >= number:
            return int(found[0][0])
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")
