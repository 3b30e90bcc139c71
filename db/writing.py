"""Writing: one viewer's transaction that changes things, and is kept whole or not at all.

Statements without an answer of their own fly with the next one that has some, at the latest with
the commit: a change that holds rows and writes them costs two flights. When the database refuses a
flight, all of the transaction is undone already.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from db import violations
from db.errors import Problem
from db.session import Session
from db.statements import Statement
from db.wire import Asked, Values, Wire

_BEGIN = Asked("begin isolation level read committed")
_CLAIM = (
    "select set_config('role', 'authenticated', true), "
    "set_config('request.jwt.claims', $1, true), "
    "set_config('statement_timeout', $2, true), "
    "set_config('dailies.reason', $3, true), "
    "set_config('dailies.scopes', $4, true), "
    "set_config('dailies.origin', $5, true)"
)
_EFFECTS = Asked("savepoint effects")
_UNDO = Asked("rollback to savepoint effects")
_CHANGED = Asked("select changed_scopes()")
_COMMIT = [Asked("commit")]
_ROLL_BACK = [Asked("rollback")]
# Others stood in the way, or changed the tables or what the viewer may do, and may be gone the
# next time.
_PASSING = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.FeatureNotSupported,
    errors.InsufficientPrivilege,
    errors.InvalidSqlStatementName,
)


@dataclass(frozen=True)
class Purpose:
    """What followers of the changes are told: why, what to load again, and whose echo it is."""

    reason: str
    scopes: tuple[str, ...] = ()
    origin: str | None = None


class Undone(Exception):
    """The database refused something that was sent, and has undone the whole transaction."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Errand(Exception):
    """Something else is needed first that may take long: it is waited for outside of transactions.

    All that was done is undone, and begins anew when it is there.
    """

    def __init__(self, run: Callable[[], Awaitable[None]]) -> None:
        super().__init__("Something else is needed first.")
        self.run = run


class Writing:
    """A transaction in a viewer's name; it reads what it has written.

    With `keeps_outcome` a problem undoes the effects alone, and something is written about it;
    else it undoes everything, which takes fewer statements.
    """

    def __init__(self, session: Session, purpose: Purpose, keeps_outcome: bool) -> None:
        self.cursors = session.cursors
        self.viewer_id = str(session.claims["sub"])
        self.statements = session.statements
        told = (purpose.reason, ",".join(purpose.scopes), purpose.origin or "")
        self._database = session.database
        self._opening = [
            _BEGIN,
            Asked(_CLAIM, (*self._database.envelope(session.claims), *told)),
        ]
        self._keeps_outcome = keeps_outcome
        self._is_undone = False
        self._queued: list[Asked] = []
        self._wire: Wire | None = None

    async def fetch(self, statement: Statement, **parameters: Any) -> Values:
        """The rows of a statement."""
        self.send(statement, **parameters)
        return (await self._flown())[-1]

    def send(self, statement: Statement, **parameters: Any) -> None:
        """A statement whose rows nobody waits for; it flies with the next that is fetched."""
        self._queued.append(Asked(statement.text, statement.arguments(parameters)))

    @asynccontextmanager
    async def effects(self) -> AsyncIterator[None]:
        """What is done in here is undone when it comes to a problem."""
        if self._keeps_outcome:
            self._queued.append(_EFFECTS)
        try:
            yield
        except Problem:
            self._undo()
            raise

    async def commit(self) -> None:
        """Keep everything that was not undone."""
        if not self._is_undone and (self._wire is not None or self._queued):
            self._queued.append(_CHANGED)
            ((scopes,),) = (await self._flown(_COMMIT))[-1]
            if scopes:
                self._database.committed(scopes)

    async def end(self) -> None:
        """Undo what was not kept, and give the connection back."""
        if self._wire is not None and self._wire.is_flying:
            await asyncio.shield(self._database.endings.begin(self._land(self._wire)))
        elif self._wire is not None:
            await self._database.give_back(self._wire)

    def _undo(self) -> None:
        if not self._keeps_outcome:
            self._is_undone = True
        elif _EFFECTS in self._queued:
            del self._queued[self._queued.index(_EFFECTS) :]
        else:
            self._queued.append(_UNDO)

    async def _flown(self, closing: Sequence[Asked] = ()) -> list[Values]:
        opening: list[Asked] = []
        if self._wire is None:
            self._wire, opening = await self._database.take(), self._opening
        asked, self._queued = self._queued, []
        self.statements += [each.text for each in (*opening, *asked, *closing)]
        try:
            return await self._wire.fly(asked, opening, closing)
        except psycopg.Error as error:
            if problem := violations.explained(error):
                raise Undone(problem) from error
            raise

    async def _land(self, wire: Wire) -> None:
        try:
            # A connection that cannot roll back is closed, which undoes everything too.
            with suppress(psycopg.Error):
                if wire.is_flying:
                    await wire.fly([], closing=_ROLL_BACK)
        finally:
            await self._database.give_back(wire)


# What reads, before or while something is written.
Reading = Session | Writing


def may_pass(error: Exception) -> bool:
    """Whether another try may succeed where this one left nothing behind."""
    return isinstance(error, _PASSING)


@asynccontextmanager
async def transaction(
    session: Session, purpose: Purpose, keeps_outcome: bool
) -> AsyncIterator[Writing]:
    """A transaction for the session's viewer, committed unless something is raised in it."""
    writing = Writing(session, purpose, keeps_outcome)
    try:
        yield writing
        await writing.commit()
    finally:
        await writing.end()
