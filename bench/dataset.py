"""The data that every claim about speed is measured on.

20 projects of one owner; in each 10,000 generations with 2 variants, and 200 shots of 40 entries,
30 of them placed. Ids are made from their place, so that every run asks for the same things.
"""

import hashlib
from uuid import UUID

import psycopg

PROJECTS = 20
GENERATIONS = 10_000
SHOTS = 200
ENTRIES = 40
PLACED = 30

OWNER = "00000000-0000-4000-8000-000000000001"

_STATEMENTS = (
    """
    insert into users (id, email, name)
    values (%(owner)s, 'bench@example.com', 'Bench')
    """,
    """
    insert into projects (id, user_id, name)
    select md5(concat_ws('-', 'project', p))::uuid, %(owner)s, 'Project ' || p
    from generate_series(1, %(projects)s) p
    """,
    """
    insert into project_members (project_id, user_id, role)
    select id, user_id, 'owner' from projects where user_id = %(owner)s
    """,
    """
    insert into shots (id, project_id, name, position)
    select md5(concat_ws('-', 'shot', p, s))::uuid, md5(concat_ws('-', 'project', p))::uuid,
      'Shot ' || s, s - 1
    from generate_series(1, %(projects)s) p, generate_series(1, %(shots)s) s
    """,
    # An entry's generation is picked so that 8,000 entries fall on 8,000 different generations.
    """
    insert into shot_generations
      (id, project_id, shot_id, generation_id, position, timeline_frame, metadata, created_at)
    select md5(concat_ws('-', 'entry', p, s, e))::uuid, md5(concat_ws('-', 'project', p))::uuid,
      md5(concat_ws('-', 'shot', p, s))::uuid,
      md5(concat_ws('-', 'generation', p, (s - 1) * %(entries)s + e))::uuid,
      case when e <= %(placed)s then e - 1 end,
      case when e <= %(placed)s then (e - 1) * 81 end,
      jsonb_build_object('pair_prompt', 'from ' || e || ' to ' || e + 1),
      timestamptz '2026-01-01 00:00+00' + make_interval(secs => e)
    from generate_series(1, %(projects)s) p, generate_series(1, %(shots)s) s,
      generate_series(1, %(entries)s) e
    """,
    """
    insert into generations
      (id, project_id, type, location, thumbnail_url, name, params, tool_type, model, prompt,
       width, height, byte_size, starred, based_on, primary_variant_id, shot_data, shot_id,
       timeline_frame, created_at, updated_at)
    select md5(concat_ws('-', 'generation', p, g))::uuid,
      md5(concat_ws('-', 'project', p))::uuid,
      case when g %% 10 = 0 then 'video' else 'image' end,
      'media/' || p || '/' || g || '.png',
      'media/' || p || '/' || g || '.thumb.webp',
      case when g %% 2 = 0 then 'Take ' || g end,
      jsonb_build_object('seed', g, 'steps', 20),
      'tool-' || g %% 5, 'model-' || g %% 8,
      'a ' || (array['quiet', 'stormy', 'golden', 'neon', 'misty', 'frozen', 'burning'])[1 + g %% 7]
        || ' ' || (array['harbour', 'forest', 'city', 'desert', 'river'])[1 + g %% 5]
        || ' at ' || (array['dawn', 'noon', 'dusk', 'night'])[1 + g %% 4] || ', take ' || g,
      1024, 1024, 1000000 + g, g %% 20 = 0,
      case when g %% 5 = 0 then md5(concat_ws('-', 'generation', p, g - 1))::uuid end,
      md5(concat_ws('-', 'variant', p, g, 1))::uuid,
      case when g <= %(shots)s * %(entries)s then jsonb_build_object(
        md5(concat_ws('-', 'shot', p, (g - 1) / %(entries)s + 1))::uuid,
        case when (g - 1) %% %(entries)s < %(placed)s then (g - 1) %% %(entries)s * 81 end)
        else '{}' end,
      case when g <= %(shots)s * %(entries)s
        then md5(concat_ws('-', 'shot', p, (g - 1) / %(entries)s + 1))::uuid end,
      case when g <= %(shots)s * %(entries)s and (g - 1) %% %(entries)s < %(placed)s
        then (g - 1) %% %(entries)s * 81 end,
      timestamptz '2026-01-01 00:00+00' + make_interval(secs => g * 60 + p),
      timestamptz '2026-01-01 00:00+00' + make_interval(secs => g * 60 + p)
    from generate_series(1, %(projects)s) p, generate_series(1, %(generations)s) g
    """,
    """
    insert into generation_variants
      (id, project_id, generation_id, location, thumbnail_url, params, variant_type, is_primary,
       width, height, byte_size, viewed_at, created_at, updated_at)
    select md5(concat_ws('-', 'variant', p, g, v))::uuid,
      md5(concat_ws('-', 'project', p))::uuid,
      md5(concat_ws('-', 'generation', p, g))::uuid,
      'media/' || p || '/' || g || case v when 1 then '.png' else '.upscaled.png' end,
      'media/' || p || '/' || g || '.thumb.webp',
      jsonb_build_object('seed', g, 'steps', 20),
      case v when 1 then 'original' else 'upscaled' end, v = 1,
      1024 * v, 1024 * v, 1000000 * v + g,
      case when v = 1 or g %% 3 > 0 then timestamptz '2026-06-01 00:00+00' end,
      timestamptz '2026-01-01 00:00+00' + make_interval(secs => g * 60 + p + v - 1),
      timestamptz '2026-01-01 00:00+00' + make_interval(secs => g * 60 + p + v - 1)
    from generate_series(1, %(projects)s) p, generate_series(1, %(generations)s) g,
      generate_series(1, 2) v
    """,
)


def load(url: str, projects: int = PROJECTS) -> None:
    """Fill an empty migrated database, as its owner; triggers sleep, their results are written."""
    values = {
        "owner": OWNER,
        "projects": projects,
        "generations": GENERATIONS,
        "shots": SHOTS,
        "entries": ENTRIES,
        "placed": PLACED,
    }
    with psycopg.connect(url) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("set local synchronous_commit = off")
        for statement in _STATEMENTS:
            connection.execute(statement, values)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")


def project(number: int) -> str:
    """The id of a project, counted from 1."""
    return _id("project", number)


def shot(project_number: int, number: int) -> str:
    """The id of a shot."""
    return _id("shot", project_number, number)


def generation(project_number: int, number: int) -> str:
    """The id of a generation; the highest number is the newest."""
    return _id("generation", project_number, number)


def entry(project_number: int, shot_number: int, number: int) -> str:
    """The id of a shot's entry."""
    return _id("entry", project_number, shot_number, number)


def _id(*parts: object) -> str:
    text = "-".join(map(str, parts))
    return str(UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()))
