"""Writing: one viewer's transaction that changes things, and is kept whole or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from db import violations
from db.session import Session
from db.statements import Statement
from db.wire import Values, Wire

_BEGIN = "begin isolation level read committed"
_CLAIM = (
    "select set_config('role', 'authenticated', true), "
    "set_config('request.jwt.claims', $1, true), "
    "set_config('statement_timeout', $2, true), "
    "set_config('dailies.reason', $3, true), "
    "set_config('dailies.scopes', $4, true), "
    "set_config('dailies.origin', $5, true)"
)
# What is only checked at the end would else spoil a transaction whose outcome is decided.
_DECIDED = "set constraints all immediate; release savepoint effects"
_IN_THE_WAY = (errors.DeadlockDetected, errors.SerializationFailure)
_UNDONE = "rollback to savepoint effects; release savepoint effects"


@dataclass(frozen=True)
class Purpose:
    """What followers of the changes are told: why, what to load again, and whose echo it is."""

    reason: str
    scopes: tuple[str, ...] = ()
    origin: str | None = None


class Writing:
    """A transaction in a viewer's name; it reads what it has written."""

    def __init__(self, session: Session, connection: Wire) -> None:
        self.cursors = session.cursors
        self.viewer_id = str(session.claims["sub"])
        self.statements = session.statements
        self._connection = connection

    async def fetch(self, statement: Statement, **parameters: Any) -> Values:
        """The rows of a statement."""
        return await self.execute(statement.text, statement.arguments(parameters))

    async def execute(self, text: str, values: tuple[Any, ...] | None = None) -> Values:
        """The same for text with the values of `$1 … $n`."""
        self.statements.append(text)
        cursor = await self._connection.execute(text, values)
        return await cursor.fetchall() if cursor.description else []

    @asynccontextmanager
    async def effects(self) -> AsyncIterator[None]:
        """What is done in here is undone when it raises; what broke a rule is told in words."""
        await self.execute("savepoint effects")
        try:
            yield
            await self.execute(_DECIDED)
        except Exception as error:
            await self.execute(_UNDONE)
            if isinstance(error, psycopg.Error) and (problem := violations.explained(error)):
                raise problem from error
            raise


def may_try_again(error: Exception) -> bool:
    """Whether others stood in the way, who may be gone the next time; nothing is left of it."""
    return isinstance(error, _IN_THE_WAY)


@asynccontextmanager
async def transaction(session: Session, purpose: Purpose) -> AsyncIterator[Writing]:
    """A transaction for the session's viewer, committed unless something is raised in it."""
    database = session.database
    connection = await database.take()
    try:
        writing = Writing(session, connection)
        await writing.execute(_BEGIN)
        scopes = ",".join(purpose.scopes)
        told = (purpose.reason, scopes, purpose.origin or "")
        await writing.execute(_CLAIM, (*database.envelope(session.claims), *told))
        yield writing
        await writing.execute("commit")
    except BaseException:
        await _abandon(connection)
        raise
    finally:
        await database.give_back(connection)


async def _abandon(connection: Wire) -> None:
    """Undo everything; a connection that cannot say so is closed, which undoes it too."""
    try:
        await connection.rollback()
    except psycopg.Error:
        await connection.close()


# What reads, before or while something is written.
Reading = Session | Writing
