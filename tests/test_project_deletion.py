"""A project goes with all that is in it, however much that is."""

from time import monotonic
from typing import Any

import psycopg
import pytest

from tests.studio import Studio

SHOTS = 50
SECONDS = 10
CONTENTS = ("runs", "shots", "generations", "generation_variants", "shot_generations", "tasks")


def test_a_project_takes_everything_with_it(studio: Studio) -> None:
    project = filled_project(studio, generations=200)
    studio.owner.execute("delete from projects where id = %s", (project,))
    assert contents(studio.owner, project) == 0


def test_a_deleted_project_leaves_others_alone(studio: Studio) -> None:
    kept, gone = filled_project(studio, generations=60), filled_project(studio, generations=60)
    before = contents(studio.owner, kept)
    studio.owner.execute("delete from projects where id = %s", (gone,))
    assert contents(studio.owner, kept) == before


def test_a_user_takes_their_projects_with_them(studio: Studio) -> None:
    user = studio.user()
    project = filled_project(studio, generations=60, user=user)
    studio.owner.execute("delete from users where id = %s", (user,))
    assert contents(studio.owner, project) == 0


def test_generations_deleted_together_take_their_own_with_them(studio: Studio) -> None:
    project = filled_project(studio, generations=200)
    studio.owner.execute("delete from generations where project_id = %s", (project,))
    assert contents(studio.owner, project) == SHOTS


@pytest.mark.prove
@pytest.mark.parametrize(
    "statement",
    ["delete from projects where id = %s", "delete from generations where project_id = %s"],
)
def test_fifty_thousand_generations_are_deleted_in_seconds(studio: Studio, statement: str) -> None:
    project = filled_project(studio, generations=50_000)
    started = monotonic()
    studio.owner.execute(statement, (project,))
    assert monotonic() - started < SECONDS


def filled_project(studio: Studio, generations: int, user: str | None = None) -> str:
    """Two variants each, lineage chains, compositions of ten, and every third one in a shot."""
    project = studio.project(user or studio.user())
    given = {"project": project, "count": generations, "shots": SHOTS}
    for statement in _FILL:
        studio.owner.execute(statement, given if "%(" in statement else None)
    return project


def contents(owner: psycopg.Connection[Any], project: str) -> int:
    """How many rows the project has in all tables."""
    count = " + ".join(
        f"(select count(*) from {table} where project_id = %(id)s)" for table in CONTENTS
    )
    found = owner.execute(f"select {count}", {"id": project}).fetchone()
    return int(found[0]) if found else 0


_FILL = (
    """
    insert into shots (project_id, name)
    select %(project)s, 'Shot ' || n from generate_series(1, %(shots)s) n
    """,
    """
    insert into generations (project_id, type, location, params)
    select %(project)s, 'image', 'media/' || n || '.png', jsonb_build_object('prompt', 'dawn ' || n)
    from generate_series(1, %(count)s) n
    """,
    """
    insert into generation_variants (project_id, generation_id, location, variant_type)
    select project_id, id, 'edit.png', 'edit' from generations where project_id = %(project)s
    """,
    "analyze generations",
    """
    with numbered as (
      select id, row_number() over (order by id) - 1 as n
      from generations where project_id = %(project)s
    )
    update generations g
    set based_on = b.id, parent_generation_id = p.id, child_order = m.n %% 10
    from numbered m
      join numbered b on b.n = m.n - 1
      left join numbered p on p.n = m.n / 10 * 10 and m.n %% 10 > 0
    where g.id = m.id
    """,
    """
    with numbered as (
      select id, row_number() over (order by id) as n
      from generations where project_id = %(project)s
    ), places as (
      select id, row_number() over (order by id) as n from shots where project_id = %(project)s
    )
    insert into shot_generations (project_id, shot_id, generation_id, timeline_frame)
    select %(project)s, s.id, g.id, g.n
    from numbered g join places s on s.n = g.n %% %(shots)s + 1
    where g.n %% 3 = 0
    """,
    """
    update projects
    set thumbnail_generation_id = (
      select id from generations where project_id = %(project)s limit 1
    )
    where id = %(project)s
    """,
    # What a studio of this size has had from autovacuum long before anybody deletes it.
    "analyze generations, generation_variants, shot_generations, shots",
)
