"""Checks: what `dailies check` finds in a database, and how its definition is printed."""

from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest

from db import base, checks, migrate
from server import database


def test_a_migrated_database_is_found_fit(owner_url: str, gateway_url: str) -> None:
    findings = [*checks.gateway(gateway_url), *checks.owner(owner_url)]
    assert [(found.subject, found.fine) for found in findings] == [
        ("database", True),
        ("login", True),
        ("migrations", True),
    ]


def test_a_privileged_login_is_found_unfit(owner_url: str) -> None:
    assert [found.subject for found in checks.gateway(owner_url) if not found.fine] == ["login"]


def test_a_database_that_was_never_migrated_is_found_unfit(owner_url: str) -> None:
    empty = urlsplit(owner_url)._replace(path="/template1").geturl()
    assert [found.fine for found in checks.owner(empty)] == [False]


def test_every_table_is_looked_at() -> None:
    assert set(checks.TABLES) == set(base.metadata.tables.values())


@pytest.mark.parametrize("missing", ["assets", "project_invitations", "heads"])
def test_a_database_of_an_older_version_is_found_unfit(
    new_database: Callable[[], str], missing: str
) -> None:
    url = new_database()
    migrate.migrate(url)
    assert checks.tables(url).fine
    with psycopg.connect(url) as connection:
        connection.execute(f"drop table {missing} cascade")
    found = checks.tables(url)
    assert not found.fine
    assert found.words.startswith(f"{missing}.")


def test_an_unreachable_database_is_told_in_one_line() -> None:
    (found,) = checks.gateway("postgresql://nobody@127.0.0.1:9/nothing")
    assert not found.fine
    assert "\n" not in found.words


def test_the_definition_of_the_database_is_plain_ddl(owner_url: str) -> None:
    text = database.definition(owner_url)
    assert "CREATE TABLE public.generations (" in text
    assert "CREATE POLICY" in text
    assert "\nSET " not in text
