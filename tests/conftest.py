"""A real PostgreSQL for every test: the one that the environment names, else an embedded one.

Each run, and each worker of a parallel run, has a database of its own; tests never clean up.
"""

import gc
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg.pq import TransactionStatus

from db import embedded, migrate
from db.cursors import Cursors
from db.feed import Feed
from db.session import Database
from tests.asking import Asking
from tests.gateways import Running, running
from tests.studio import Studio
from tests.uneven import Uneven

# Answers are many small objects that live for a moment and know no cycles.
_COLLECTED_AFTER = 50_000

_AS_NEW = "reset role; reset all; unlisten *; select pg_advisory_unlock_all()"

_FOLDER = Path(__file__).parent.parent / ".dailies" / "tests"


def pytest_collection_finish() -> None:
    """The product and the tests stay for good: garbage collections can pass them by."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 50)


@pytest.fixture(scope="session")
def server_urls() -> Iterator[tuple[str, str]]:
    """The owner's and the gateway's URL of the server, in some database of it."""
    gateway = os.environ.get("DAILIES_DATABASE_URL")
    if gateway:
        yield os.environ.get("DAILIES_MIGRATE_URL", gateway), gateway
        return
    with embedded.start(_FOLDER) as server:
        _forget_power_cuts(server.url)
        yield server.url, server.gateway_url


def _forget_power_cuts(url: str) -> None:
    """What was committed outlives every process, but need not outlive the machine."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")


@pytest.fixture(scope="session")
def database(server_urls: tuple[str, str]) -> Iterator[str]:
    """The name of this session's own database, migrated, and dropped in the end."""
    owner, gateway = server_urls
    name = _new_name()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        login = urlsplit(gateway)
        migrate.migrate(_in_database(owner, name), login.username or "", login.password)
        yield name
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def new_database(server_urls: tuple[str, str]) -> Iterator[Callable[[], str]]:
    """Makes further databases, empty ones, by their owner's URL."""
    made: list[str] = []
    with psycopg.connect(server_urls[0], autocommit=True) as connection:

        def make() -> str:
            made.append(_new_name())
            connection.execute(f"create database {made[-1]}")
            return _in_database(server_urls[0], made[-1])

        yield make
        for name in made:
            connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def owner_url(server_urls: tuple[str, str], database: str) -> str:
    """Where the owner of the tables connects."""
    return _in_database(server_urls[0], database)


@pytest.fixture(scope="session")
def gateway_url(server_urls: tuple[str, str], database: str) -> str:
    """Where the gateway connects, as its unprivileged login."""
    return _in_database(server_urls[1], database)


@pytest.fixture(scope="session")
def at_rest() -> Iterator[list[psycopg.Connection]]:
    """Connections of the owner that wait for the next test: a new one would know no table yet."""
    connections: list[psycopg.Connection] = []
    yield connections
    for connection in connections:
        connection.close()


@pytest.fixture
def owner(owner_url: str, at_rest: list[psycopg.Connection]) -> Iterator[psycopg.Connection]:
    """The owner's connection: row security does not hold it back; each statement commits."""
    connection = at_rest.pop() if at_rest else _new_owner(owner_url)
    yield connection
    if connection.info.transaction_status == TransactionStatus.IDLE:
        connection.execute(_AS_NEW)
        at_rest.append(connection)
    else:
        connection.close()


def _new_owner(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


@pytest.fixture
def new_connection(owner_url: str) -> Iterator[Callable[[], psycopg.Connection]]:
    """Makes further connections of the owner, with a transaction that the test ends."""
    made: list[psycopg.Connection] = []

    def make() -> psycopg.Connection:
        made.append(psycopg.connect(owner_url))
        return made[-1]

    yield make
    for connection in made:
        connection.close()


@pytest.fixture
def acting_as(gateway_url: str) -> Callable[[str], AbstractContextManager[psycopg.Connection]]:
    """A transaction in somebody's name, the way the gateway opens it."""

    @contextmanager
    def acting(person: str) -> Iterator[psycopg.Connection]:
        with psycopg.connect(gateway_url) as connection:
            connection.execute(
                "select set_config('role', 'authenticated', true),"
                " set_config('request.jwt.claims', %s, true)",
                (json.dumps({"sub": person, "email": "somebody@example.org"}),),
            )
            yield connection

    return acting


@pytest.fixture
def studio(owner: psycopg.Connection) -> Studio:
    """Makes the rows that a test is given."""
    return Studio(owner)


@pytest.fixture(scope="session")
def uneven(owner_url: str) -> Iterator[Uneven]:
    """Parents that have nothing, one, and many of everything; tests only read them."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield Uneven(connection)


@pytest_asyncio.fixture(scope="session")
async def asking(gateway_url: str) -> AsyncIterator[Asking]:
    """Asks GraphQL questions as a viewer."""
    connections = Database(gateway_url, Cursors(b"secret"))
    await connections.open()
    yield Asking(connections)
    await connections.close()


@pytest_asyncio.fixture(scope="session")
async def feed(gateway_url: str) -> AsyncIterator[Feed]:
    """Reads what was committed."""
    connections = Database(gateway_url, Cursors(b"secret"), size=2)
    await connections.open()
    yield Feed(connections)
    await connections.close()


def _in_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _new_name() -> str:
    return f"dailies_test_{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def gateway(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway as a process of its own, at this file's database."""
    with running(gateway_url, tmp_path_factory.mktemp("data")) as gateway:
        yield gateway
