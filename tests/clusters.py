"""Many projects alike, each with everything that can be related to anything."""

from typing import Any
from uuid import uuid4

import psycopg

Ids = dict[str, list[str]]

_TYPE = """
insert into task_types (name, display_name) values ('walking', 'Walking') on conflict do nothing
"""

_STATEMENTS = {
    "Project": """
        insert into projects (id, user_id, name, settings)
        select {id}, %(viewer)s, 'Project ' || n, '{{}}' from {numbers} returning id
    """,
    "Colleague": """
        insert into users (id, name, email) select {id}, 'Colleague', {id} || '@example.org'
        from {numbers}
    """,
    "Member": """
        insert into project_members (id, project_id, user_id, role)
        select {id}, {project}, {colleague}, 'editor' from {numbers}
    """,
    "Invitation": """
        insert into project_invitations (id, project_id, email, role, invited_by, expires_at)
        select {id}, {project}, 'friend@example.org', 'viewer', %(viewer)s, now() + interval '1 day'
        from {numbers}
    """,
    "Shot": """
        insert into shots (id, project_id, name) select {id}, {project}, 'Shot'
        from {numbers}
    """,
    "Run": """
        insert into runs (id, project_id, name) select {id}, {project}, 'Run'
        from {numbers}
    """,
    "Task": """
        insert into tasks (id, project_id, task_type) select {id}, {project}, 'walking'

        from {numbers}
    """,
    "Source": """
        insert into generations (id, created_at, project_id, type, location, run_id, task_id)
        select {id}, {moment}, {project}, 'image', 'media/a.png', {run}, {task}
        from {numbers}
    """,
    "Generation": """
        insert into generations
          (id, created_at, project_id, type, location, run_id, task_id, based_on)
        select {id}, {moment}, {project}, 'image', 'media/b.png', {run}, {task}, {source}
        from {numbers}
    """,
    "Derived": """
        insert into generations (id, created_at, project_id, type, location, based_on)
        select {id}, {moment}, {project}, 'image', 'media/c.png', {generation}
        from {numbers}
    """,
    "Variant": """
        insert into generation_variants
          (id, created_at, project_id, generation_id, location, variant_type)
        select {id}, {moment}, {project}, {generation}, 'media/d.png', 'edit'
        from {numbers}
    """,
    "ShotEntry": """
        insert into shot_generations
          (id, created_at, project_id, shot_id, generation_id, timeline_frame)
        select {id}, {moment}, {project}, {shot}, {generation}, 0
        from {numbers}
    """,
    "Next": """
        insert into shot_generations
          (id, created_at, project_id, shot_id, generation_id, timeline_frame)
        select {id}, {moment}, {project}, {shot}, {source}, 81
        from {numbers}
    """,
    "Video": """
        insert into generations (id, created_at, project_id, type, location, run_id)
        select {id}, {moment}, {project}, 'video', 'media/v.mp4', {run}
        from {numbers}
    """,
    "Placed video": """
        insert into shot_generations
          (id, created_at, project_id, shot_id, generation_id)
        select {id}, {moment}, {project}, {shot}, {video}
        from {numbers}
    """,
    "Segment": """
        insert into generations (id, created_at, project_id, type, location, parent_generation_id,
          child_order, pair_shot_generation_id)
        select {id}, {moment}, {project}, 'video', 'media/s.mp4', {video}, 0, {shot_entry}
        from {numbers}
    """,
    "Asset": """
        insert into assets (
          id, created_at, project_id, uploader, key, filename, content_type, size, status,
          upload_expires_at
        )
        select {id}, {moment}, {project}, %(viewer)s,
          concat({project}::text, '/', ({id})::text, '.png'), 'a.png', 'image/png', 1, 'uploaded',
          {moment}
        from {numbers}
    """,
}


_THUMBNAIL = """
update projects set thumbnail_generation_id = {generation} from {numbers} where id = {project}
"""


def fill(owner: psycopg.Connection[Any], viewer: str, number: int) -> Ids:
    """So many projects of a viewer; the ids of what is in them, kind by kind."""
    salt = str(uuid4())
    owner.execute(_TYPE)
    for kind, statement in _STATEMENTS.items():
        owner.execute(_text(statement, kind), _values(viewer, salt, number))
    owner.execute(_text(_THUMBNAIL, "Project"), _values(viewer, salt, number))
    return {kind: _ids(owner, kind, salt, number) for kind in _STATEMENTS}


def _text(statement: str, kind: str) -> Any:
    places = {name.lower().replace("shotentry", "shot_entry"): _id(name) for name in _STATEMENTS}
    moment = f"timestamptz '2026-01-01' + interval '{list(_STATEMENTS).index(kind)} minutes'"
    return statement.format(
        id=_id(kind), moment=moment, numbers="generate_series(1, %(number)s) n", **places
    )


def _id(kind: str) -> str:
    return f"md5(concat_ws('-', %(salt)s::text, '{kind}', n))::uuid"


def _ids(owner: psycopg.Connection[Any], kind: str, salt: str, number: int) -> list[str]:
    text: Any = f"select ({_id(kind)})::text from generate_series(1, %(number)s) n"
    return [one for (one,) in owner.execute(text, _values("", salt, number)).fetchall()]


def _values(viewer: str, salt: str, number: int) -> dict[str, Any]:
    return {"viewer": viewer, "salt": salt, "number": number}
