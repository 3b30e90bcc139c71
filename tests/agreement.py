"""Generations and their variants: writing them, reading them, and what must hold between them."""

from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.studio import Studio

MEDIA: dict[str, Any] = {
    "location": "media/a.mp4",
    "thumbnail_url": "media/a.jpg",
    "name": "Dawn",
    "params": {"prompt": "dawn"},
    "width": 640,
    "height": 480,
    "duration_ms": 5000,
    "byte_size": 5_000_000_000,
    "blurhash": "LKO2?U%2Tw=w]~RBVZRi};RPxuwH",
}

_DISAGREEMENTS = """
select g.id::text, v.primaries, v.total
from generations g
  left join lateral (
    select count(*) as total, count(*) filter (where is_primary) as primaries
    from generation_variants
    where generation_id = g.id
  ) v on true
  left join generation_variants p on p.generation_id = g.id and p.is_primary
where g.project_id = %s
  and (
    v.primaries <> least(v.total, 1)
    or (g.location is not null and v.total = 0)
    or (
      g.primary_variant_id, g.location, g.thumbnail_url, g.name, g.params,
      g.width, g.height, g.duration_ms, g.byte_size, g.blurhash
    ) is distinct from (
      p.id, p.location, p.thumbnail_url, p.name, p.params,
      p.width, p.height, p.duration_ms, p.byte_size, p.blurhash
    ) and v.total > 0
  )
"""


def disagreements(owner: psycopg.Connection[Any], project: str) -> list[Any]:
    """Generations of a project that do not show exactly one primary variant of theirs."""
    return owner.execute(_DISAGREEMENTS, (project,)).fetchall()


def write(studio: Studio, generation: str, **values: Any) -> None:
    """Changes columns of a generation."""
    _update(studio, "generations", generation, values)


def write_variant(studio: Studio, variant: str, **values: Any) -> None:
    """Changes columns of a variant."""
    _update(studio, "generation_variants", variant, values)


def _update(studio: Studio, table: str, key: str, values: dict[str, Any]) -> None:
    taken = {name: Jsonb(v) if isinstance(v, dict) else v for name, v in values.items()}
    changes = ", ".join(f"{name} = %({name})s" for name in taken)
    studio.owner.execute(f"update {table} set {changes} where id = %(id)s", {"id": key} | taken)


def variants(studio: Studio, generation: str) -> list[dict[str, Any]]:
    """The variants of a generation, the oldest first."""
    return _rows(
        studio,
        """
        select *, id::text, project_id::text
        from generation_variants v
        where generation_id = %s
        order by v.created_at, v.id
        """,
        generation,
    )


def shown_by(studio: Studio, generation: str) -> dict[str, Any]:
    """The row of a generation."""
    query = """
        select *, id::text, project_id::text, primary_variant_id::text
        from generations
        where id = %s
    """
    return _rows(studio, query, generation)[0]


def primary(studio: Studio, generation: str) -> str:
    """The variant that a generation points at."""
    return str(shown_by(studio, generation)["primary_variant_id"])


def _rows(studio: Studio, query: str, key: str) -> list[dict[str, Any]]:
    with studio.owner.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, (key,)).fetchall()
