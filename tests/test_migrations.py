"""Models and migrated database agree, however often and however many at once migrate."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import errors
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects import postgresql

from db import checks, generations, migrate

REPOSITORY = Path(__file__).parent.parent
MIGRATE = "import sys; from db import migrate; migrate.migrate(*sys.argv[1:])"

(METADATA,) = {table.metadata for table in checks.TABLES}

NewDatabase = Callable[[], str]


@pytest.fixture
def reflected(owner_url: str) -> Iterator[Connection]:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_models_and_migrated_tables_agree(reflected: Connection) -> None:
    context = MigrationContext.configure(
        reflected,
        opts={"compare_type": True, "compare_server_default": True, "include_name": _is_no_part},
    )
    differences = compare_metadata(context, METADATA)
    assert [found for found in differences if not _is_index(found)] == []


def test_models_and_migrated_constraints_agree(
    owner: psycopg.Connection, new_database: NewDatabase
) -> None:
    """What Alembic misses: indexes, deferrability, generated columns, checks, exclusions."""
    url = new_database()
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    METADATA.create_all(engine)
    engine.dispose()
    with psycopg.connect(url) as modelled:
        for catalogue in (_CONSTRAINTS, _INDEXES, _COLUMNS):
            assert modelled.execute(catalogue).fetchall() == owner.execute(catalogue).fetchall()


def test_search_uses_the_very_expression_of_its_index(owner: psycopg.Connection) -> None:
    document = generations.document.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    owner.execute("begin; set local enable_seqscan = off")
    plan = owner.execute(
        f"explain select id from generations where location is not null and not is_child"
        f" and {document} @@ to_tsquery('simple', 'fox')"
    ).fetchall()
    owner.execute("rollback")
    assert "idx_generations_document" in str(plan)


def test_migrating_again_changes_nothing(owner_url: str, owner: psycopg.Connection) -> None:
    before = [owner.execute(part).fetchall() for part in (_CONSTRAINTS, _INDEXES, _GRANTS)]
    migrate.migrate(owner_url)
    after = [owner.execute(part).fetchall() for part in (_CONSTRAINTS, _INDEXES, _GRANTS)]
    assert before == after


def test_two_processes_migrate_one_database(new_database: NewDatabase) -> None:
    url = new_database()
    assert _migrate_at_once([url, url], migrate.GATEWAY) == [0, 0]
    with psycopg.connect(url) as connection:
        assert connection.execute("select version_num from alembic_version").fetchall()


def test_two_databases_of_one_cluster_make_the_same_role(
    new_database: NewDatabase, owner: psycopg.Connection
) -> None:
    login = f"gateway_{uuid4().hex[:12]}"
    urls = [new_database(), new_database()]
    try:
        assert _migrate_at_once(urls * 2, login, "secret") == [0, 0, 0, 0]
        assert _member_of(owner, login) == ["anon", "authenticated", "service_role"]
    finally:
        owner.execute(f"drop role if exists {login}")


def test_a_login_without_a_password_is_not_made(new_database: NewDatabase) -> None:
    with pytest.raises(errors.UndefinedObject, match="no password"):
        migrate.migrate(new_database(), f"nobody_{uuid4().hex[:12]}")


def test_functions_and_policies_are_applied_again(new_database: NewDatabase) -> None:
    url = new_database()
    migrate.migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create or replace function viewer_id() returns uuid"
            " language sql as 'select null::uuid';"
            "drop policy member_reads on shots;"
            "create policy stray on shots using (true);"
            "grant update on generations to authenticated;"
            "alter table runs disable row level security"
        )
        migrate.migrate(url)
        policies = connection.execute(
            "select policyname from pg_policies where tablename = 'shots'"
        ).fetchall()
        assert ("member_reads",) in policies
        assert ("stray",) not in policies
        assert connection.execute(
            "select prosrc like '%%claims%%', relrowsecurity,"
            " has_column_privilege('authenticated', 'generations', 'version', 'update')"
            " from pg_proc, pg_class where proname = 'viewer_id' and relname = 'runs'"
        ).fetchone() == (True, True, False)


def test_functions_are_granted_as_the_files_say_whatever_was_granted_before(
    new_database: NewDatabase,
) -> None:
    url = new_database()
    migrate.migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        before = set(connection.execute(_CALLS))
        connection.execute(
            "create function of_an_extension() returns int language sql as 'select 1';"
            "alter extension plpgsql add function of_an_extension();"
            "grant execute on all functions in schema public"
            " to public, anon, authenticated, service_role"
        )
        migrate.migrate(url)
        after = set(connection.execute(_CALLS))
    everybody = ("anon", "authenticated", "public", "service_role")
    left_alone = {(role, "of_an_extension()") for role in everybody}
    assert before
    assert after == before | left_alone


def _is_no_part(name: str | None, kind: str, _: object) -> bool:
    """Partitions are made with their tables."""
    return kind != "table" or not re.fullmatch(r"(ticks|changes)_\d", name or "")


def _is_index(difference: object) -> bool:
    """Indexes are compared below: Alembic does not know their expressions again."""
    return isinstance(difference, tuple) and str(difference[0]).endswith("_index")


def _migrate_at_once(urls: list[str], *login: str) -> list[int]:
    def run(url: str) -> int:
        command = [sys.executable, "-c", MIGRATE, url, *login]
        return subprocess.run(command, cwd=REPOSITORY, check=False).returncode

    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(run, urls))


def _member_of(owner: psycopg.Connection, login: str) -> list[str]:
    found = owner.execute(
        "select roleid::regrole::text from pg_auth_members where member = %s::regrole order by 1",
        (login,),
    )
    return [role for (role,) in found]


_CONSTRAINTS = """
select conrelid::regclass::text, conname, contype, condeferrable, condeferred,
  pg_get_constraintdef(oid)
from pg_constraint
where connamespace = 'public'::regnamespace and conname not like 'alembic%%'
  and contype not in ('n', 't')
  and not exists (select from pg_class where pg_class.oid = conrelid and relispartition)
order by 1, 2
"""

_INDEXES = """
select indexname, indexdef from pg_indexes
where schemaname = 'public' and tablename <> 'alembic_version'
  and not exists (
    select from pg_class where pg_class.oid = tablename::regclass and relispartition
  )
order by 1
"""

_COLUMNS = """
select table_name, column_name, data_type, is_nullable, column_default, is_generated,
  generation_expression, numeric_precision, numeric_scale
from information_schema.columns
join information_schema.tables using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'alembic_version'
  and not exists (
    select from pg_class where pg_class.oid = table_name::regclass and relispartition
  )
order by 1, 2
"""

_GRANTS = """
select table_name::text, column_name::text, grantee::text, privilege_type::text
from information_schema.column_privileges
where table_schema = 'public'
order by 1, 2, 3, 4
"""

_CALLS = """
select role, oid::regprocedure::text
from pg_proc, unnest(array['anon', 'authenticated', 'public', 'service_role']) role
where pronamespace = 'public'::regnamespace and has_function_privilege(role, oid, 'execute')
"""


def test_a_login_that_inherits_does_so_no_more(owner: psycopg.Connection, owner_url: str) -> None:
    name = f"heir_{uuid4().hex[:12]}"
    owner.execute(f"create role {name} login inherit")
    owner.execute(f"grant service_role to {name}")
    try:
        migrate.migrate(owner_url, name)
        found = owner.execute("select pg_has_role(%s, 'service_role', 'usage')", (name,))
        assert found.fetchone() == (False,)
    finally:
        owner.execute(f"drop role {name}")


def test_an_owner_without_superuser_rights_can_migrate(
    server_urls: tuple[str, str], owner: psycopg.Connection
) -> None:
    name = f"plain_{uuid4().hex[:12]}"
    owner.execute(f"create role {name} login createrole createdb")
    owner.execute(f"grant anon, authenticated, service_role to {name} with admin option")
    owner.execute(f"create database {name} owner {name}")
    try:
        _migrate_as(name, urlsplit(server_urls[0])._replace(path=f"/{name}").geturl())
    finally:
        owner.execute(f"drop database {name} with (force)")
        owner.execute(f"drop owned by {name}")
        owner.execute(f"drop role {name}")


def _migrate_as(role: str, url: str) -> None:
    """As the role, whichever way the server's own owner is let in."""
    as_role = f"{url}{'&' if '?' in url else '?'}options=-crole%3D{role}"
    migrate.migrate(as_role)
    migrate.migrate(as_role)
