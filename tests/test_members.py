"""The project's user is its owner; a user is made on first sight."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from tests.studio import Studio

As = Callable[[str], AbstractContextManager[psycopg.Connection]]


def test_who_gets_a_project_owns_it_and_the_former_owner_edits(
    studio: Studio, owner: psycopg.Connection
) -> None:
    former, heir = studio.user(), studio.user()
    project = studio.project(former)
    owner.execute("update projects set user_id = %s where id = %s", (heir, project))
    assert _roles(owner, project) == {heir: "owner", former: "editor"}


@pytest.mark.parametrize(
    "change", ["update project_members set role = 'viewer'", "delete from project_members"]
)
def test_the_projects_user_stays_its_owner(studio: Studio, acting_as: As, change: str) -> None:
    user = studio.user()
    studio.project(user)
    with acting_as(user) as connection, pytest.raises(errors.CheckViolation, match="stays its"):
        connection.execute(change)


def test_another_owner_can_be_named_and_dismissed(
    studio: Studio, owner: psycopg.Connection
) -> None:
    user, other = studio.user(), studio.user()
    project = studio.project(user)
    owner.execute("insert into project_members values (%s, %s, 'owner')", (project, other))
    owner.execute("delete from project_members where user_id = %s", (other,))
    assert _roles(owner, project) == {user: "owner"}


def test_deleting_a_user_deletes_their_projects(studio: Studio, owner: psycopg.Connection) -> None:
    user = studio.user()
    project = studio.project(user)
    owner.execute("delete from users where id = %s", (user,))
    assert _roles(owner, project) == {}


def test_deleting_a_member_leaves_the_project(studio: Studio, owner: psycopg.Connection) -> None:
    user, member = studio.user(), studio.user()
    project = studio.project(user)
    owner.execute("insert into project_members values (%s, %s, 'owner')", (project, member))
    owner.execute("delete from users where id = %s", (member,))
    assert _roles(owner, project) == {user: "owner"}


def test_people_see_only_their_own_row(studio: Studio, acting_as: As) -> None:
    user = studio.user()
    with acting_as(user) as connection:
        assert connection.execute("select id::text from users").fetchall() == [(user,)]


def test_first_sight_makes_a_user_and_later_sights_change_nothing(acting_as: As) -> None:
    person = str(uuid4())
    with acting_as(person) as connection:
        connection.execute("select ensure_viewer()")
        connection.execute("update users set name = 'Ada'")
        assert connection.execute("select ensure_viewer()::text").fetchone() == (person,)
        seen = connection.execute("select name, email from users").fetchall()
        assert seen == [("Ada", "somebody@example.org")]


def test_two_people_may_claim_one_address(acting_as: As) -> None:
    for person in (str(uuid4()), str(uuid4())):
        with acting_as(person) as connection:
            connection.execute("select ensure_viewer()")
            assert connection.execute("select count(*) from users").fetchone() == (1,)


def _roles(connection: psycopg.Connection, project: str) -> dict[str, str]:
    found = connection.execute(
        "select user_id::text, role from project_members where project_id = %s", (project,)
    )
    return dict(found.fetchall())
