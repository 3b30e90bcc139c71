"""Retention: how long changes are kept, and what is left of them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import Connection, errors

from db.errors import Unavailable

logger = logging.getLogger("dailies.retention")

SLOTS = 8

# One is written, and those of the time that is kept lie behind it; one is always free.
_TURNS = SLOTS - 2
_MACHINERY = "select set_config('role', 'service_role', true)"
_OLDEST_FIRST = """
select ((f.slot + n) %% %(slots)s)::smallint
from feed f, generate_series(1, %(slots)s - 1) n
order by n
"""
_FOLD = "select fold_slot(%s::smallint, now() - %s::interval)"
_EMPTY = "select empty_slot(%s::smallint)"
_TURN = "select turn_slot(%s::interval)"
# Nobody is left who could see what was in a project or of a user that is gone.
_FORGET = """
delete from heads h
where not exists (select from projects p where p.id = h.scope)
  and not exists (select from users u where u.id = h.scope)
"""
_RENEW = "update feed set epoch = gen_random_uuid() returning epoch::text"


@dataclass(frozen=True)
class Pruned:
    """How many slots were emptied, and whether another one is written from now on."""

    emptied: int
    turned: bool


def prune(url: str, kept: timedelta) -> Pruned:
    """Let go of changes that are older than is kept; several at once do no harm."""
    with _connected(url) as connection:
        slots = _rows(connection, _OLDEST_FIRST, {"slots": SLOTS})
        emptied = sum(_emptied(connection, slot, kept) for (slot,) in slots)
        if emptied:
            _rows(connection, _FORGET)
        return Pruned(emptied, _is(connection, _TURN, kept / _TURNS))


def renew(url: str) -> str:
    """Begin a new epoch, in which no earlier cursor is known: after a database was restored."""
    with _connected(url) as connection:
        ((epoch,),) = _rows(connection, _RENEW)
    return str(epoch)


def _emptied(connection: Connection[Any], slot: int, kept: timedelta) -> bool:
    try:
        return _is(connection, _FOLD, slot, kept) and _is(connection, _EMPTY, slot)
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        logger.info("Slot %s is still written or read; it is emptied later", slot)
        return False


def _is(connection: Connection[Any], question: str, *values: Any) -> bool:
    ((answer,),) = _rows(connection, question, values)
    return bool(answer)


def _rows(connection: Connection[Any], text: str, values: Any = ()) -> list[Any]:
    """Each statement is a transaction of its own, so that none holds what the next one needs."""
    with connection.transaction():
        connection.execute(_MACHINERY)
        found = connection.execute(text, values)
        return found.fetchall() if found.description else []


@contextmanager
def _connected(url: str) -> Iterator[Connection[Any]]:
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable("The database is away; try again later.") from error
