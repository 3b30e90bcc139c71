"""What holds for every table, key, grant and function, asked of the database's own catalogue."""

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

DB = Path(__file__).parent.parent / "db"

# What clients never write: the row's key and scope, its versions, what is mirrored or paid.
NEVER_WRITTEN = {
    "id",
    "project_id",
    "user_id",
    "version",
    "created_at",
    "updated_at",
    "credits",
    "email",
    "verified_email",
    "is_child",
    "primary_variant_id",
    "children",
    "shot_data",
}
MIRRORS = {
    ("generations", "shot_id"),
    ("generations", "timeline_frame"),
    ("generations", "task_id"),
}
UNTOUCHED = {
    "tasks",
    "task_types",
    "workers",
    "tools",
    "settings_revisions",
    "mutation_results",
    "leftover_files",
    "alembic_version",
}


def test_every_table_has_row_level_security(owner: psycopg.Connection) -> None:
    open_tables = owner.execute(
        "select relname from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not relrowsecurity"
    ).fetchall()
    assert open_tables == []


def test_every_foreign_key_has_an_index(owner: psycopg.Connection) -> None:
    indexes: dict[str, list[list[str]]] = {}
    for table, columns in owner.execute(_INDEXES):
        indexes.setdefault(table, []).append(columns)
    bare = [
        (name, columns)
        for table, name, columns in owner.execute(_FOREIGN_KEYS)
        if not any(_finds(columns, index) for index in indexes[table])
    ]
    assert bare == []


def test_foreign_keys_inside_a_project_name_the_project(owner: psycopg.Connection) -> None:
    scoped = {table for (table,) in owner.execute(_SCOPED_TABLES)}
    loose = [
        name
        for _, name, columns, target in owner.execute(_FOREIGN_KEY_TARGETS)
        if target in scoped and not {"project_id", "id"} & set(columns)
    ]
    assert loose == []


def test_clients_update_only_what_is_theirs(owner: psycopg.Connection) -> None:
    granted = _granted(owner, "UPDATE", ("authenticated", "anon"))
    assert granted
    assert {grant for grant in granted if grant[1] in NEVER_WRITTEN} == set()
    assert granted & MIRRORS == set()
    assert {table for table, _ in granted} & UNTOUCHED == set()


def test_clients_insert_no_versions_credits_or_mirrors(owner: psycopg.Connection) -> None:
    granted = _granted(owner, "INSERT", ("authenticated", "anon"))
    allowed = {"id", "project_id", "user_id", "created_at"}
    mirrors = MIRRORS - {("generations", "task_id")}
    forbidden = {grant for grant in granted if grant[1] in NEVER_WRITTEN - allowed}
    assert forbidden == {("project_invitations", "email")}
    assert granted & mirrors == set()
    assert {table for table, _ in granted} & UNTOUCHED == set()


def test_anonymous_has_no_privilege_at_all(owner: psycopg.Connection) -> None:
    for privilege in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
        assert _granted(owner, privilege, ("anon", "PUBLIC")) == set()


def test_no_role_of_requests_may_truncate(owner: psycopg.Connection) -> None:
    truncating = owner.execute(
        "select table_name, grantee from information_schema.table_privileges"
        " where table_schema = 'public' and privilege_type = 'TRUNCATE'"
        " and grantee in ('authenticated', 'anon', 'service_role', 'PUBLIC')"
    ).fetchall()
    assert truncating == []


def test_every_function_with_its_owners_rights_has_a_fixed_search_path(
    owner: psycopg.Connection,
) -> None:
    loose = owner.execute(
        "select proname from pg_proc"
        " where pronamespace = 'public'::regnamespace and prosecdef"
        " and not coalesce(proconfig, '{}') && array['search_path=public, pg_temp']"
    ).fetchall()
    assert loose == []


def test_viewers_call_what_acts_in_their_name_and_what_the_files_grant(
    owner: psycopg.Connection,
) -> None:
    in_their_name = _functions(owner, "not prosecdef and prorettype <> 'trigger'::regtype")
    granted = _granted_in_files()
    assert granted & in_their_name == set()
    assert _callable(owner, "authenticated") == in_their_name | granted


def test_the_machinery_calls_every_function_and_nobody_else_any(owner: psycopg.Connection) -> None:
    assert _callable(owner, "service_role") == _functions(owner, "true")
    assert _callable(owner, "anon") == _callable(owner, "public") == set()


def test_every_view_is_read_in_the_readers_name(owner: psycopg.Connection) -> None:
    views = owner.execute(
        "select relname, coalesce(reloptions, '{}') from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
    ).fetchall()
    own = {name for name, options in views if "security_invoker=true" not in options}
    # Who may see what is itself decided by these; they show nothing but the viewer's projects.
    assert own == {"visible_projects", "writable_projects", "managed_projects"}


@pytest.mark.parametrize(
    "name",
    [
        "idx_generations_project_created_desc",
        "idx_generations_project_starred_created",
        "idx_generations_based_on",
        "idx_generations_primary_variant",
        "idx_generations_shot_id",
        "idx_shot_generations_shot_id_position",
        "idx_shot_generations_shot_id_created_at",
        "idx_generation_variants_generation_id",
        "idx_generation_variants_project_id",
    ],
)
def test_known_index_names_are_kept(owner: psycopg.Connection, name: str) -> None:
    assert owner.execute("select to_regclass(%s) is not null", (name,)).fetchone() == (True,)


def test_no_index_repeats_another(owner: psycopg.Connection) -> None:
    repeated = owner.execute(
        "select array_agg(indexrelid::regclass::text) from pg_index"
        " join pg_class on pg_class.oid = indrelid"
        " where relnamespace = 'public'::regnamespace"
        " group by indrelid, indkey::text, indoption::text, indclass::text,"
        " pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid)"
        " having count(*) > 1"
    ).fetchall()
    assert repeated == []


def _finds(foreign_key: Iterable[str], index: list[str]) -> bool:
    """An index serves a key that it begins with; the project alone narrows nothing down."""
    columns = set(foreign_key)
    own = columns - {"project_id", "id"} or columns
    return set(index[: len(columns)]) == columns or set(index[: len(own)]) == own


def _granted_in_files() -> set[str]:
    """The functions that the SQL grants one by one, which is all to viewers."""
    grants = re.compile(r"^grant execute on function\s([^;]*)\sto authenticated;", re.MULTILINE)
    sql = "".join(path.read_text() for path in DB.rglob("*.sql"))
    assert len(grants.findall(sql)) == len(re.findall(r"^grant execute", sql, re.MULTILINE))
    names = re.findall(r"\w+\([^)]*\)", " ".join(grants.findall(sql)))
    return {name.replace(", ", ",") for name in names}


def _callable(owner: psycopg.Connection, role: str) -> set[str]:
    return _functions(owner, f"has_function_privilege('{role}', oid, 'execute')")


def _functions(owner: psycopg.Connection, condition: str) -> set[str]:
    found = owner.execute(
        "select oid::regprocedure::text from pg_proc"
        f" where pronamespace = 'public'::regnamespace and {condition}"
    )
    return {name for (name,) in found}


def _granted(
    owner: psycopg.Connection, privilege: str, grantees: tuple[str, ...]
) -> set[tuple[str, str]]:
    found = owner.execute(
        "select table_name::text, column_name::text from information_schema.column_privileges"
        " where table_schema = 'public' and privilege_type = %s and grantee = any(%s)",
        (privilege, list(grantees)),
    )
    return {(table, column) for table, column in found}


_FOREIGN_KEYS = """
select conrelid::regclass::text, conname::text, array(
  select attname::text from pg_attribute
  where attrelid = conrelid and attnum = any(conkey)
)
from pg_constraint
where contype = 'f' and connamespace = 'public'::regnamespace
"""

_FOREIGN_KEY_TARGETS = """
select conrelid::regclass::text, conname::text, array(
  select attname::text from pg_attribute
  where attrelid = conrelid and attnum = any(conkey)
), confrelid::regclass::text
from pg_constraint
where contype = 'f' and connamespace = 'public'::regnamespace
"""

_INDEXES = """
select indrelid::regclass::text, array(
  select coalesce(attname::text, '') from unnest(indkey) with ordinality as part (number, rank)
  left join pg_attribute on attrelid = indrelid and attnum = number and number > 0
  order by rank
)
from pg_index
join pg_class on pg_class.oid = indrelid
where relnamespace = 'public'::regnamespace
"""

_SCOPED_TABLES = """
select attrelid::regclass::text
from pg_attribute join pg_class on pg_class.oid = attrelid
where relnamespace = 'public'::regnamespace and relkind = 'r' and attname = 'project_id'
"""
