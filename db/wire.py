"""The wire: a connection that sends whole flights of statements at once and reads what comes back.

A flight is written in one go and read in one go. The first one of a transaction brings the opening
along, the last one may bring the closing. When a flight fails, or who waits for it is cancelled,
all since the opening is rolled back and nothing is owed any more before the caller learns of it;
a connection that cannot be brought there is closed.
"""

import asyncio
import select
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection, errors, pq
from psycopg.abc import Buffer
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult

from db.landing import Landing
from db.prepared import Prepared
from db.values import adapted, texts

Values = list[tuple[Any, ...]]
Arrived = Callable[[Values], object]

KEPT = 200

_PATIENCE_SECONDS = 5
_OLD_SECONDS = 600
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)
# What is said of a prepared statement whose tables have changed, or that somebody else dropped.
_STALE = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)


class Asked(NamedTuple):
    """A statement with the values of `$1 … $n`."""

    text: str
    values: Sequence[Any] = ()


Statements = Sequence[Asked]


class _Step(NamedTuple):
    """One message of a flight that is answered, who gets its rows, and what to do if it fails."""

    arrived: Arrived | None = None
    undo: Callable[[], object] | None = None


_NO_ROWS = _Step()


class Wire(AsyncConnection[tuple[Any, ...]]):
    """A connection on which statements fly; `prepare_threshold=None` prepares none of them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.prepared_max = KEPT
        self._since = time.monotonic()
        self._kept = Prepared()
        self._steps: list[_Step] = []
        self._results: list[PGresult] = []
        self._refused: Exception | None = None
        self._transformer = Transformer(adapted(self.adapters))
        self._idle = select.poll()
        self._idle.register(self.fileno(), select.POLLIN)

    @property
    def is_old(self) -> bool:
        """Whether it has served for so long that the pool should look at it."""
        return time.monotonic() - self._since > _OLD_SECONDS

    @property
    def has_hung_up(self) -> bool:
        """Whether the server closed it: idle, it says nothing else. Looking costs no round trip."""
        return bool(self._idle.poll(0))

    @property
    def is_flying(self) -> bool:
        """Whether a transaction was opened here and is not closed yet, and neither is the wire."""
        return not self.closed and self.pgconn.pipeline_status != pq.PipelineStatus.OFF

    async def fly(
        self,
        asked: Statements,
        opening: Statements = (),
        closing: Statements = (),
        arrived: Arrived | None = None,
    ) -> list[Values]:
        """The rows of every statement asked, in that order.

        A flight that opens its transaction is repeated once when what was prepared is out of
        date. A later one is not: its snapshot may not show what the tables have become. There
        `arrived` is told the rows of each statement as soon as they come, while PostgreSQL works
        on the next, else when all are there. It must not raise.
        """
        if not opening:
            return await self._flown(asked, (), closing, arrived)
        try:
            found = await self._flown(asked, opening, closing, None)
        except _STALE:
            found = await self._flown(asked, opening, closing, None)
        if arrived is not None:
            for rows in found:
                arrived(rows)
        return found

    async def _flown(
        self, asked: Statements, opening: Statements, closing: Statements, arrived: Arrived | None
    ) -> list[Values]:
        found: list[Values] = []

        def keep(rows: Values) -> None:
            found.append(rows)
            if arrived is not None:
                arrived(rows)

        told = ((opening, None), (asked, keep), (closing, None))
        flight = [
            (each, texts(each.values, self._transformer), whom)
            for statements, whom in told
            for each in statements
        ]
        try:
            self._send(flight)
            if closing:
                self._sync()
            else:
                self.pgconn.send_flush_request()
            await self._arrived()
            if self._refused is not None:
                raise self._refused
        except BaseException as error:
            if isinstance(error, _STALE):
                self._kept.forget()
            await self._recovered()
            raise
        finally:
            self._steps, self._results, self._refused = [], [], None
        if closing:
            self.pgconn.exit_pipeline_mode()
        return found

    def _send(self, flight: Sequence[tuple[Asked, list[Buffer | None], Arrived | None]]) -> None:
        if not self.is_flying:
            self.pgconn.enter_pipeline_mode()
        send = self._send_text if self.prepare_threshold is None else self._send_prepared
        for asked, given, arrived in flight:
            send(asked.text, given)
            self._steps.append(_NO_ROWS if arrived is None else _Step(arrived))

    def _send_text(self, text: str, given: Sequence[Buffer | None]) -> None:
        self.pgconn.send_query_params(text.encode(), given)

    def _send_prepared(self, text: str, given: Sequence[Buffer | None]) -> None:
        name = self._kept.name(text)
        if name is None:
            for send, undo in self._kept.prepare(text, self.prepared_max or KEPT):
                send(self.pgconn)
                self._steps.append(_Step(undo=undo))
            name = self._kept.name(text) or b""
        self.pgconn.send_query_prepared(name, given)

    def _sync(self) -> None:
        self.pgconn.pipeline_sync()
        self._steps.append(_NO_ROWS)

    async def _arrived(self) -> None:
        """Send what is not sent yet, and wait until every step is answered."""
        landing = Landing(self.pgconn.socket)
        landing.reads(self._read)
        try:
            if self.pgconn.flush():
                landing.writes(self._write)
            await landing.landed()
        finally:
            landing.leave()

    def _write(self, landing: Landing) -> None:
        try:
            if not self.pgconn.flush():
                landing.has_written()
        except errors.OperationalError as error:
            landing.land(error)

    def _read(self, landing: Landing) -> None:
        try:
            self.pgconn.consume_input()
            if self._take():
                landing.land()
        except Exception as error:
            landing.land(self._refused or error)

    def _take(self) -> bool:
        """Take what has come; whether nothing is owed any more."""
        pgconn, results, owed = self.pgconn, self._results, len(self._steps)
        ended = False
        while len(results) < owed and not pgconn.is_busy():
            result = pgconn.get_result()
            if result is not None:
                results.append(result)
                self._look_at(result, self._steps[len(results) - 1].arrived)
            elif ended:
                raise errors.InternalError("the connection owes nothing but something is awaited")
            ended = result is None
        return len(results) == owed

    def _look_at(self, result: PGresult, arrived: Arrived | None) -> None:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            self._refused = self._refused or errors.error_from_result(result, encoding="utf-8")
        elif arrived is not None and self._refused is None:
            arrived(self._rows(result))

    async def _recovered(self) -> None:
        """Leave the connection as it was before the opening, or closed."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._rolled_back()
        except BaseException as error:
            self.pgconn.finish()
            if not isinstance(error, Exception):
                raise

    async def _rolled_back(self) -> None:
        self._steps = [step._replace(arrived=None) for step in self._steps]
        if len(self._results) < len(self._steps):
            await self.cancel_safe()
        self._sync()
        self.pgconn.send_query_params(b"rollback", None)
        self._steps.append(_NO_ROWS)
        self._sync()
        await self._arrived()
        self.pgconn.exit_pipeline_mode()
        if self.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            raise errors.InternalError("a transaction stayed open after its rollback")
        for step, result in zip(self._steps, self._results, strict=True):
            if step.undo and result.status in _FAILED:
                step.undo()

    def _rows(self, result: PGresult) -> Values:
        transformer = self._transformer
        transformer.set_pgresult(result)
        rows = transformer.load_rows(0, result.ntuples, tuple)
        transformer.set_pgresult(None)
        return rows
