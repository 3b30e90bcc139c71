"""Every row knows its project and stays in it; its version counts what clients changed."""

import psycopg
import pytest
from psycopg import errors

from tests.studio import Studio


def test_a_variant_and_an_entry_take_their_parents_project(
    studio: Studio, owner: psycopg.Connection
) -> None:
    project = studio.project(studio.user())
    generation, shot = studio.generation(project), studio.shot(project)
    variant = studio.insert("generation_variants", generation_id=generation, location="b.png")
    entry = studio.insert("shot_generations", shot_id=shot, generation_id=generation)
    assert _project(owner, "generation_variants", variant) == project
    assert _project(owner, "shot_generations", entry) == project


@pytest.mark.parametrize("table", ["shots", "generations", "runs"])
def test_a_row_stays_in_its_project(studio: Studio, owner: psycopg.Connection, table: str) -> None:
    user = studio.user()
    given = {"name": "One", "project_id": studio.project(user)}
    row = studio.insert(table, **given)
    with pytest.raises(errors.CheckViolation, match="copy it, then delete it"):
        owner.execute(
            f"update {table} set project_id = %s where id = %s", (studio.project(user), row)
        )


def test_nothing_points_into_another_project(studio: Studio) -> None:
    user = studio.user()
    foreign = studio.generation(studio.project(user))
    with pytest.raises(errors.ForeignKeyViolation):
        studio.generation(studio.project(user), based_on=foreign)


def test_an_entry_joins_only_what_is_in_one_project(studio: Studio) -> None:
    user = studio.user()
    shot = studio.shot(studio.project(user))
    generation = studio.generation(studio.project(user))
    with pytest.raises(errors.ForeignKeyViolation):
        studio.insert("shot_generations", shot_id=shot, generation_id=generation)


@pytest.mark.parametrize(
    ("change", "version"),
    [("name = 'Two'", 2), ("name = 'One'", 1), ("settings = '{\"a\": 1}'", 1)],
)
def test_a_version_counts_real_changes_of_what_clients_write(
    studio: Studio, owner: psycopg.Connection, change: str, version: int
) -> None:
    shot = studio.shot(studio.project(studio.user()), name="One")
    owner.execute(f"update shots set {change} where id = %s", (shot,))
    row = owner.execute(
        "select version, updated_at > created_at from shots where id = %s", (shot,)
    ).fetchone()
    assert row == (version, version > 1)


def test_deleting_what_is_pointed_at_keeps_the_row_and_its_project(
    studio: Studio, owner: psycopg.Connection
) -> None:
    project = studio.project(studio.user())
    source = studio.generation(project)
    derived = studio.generation(project, based_on=source)
    owner.execute("delete from generations where id = %s", (source,))
    row = owner.execute(
        "select based_on, project_id::text from generations where id = %s", (derived,)
    ).fetchone()
    assert row == (None, project)


def _project(owner: psycopg.Connection, table: str, row: str) -> str:
    found = owner.execute(f"select project_id::text from {table} where id = %s", (row,)).fetchone()
    assert found
    return str(found[0])
