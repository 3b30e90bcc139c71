"""Bringing a database up to date: roles, tables, functions, policies, in this order."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import errors
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

GATEWAY = "dailies_gateway"

_FOLDER = Path(__file__).parent
_LOCK = 6_820_415_171
_ATTEMPTS = 20
# What the database says when two migrations meet outside of the lock, which one database holds.
_MEETINGS = (
    errors.DuplicateObject,
    errors.UniqueViolation,
    errors.DeadlockDetected,
    errors.SerializationFailure,
)


def migrate(url: str, login: str = GATEWAY, password: str | None = None) -> None:
    """Bring the database up to date as its owner, and let `login` act for viewers."""
    _persist(lambda: _make_roles(url, login, password))
    _persist(lambda: _upgrade(url))


def _make_roles(url: str, login: str, password: str | None) -> None:
    setting = "select set_config(%s, %s, true)"
    with psycopg.connect(url) as connection:
        connection.execute(setting, ("dailies.login", login))
        connection.execute(setting, ("dailies.password", password or ""))
        _apply(connection, _FOLDER / "roles.sql")


def _upgrade(url: str) -> None:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool
    )
    with engine.begin() as connection:
        _lock(connection)
        _upgrade_tables(connection)
        _apply_files(connection)


def _lock(connection: Connection) -> None:
    connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
    connection.exec_driver_sql("set local search_path = public")
    connection.exec_driver_sql("set local client_min_messages = warning")


def _upgrade_tables(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def _apply_files(connection: Connection) -> None:
    """Functions may name one another: their bodies are read when they are first called."""
    raw: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    raw.execute("set local check_function_bodies = off")
    for file in (*sorted((_FOLDER / "functions").glob("*.sql")), _FOLDER / "policies.sql"):
        _apply(raw, file)


def _apply(connection: psycopg.Connection, file: Path) -> None:
    try:
        connection.execute(_sql(file))
    except psycopg.Error as error:
        error.add_note(f"in {file.name}")
        raise


def _sql(file: Path) -> bytes:
    return file.read_bytes()


def _persist(act: Callable[[], None]) -> None:
    for _ in range(_ATTEMPTS):
        try:
            return act()
        except psycopg.Error as error:
            if not _is_meeting(error):
                raise
            time.sleep(0.1)
    return act()


def _is_meeting(error: psycopg.Error) -> bool:
    return isinstance(error, _MEETINGS) or "tuple concurrently" in str(error)
