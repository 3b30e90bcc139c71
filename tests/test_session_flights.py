"""Sessions over few connections: every viewer has an own snapshot, and none is left behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import func, literal_column, select

from db.cursors import Cursors
from db.session import Database, Session, SessionEnded
from db.statements import compiled
from db.wire import Values
from tests.studio import Studio

BACKEND = compiled(select(func.pg_backend_pid()))
BROKEN = compiled(select(literal_column("1 / 0")))
ONE = compiled(select(literal_column("1")))
SLEEP = compiled(select(func.pg_sleep(30)))
LONG = compiled(select(func.repeat("x", 100_000)))
WHO = compiled(
    select(
        literal_column("current_user::text"),
        literal_column("current_setting('request.jwt.claims')::jsonb ->> 'sub'"),
        literal_column("current_setting('statement_timeout')"),
        literal_column("current_setting('transaction_isolation')"),
        literal_column("current_setting('transaction_read_only')"),
    )
)


@pytest_asyncio.fixture
async def few(gateway_url: str) -> AsyncIterator[Database]:
    """A database with four connections."""
    database = Database(gateway_url, Cursors(b"secret"), size=4)
    await database.open()
    yield database
    await database.close()


def session_of(database: Database, viewer: str) -> Session:
    """A session in the name of a viewer."""
    return database.session({"sub": viewer, "role": "authenticated"})


async def test_sixty_four_sessions_share_four_connections(few: Database) -> None:
    async def visit(number: int) -> bool:
        viewer = str(uuid4())
        session = session_of(few, viewer)
        levels = [await session.fetch_all([(WHO, {})] * 3) for _ in range(3)]
        if number % 3 == 0:
            with pytest.raises(psycopg.errors.DivisionByZero):
                await session.fetch_all([(BROKEN, {})])
        await session.end()
        mine = [("authenticated", viewer, "10s", "repeatable read", "on")]
        return levels == [[mine] * 3] * 3

    assert all(await asyncio.gather(*map(visit, range(64))))


async def test_nothing_is_read_after_the_last_flight(few: Database) -> None:
    session = session_of(few, str(uuid4()))

    assert await session.fetch_all([(ONE, {})], last=True) == [[(1,)]]

    with pytest.raises(SessionEnded):
        await session.fetch(ONE)
    await session.end()


@pytest.mark.parametrize("wait", [0.0, 0.001, 0.1])
async def test_a_session_whose_flight_was_cancelled_reads_no_more(
    few: Database, wait: float
) -> None:
    session = session_of(few, str(uuid4()))
    asking = asyncio.create_task(session.fetch_all([(SLEEP, {})]))
    await asyncio.sleep(wait)

    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    if wait:
        with pytest.raises(SessionEnded):
            await session.fetch(ONE)
    await session.end()


@pytest.mark.parametrize("steps", range(6))
async def test_a_session_that_ends_keeps_nobody_waiting(few: Database, steps: int) -> None:
    session = session_of(few, str(uuid4()))
    asking = [asyncio.create_task(session.fetch(ONE)) for _ in range(2)]
    for _ in range(steps):
        await asyncio.sleep(0)

    await session.end()

    async with asyncio.timeout(5):
        told = await asyncio.gather(*asking, return_exceptions=True)
    # The rows may have been quicker.
    assert all(one == [(1,)] or isinstance(one, SessionEnded) for one in told)
    with pytest.raises(SessionEnded):
        await session.fetch(ONE)


async def test_rows_are_told_while_the_next_statement_still_runs(few: Database) -> None:
    session = session_of(few, str(uuid4()))
    await session.fetch_all([(ONE, {})])
    told: asyncio.Queue[Values] = asyncio.Queue()
    sent: list[Any] = [(ONE, {}), (LONG, {}), (SLEEP, {})]
    asking = asyncio.create_task(session.fetch_all(sent, arrived=told.put_nowait))

    assert await asyncio.wait_for(told.get(), 20) == [(1,)]

    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await session.end()
    assert told.empty()


@pytest.mark.parametrize("is_first", [True, False])
async def test_rows_are_told_in_the_order_of_the_statements(few: Database, is_first: bool) -> None:
    session = session_of(few, str(uuid4()))
    if not is_first:
        await session.fetch_all([(ONE, {})])
    told: list[Values] = []

    rows = await session.fetch_all([(ONE, {}), (WHO, {}), (ONE, {})], True, told.append)

    assert len(rows) == 3
    assert told == rows
    await session.end()


async def test_nothing_that_comes_after_a_fault_is_told(few: Database) -> None:
    session = session_of(few, str(uuid4()))
    await session.fetch_all([(ONE, {})])
    told: list[Values] = []

    with pytest.raises(psycopg.errors.DivisionByZero):
        await session.fetch_all([(ONE, {}), (BROKEN, {}), (ONE, {})], arrived=told.append)

    assert told == [[(1,)]]
    await session.end()


async def test_cancelled_sessions_leave_every_connection_free(few: Database) -> None:
    async def visit() -> None:
        session = session_of(few, str(uuid4()))
        try:
            await session.fetch_all([(SLEEP, {})])
        finally:
            await session.end()

    visits = [asyncio.create_task(visit()) for _ in range(12)]
    await asyncio.sleep(0.3)
    for visit_ in visits:
        visit_.cancel()
    await asyncio.wait_for(asyncio.gather(*visits, return_exceptions=True), 10)

    taken = [await asyncio.wait_for(few.take(), 5) for _ in range(4)]
    for connection in taken:
        await few.give_back(connection)


async def test_a_backend_that_is_killed_fails_its_session_alone(
    few: Database, studio: Studio
) -> None:
    doomed, other = session_of(few, str(uuid4())), session_of(few, str(uuid4()))
    ((backend,),) = await doomed.fetch(BACKEND)
    await other.fetch(ONE)
    asking = asyncio.create_task(doomed.fetch_all([(SLEEP, {})]))
    await asyncio.sleep(0.1)

    studio.owner.execute("select pg_terminate_backend(%s, 5000)", (backend,))

    with pytest.raises(psycopg.OperationalError):
        await asking
    await doomed.end()
    assert await other.fetch(ONE) == [(1,)]
    await other.end()
    for _ in range(8):
        session = session_of(few, str(uuid4()))
        assert await session.fetch(ONE) == [(1,)]
        await session.end()
