"""Viewers read, editors write, owners manage; outsiders see nothing and change nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

As = Callable[[str], AbstractContextManager[psycopg.Connection]]

READABLE = (
    "project_members",
    "runs",
    "shots",
    "generations",
    "generation_variants",
    "shot_generations",
    "tasks",
    "shot_statistics",
)
WRITABLE = ("runs", "shots", "generations", "generation_variants", "shot_generations")


@dataclass(frozen=True)
class Cast:
    """A project with a row in every table, and a person in every role."""

    project: str
    owner: str
    editor: str
    viewer: str
    outsider: str


@pytest.fixture
def cast(owner: psycopg.Connection) -> Cast:
    people = [_person(owner) for _ in range(4)]
    made = Cast(str(uuid4()), *people)
    one = owner.execute
    one(
        "insert into projects (id, user_id, name) values (%s, %s, 'Film')",
        (made.project, people[0]),
    )
    one(
        "insert into project_members (project_id, user_id, role)"
        " values (%(project)s, %(editor)s, 'editor'), (%(project)s, %(viewer)s, 'viewer')",
        vars(made),
    )
    _furnish(owner, made.project)
    return made


@pytest.mark.parametrize("table", READABLE)
@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_members_read_their_project(cast: Cast, acting_as: As, role: str, table: str) -> None:
    with acting_as(getattr(cast, role)) as connection:
        assert _count(connection, table, cast.project) > 0


@pytest.mark.parametrize("table", READABLE)
def test_outsiders_read_nothing(cast: Cast, acting_as: As, table: str) -> None:
    with acting_as(cast.outsider) as connection:
        assert connection.execute(f"select * from {table}").fetchall() == []
        assert connection.execute("select * from projects").fetchall() == []


@pytest.mark.parametrize("table", WRITABLE)
def test_editors_delete_what_viewers_and_outsiders_cannot(
    cast: Cast, acting_as: As, table: str
) -> None:
    for person, deletes in (
        (cast.outsider, False),
        (cast.viewer, False),
        (cast.editor, True),
    ):
        with acting_as(person) as connection:
            gone = connection.execute(f"delete from {table} where project_id = %s", (cast.project,))
            assert (gone.rowcount > 0) is deletes


@pytest.mark.parametrize("role", ["viewer", "outsider"])
def test_only_editors_insert(cast: Cast, acting_as: As, role: str) -> None:
    with (
        pytest.raises(errors.InsufficientPrivilege),
        acting_as(getattr(cast, role)) as connection,
    ):
        _insert_shot(connection, cast.project)


def test_an_editor_inserts_and_reads_it_back(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.editor) as connection:
        assert _insert_shot(connection, cast.project).fetchone() == ("New",)


@pytest.mark.parametrize("role", ["viewer", "outsider"])
def test_only_editors_update(cast: Cast, acting_as: As, role: str) -> None:
    with acting_as(getattr(cast, role)) as connection:
        assert connection.execute("update generations set starred = true").rowcount == 0


def test_an_editor_updates_only_their_projects(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.editor) as connection:
        changed = connection.execute("update generations set starred = true returning project_id")
        assert {str(project) for (project,) in changed} == {cast.project}


@pytest.mark.parametrize("role", ["editor", "viewer", "outsider"])
def test_only_owners_manage_projects_and_members(cast: Cast, acting_as: As, role: str) -> None:
    with acting_as(getattr(cast, role)) as connection:
        assert connection.execute("update projects set name = 'Mine'").rowcount == 0
        assert connection.execute("delete from projects").rowcount == 0
        assert connection.execute("update project_members set role = 'owner'").rowcount == 0
        others = "delete from project_members where user_id <> viewer_id()"
        assert connection.execute(others).rowcount == 0
        assert connection.execute("delete from project_invitations").rowcount == 0
        assert connection.execute("select * from project_invitations").fetchall() == []
        with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
            _add_member(connection, cast.project, cast.outsider)
        with pytest.raises(errors.InsufficientPrivilege):
            _invite(connection, cast.project, getattr(cast, role))


@pytest.mark.parametrize(("role", "number"), [("editor", 1), ("viewer", 1), ("outsider", 0)])
def test_members_may_take_themselves_out(cast: Cast, acting_as: As, role: str, number: int) -> None:
    with acting_as(getattr(cast, role)) as connection:
        assert connection.execute("delete from project_members").rowcount == number


def test_an_owner_invites_in_their_own_name(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.owner) as connection:
        assert _invite(connection, cast.project, cast.owner).rowcount == 1
        anew = "update project_invitations set role = 'editor', invited_by = viewer_id()"
        assert connection.execute(anew).rowcount == 2
        with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
            _invite(connection, cast.project, cast.editor)
        assert connection.execute("delete from project_invitations").rowcount == 2


def test_an_owner_manages_projects_and_members(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.owner) as connection:
        assert _add_member(connection, cast.project, cast.outsider).rowcount == 1
        assert connection.execute("update projects set name = 'Cut'").rowcount == 1
        assert connection.execute("delete from projects").rowcount == 1
        assert _count(connection, "generations", cast.project) == 0


def test_who_makes_a_project_gets_it_returned_and_owns_it(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.outsider) as connection:
        made = connection.execute(
            "insert into projects (user_id, name) values (%s, 'First') returning id",
            (cast.outsider,),
        ).fetchone()
        assert made
        assert _role(connection, made[0], cast.outsider) == "owner"


def test_nobody_makes_a_project_for_somebody_else(cast: Cast, acting_as: As) -> None:
    with (
        pytest.raises(errors.InsufficientPrivilege),
        acting_as(cast.outsider) as connection,
    ):
        connection.execute(
            "insert into projects (user_id, name) values (%s, 'Gift')", (cast.owner,)
        )


def test_the_nameless_see_nothing(cast: Cast, gateway_url: str) -> None:
    with psycopg.connect(gateway_url) as connection:
        connection.execute("set local role authenticated")
        assert _count(connection, "generations", cast.project) == 0
        assert connection.execute("select ensure_viewer()").fetchone() == (None,)


@pytest.mark.parametrize("table", ["generations", "projects", "task_types"])
def test_anonymous_viewers_are_refused(gateway_url: str, table: str) -> None:
    with psycopg.connect(gateway_url) as connection:
        connection.execute("set local role anon")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"select * from {table}")


@pytest.mark.parametrize("table", ["generations", "projects", "users"])
def test_a_login_without_a_viewer_sees_nothing(cast: Cast, gateway_url: str, table: str) -> None:
    with psycopg.connect(gateway_url) as connection:
        found: list[Any] = []
        # A login that inherits nothing is refused, one that inherits finds no rows.
        with suppress(errors.InsufficientPrivilege):
            found = connection.execute(f"select * from {table}").fetchall()
        assert found == []


def test_the_machinery_reads_and_writes_everything(cast: Cast, gateway_url: str) -> None:
    with psycopg.connect(gateway_url) as connection:
        connection.execute("set local role service_role")
        assert _count(connection, "tasks", cast.project) == 1
        changed = connection.execute(
            "update tasks set status = 'Complete' where project_id = %s", (cast.project,)
        )
        assert changed.rowcount == 1


def test_everybody_reads_the_price_list(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.outsider) as connection:
        assert connection.execute("select * from task_types").fetchall()


@pytest.mark.parametrize("table", WRITABLE)
def test_policies_are_computed_once_per_statement(cast: Cast, acting_as: As, table: str) -> None:
    with acting_as(cast.viewer) as connection:
        plan = _plan(connection, f"select count(*) from {table}")
    assert "hashed SubPlan" in plan
    assert "EXISTS" not in plan


def test_a_view_is_read_in_the_viewers_name(cast: Cast, acting_as: As) -> None:
    with acting_as(cast.viewer) as connection:
        counts = connection.execute(
            "select total_generations, positioned_count, unpositioned_count, video_count"
            " from shot_statistics"
        ).fetchall()
    assert counts == [(2, 1, 1, 0)]


def _person(owner: psycopg.Connection) -> str:
    person = str(uuid4())
    owner.execute("insert into users (id) values (%s)", (person,))
    return person


def _furnish(owner: psycopg.Connection, project: str) -> None:
    ids = {"project": project, "generation": str(uuid4()), "shot": str(uuid4())}
    owner.execute("insert into task_types (name) values ('t2i') on conflict do nothing")
    for insert in (
        "runs (project_id) values (%(project)s)",
        "tasks (project_id, task_type) values (%(project)s, 't2i')",
        "project_invitations (project_id, email, role, expires_at)"
        " values (%(project)s, 'ada@example.org', 'viewer', now() + interval '1 day')",
        "shots (id, project_id, name, position) values (%(shot)s, %(project)s, 'One', 0)",
        "generations (id, project_id, location) values (%(generation)s, %(project)s, 'a.png')",
        "shot_generations (shot_id, generation_id, timeline_frame)"
        " values (%(shot)s, %(generation)s, 0), (%(shot)s, %(generation)s, null)",
    ):
        owner.execute(f"insert into {insert}", ids)


def _insert_shot(connection: psycopg.Connection, project: str) -> psycopg.Cursor[Any]:
    return connection.execute(
        "insert into shots (project_id, name, position) values (%s, 'New', 1) returning name",
        (project,),
    )


def _add_member(connection: psycopg.Connection, project: str, person: str) -> psycopg.Cursor[Any]:
    return connection.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (project, person),
    )


def _invite(connection: psycopg.Connection, project: str, person: str) -> psycopg.Cursor[Any]:
    return connection.execute(
        "insert into project_invitations (project_id, email, role, invited_by, expires_at)"
        " values (%s, 'new@example.org', 'viewer', %s, now())",
        (project, person),
    )


def _role(connection: psycopg.Connection, project: str, person: str) -> str | None:
    row = connection.execute(
        "select role from project_members where project_id = %s and user_id = %s",
        (project, person),
    ).fetchone()
    return str(row[0]) if row else None


def _count(connection: psycopg.Connection, table: str, project: str) -> int:
    row = connection.execute(
        f"select count(*) from {table} where project_id = %s", (project,)
    ).fetchone()
    return int(row[0]) if row else 0


def _plan(connection: psycopg.Connection, statement: str) -> str:
    return "\n".join(row[0] for row in connection.execute(f"explain {statement}"))
