"""Whether a database is fit to be served from: its version, its tables, the gateway's login."""

from dataclasses import dataclass

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.rows import scalar_row

from db import (
    assets,
    clocks,
    generations,
    invitations,
    members,
    mutations,
    projects,
    revisions,
    runs,
    shot_entries,
    shots,
    tasks,
    tools,
    users,
    variants,
    workers,
)

OLDEST_VERSION = 150_000

TABLES = (
    *(users.table, projects.table, members.table, invitations.table, runs.table, shots.table),
    *(generations.table, variants.table, shot_entries.table, assets.table, assets.leftovers),
    *(tasks.table, tasks.types, workers.table, tools.table, revisions.table, mutations.table),
    *(clocks.feed, clocks.clocks, clocks.ticks, clocks.changes, clocks.heads),
)

_TIMEOUT_SECONDS = 5
_LOGIN = """
select not rolsuper and not rolbypassrls
  and pg_has_role('authenticated', 'member')
  and not pg_has_role('service_role', 'usage')
  from pg_roles
 where rolname = current_user
"""
_COLUMNS = """
select t.relname || '.' || c.attname
  from pg_attribute c
  join pg_class t on t.oid = c.attrelid
 where t.relnamespace = to_regnamespace('public')
   and c.attnum > 0
   and not c.attisdropped
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: fine, or not and why."""

    subject: str
    fine: bool
    words: str


def gateway(url: str) -> list[Finding]:
    """What the gateway's own login finds."""
    try:
        with psycopg.connect(url, connect_timeout=_TIMEOUT_SECONDS) as connection:
            return [_version(connection), _login(connection)]
    except psycopg.Error as error:
        return [Finding("database", False, _first_line(error))]


def owner(url: str) -> list[Finding]:
    """What the owner of the tables finds."""
    try:
        with psycopg.connect(url, connect_timeout=_TIMEOUT_SECONDS) as connection:
            return [_revision(connection)]
    except psycopg.Error as error:
        return [Finding("migrations", False, _first_line(error))]


def tables(url: str) -> Finding:
    """Whether the tables are those that this version reads, as far as any login can see."""
    try:
        with psycopg.connect(url, connect_timeout=_TIMEOUT_SECONDS) as connection:
            cursor = connection.cursor(row_factory=scalar_row)
            found = set(cursor.execute(_COLUMNS).fetchall())
    except psycopg.Error as error:
        return Finding("tables", False, _first_line(error))
    wanted = {f"{table.name}.{column.name}" for table in TABLES for column in table.columns}
    if missing := sorted(wanted - found):
        return Finding("tables", False, f"{missing[0]} is missing; run `dailies migrate`")
    return Finding("tables", True, "up to date")


def _version(connection: psycopg.Connection) -> Finding:
    number = connection.info.server_version
    fine = number >= OLDEST_VERSION
    words = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    return Finding("database", fine, words if fine else f"{words}; 15 is the oldest that works")


def _login(connection: psycopg.Connection) -> Finding:
    fine = connection.cursor(row_factory=scalar_row).execute(_LOGIN).fetchone()
    if fine:
        return Finding("login", True, f"{connection.info.user} is unprivileged")
    name = connection.info.user
    words = f"{name} must be a member of authenticated, no superuser, without bypassrls, noinherit"
    return Finding("login", False, words)


def _revision(connection: psycopg.Connection) -> Finding:
    cursor = connection.cursor(row_factory=scalar_row)
    if not cursor.execute("select to_regclass('public.alembic_version')::text").fetchone():
        return Finding("migrations", False, "never migrated; run `dailies migrate`")
    found = cursor.execute("select version_num from public.alembic_version").fetchone()
    if found != _newest():
        return Finding("migrations", False, f"at {found}; run `dailies migrate`")
    return Finding("migrations", True, f"up to date ({found})")


def _newest() -> str | None:
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head()


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0]
