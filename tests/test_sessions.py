"""A session is one viewer's snapshot; whatever happens in it, its connection comes back clean."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from db import generations
from db.cursors import Cursors
from db.errors import Unavailable
from db.session import Database, Session, SessionEnded
from db.statements import compiled
from tests.studio import Studio

SLEEP = compiled(select(func.pg_sleep(30)))
BROKEN = compiled(select(literal_column("1 / 0")))
WHO = compiled(select(func.current_setting("request.jwt.claims", literal_column("true"))))
ROLE = compiled(select(literal_column("current_user::text")))
BACKEND = compiled(select(func.pg_backend_pid()))
COUNT = compiled(select(func.count()).select_from(generations.table))
WRITE = compiled(generations.table.delete())


@pytest_asyncio.fixture(scope="session")
async def narrow(gateway_url: str) -> AsyncIterator[Database]:
    """A database with one connection: what is not given back is missed at once."""
    database = Database(gateway_url, Cursors(b"secret"), size=1)
    await database.open()
    yield database
    await database.close()


def session_of(database: Database, viewer: str) -> Session:
    """A session in the name of a viewer."""
    return database.session({"sub": viewer, "role": "authenticated"})


async def test_a_failed_statement_fails_the_flight_and_gives_the_connection_back(
    narrow: Database, studio: Studio
) -> None:
    viewer = studio.user()
    session = session_of(narrow, viewer)

    results = await asyncio.gather(
        session.fetch(BROKEN), session.fetch(COUNT), return_exceptions=True
    )
    await session.end()

    assert all(isinstance(result, psycopg.Error) for result in results)
    other = session_of(narrow, viewer)
    assert await other.fetch(COUNT) == [(0,)]
    await other.end()


async def test_a_cancelled_session_stops_its_statement(narrow: Database, studio: Studio) -> None:
    session = session_of(narrow, studio.user())
    asking = asyncio.create_task(session.fetch(SLEEP))
    await asyncio.sleep(0.2)

    asking.cancel()
    await asyncio.wait_for(session.end(), 5)

    running = studio.owner.execute(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and query like '%pg_sleep(%' and state = 'active'"
        " and pid <> pg_backend_pid()"
    ).fetchone()
    assert running == (0,)
    other = session_of(narrow, studio.user())
    assert await asyncio.wait_for(other.fetch(COUNT), 5) == [(0,)]
    await other.end()


async def test_a_statement_is_read_in_the_viewers_name_and_nothing_of_it_stays(
    narrow: Database, studio: Studio
) -> None:
    first, second = studio.user(), studio.user()
    session = session_of(narrow, first)
    assert first in (await session.fetch(WHO))[0][0]
    assert await session.fetch(ROLE) == [("authenticated",)]
    await session.end()

    connection = await narrow.take()
    found = await connection.execute(WHO.text, WHO.arguments({}))
    assert await found.fetchone() in [(None,), ("",)]
    role = await connection.execute(ROLE.text)
    assert await role.fetchone() != ("authenticated",)
    await narrow.give_back(connection)

    session = session_of(narrow, second)
    assert second in (await session.fetch(WHO))[0][0]
    await session.end()


async def test_connections_that_the_server_closed_are_noticed_before_they_are_used(
    gateway_url: str, studio: Studio
) -> None:
    database = Database(gateway_url, Cursors(b"secret"), size=3)
    await database.open()
    taken = [await database.take() for _ in range(3)]
    backends = [connection.info.backend_pid for connection in taken]
    for connection in taken:
        await database.give_back(connection)

    studio.owner.execute("select pg_terminate_backend(unnest(%s::int[]), 5000)", (backends,))

    for _ in range(3):
        await database.welcome({"sub": studio.user()})
        session = session_of(database, studio.user())
        assert await session.fetch(COUNT) == [(0,)]
        await session.end()
    await database.close()


async def test_whoever_waits_too_long_for_a_connection_is_told(
    gateway_url: str, studio: Studio
) -> None:
    database = Database(gateway_url, Cursors(b"secret"), size=1, statement_timeout=200)
    await database.open()
    taken = await database.take()

    with pytest.raises(Unavailable):
        await session_of(database, studio.user()).fetch(COUNT)

    await database.give_back(taken)
    await database.close()


async def test_a_connection_lost_after_the_last_row_takes_nothing_away(
    narrow: Database, studio: Studio
) -> None:
    session = session_of(narrow, studio.user())
    ((backend,),) = await session.fetch(BACKEND)
    studio.owner.execute("select pg_terminate_backend(%s, 5000)", (backend,))

    await session.end()

    other = session_of(narrow, studio.user())
    assert await other.fetch(COUNT) == [(0,)]
    await other.end()


async def test_a_session_that_has_ended_takes_no_other_connection(
    narrow: Database, studio: Studio
) -> None:
    session = session_of(narrow, studio.user())
    await session.fetch(COUNT)
    await session.end()

    with pytest.raises(SessionEnded):
        await session.fetch(COUNT)

    await narrow.give_back(await asyncio.wait_for(narrow.take(), 5))


async def test_a_statement_that_waits_while_its_session_ends_is_told(
    narrow: Database, studio: Studio
) -> None:
    session = session_of(narrow, studio.user())
    asking = asyncio.create_task(session.fetch(SLEEP))
    await asyncio.sleep(0.2)

    await session.end()

    with pytest.raises(SessionEnded):
        await asking


async def test_a_session_sees_one_moment(narrow: Database, studio: Studio) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    session = session_of(narrow, viewer)
    assert await session.fetch(COUNT) == [(0,)]

    studio.generation(project)

    assert await session.fetch(COUNT) == [(0,)]
    await session.end()


async def test_json_numbers_that_no_client_can_read_are_null(
    narrow: Database, studio: Studio
) -> None:
    kept = f'{{"seed": 7, "size": 1e400, "count": {"9" * 5000}}}'
    session = session_of(narrow, studio.user())

    ((found,),) = await session.fetch(compiled(select(cast(kept, JSONB))))
    await session.end()

    assert found == {"seed": 7, "size": None, "count": None}


async def test_a_session_only_reads(narrow: Database, studio: Studio) -> None:
    session = session_of(narrow, studio.user())

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await session.fetch(WRITE)

    await session.end()


async def test_statements_asked_for_together_fly_together(narrow: Database, studio: Studio) -> None:
    session = session_of(narrow, studio.user())

    results = await asyncio.gather(*(session.fetch(COUNT) for _ in range(5)))
    await session.end()

    assert results == [[(0,)]] * 5
    assert session.flights == 1


async def test_a_slow_statement_is_cancelled_by_its_time_limit(
    gateway_url: str, studio: Studio
) -> None:
    database = Database(gateway_url, Cursors(b"secret"), size=1, statement_timeout=100)
    await database.open()
    session = session_of(database, studio.user())

    with pytest.raises(psycopg.errors.QueryCanceled):
        await session.fetch(SLEEP)

    await session.end()
    await database.close()


async def test_a_session_that_has_ended_holds_no_locks(narrow: Database, studio: Studio) -> None:
    session = session_of(narrow, studio.user())
    await session.fetch(COUNT)
    await session.end()

    with studio.owner.transaction():
        studio.owner.execute("lock table generations in access exclusive mode nowait")
