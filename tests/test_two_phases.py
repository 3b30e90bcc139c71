"""Two phases: pictures are shown before anybody reads where they stand in shots."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.asking import Answer, Asking
from tests.uneven import Uneven

PICTURE = """
nodes { id type mediaType name location thumbnailUrl url thumbUrl urlIdentity width height blurhash
  starred createdAt updatedAt isChild shotData variantCount unviewedVariantCount
  basedOn { id } parent { id shotData } primaryVariant { id location }
  derived(first: 2) { totalCount { value } nodes { id shotData } }
  children(first: 2) { nodes { id shotData } }
  variants(first: 2) { nodes { id generation { shotData } } } }
totalCount { value } pageInfo { hasNextPage endCursor }
"""
GALLERIES = f"""
query ($project: ID!, $shot: ID!, $generation: ID!) {{
  project(id: $project) {{
    generations {{ {PICTURE} }}
    inShot: generations(filter: {{shots: [$shot]}}, order: {{by: TIMELINE_FRAME}}) {{ {PICTURE} }}
    waiting: generations(filter: {{shots: [$shot], positioned: false}}) {{ {PICTURE} }}
    loose: generations(filter: {{or: [{{noShot: true}}, {{positioned: false}}]}}) {{ {PICTURE} }}
    facets {{ total unpositioned {{ value count }} }}
    shots {{ nodes {{ id name position generations(first: 5) {{ {PICTURE} }} }} }}
  }}
  shot(id: $shot) {{
    name
    generations(first: 5, around: $generation) {{ {PICTURE} }}
    framed: generations(order: {{by: TIMELINE_FRAME, direction: DESC}}) {{ {PICTURE} }}
    placed: generations(filter: {{positioned: true}}) {{ {PICTURE} }}
  }}
}}
"""
ENTRIES = "query ($shot: ID!) { shot(id: $shot) { entries { nodes { id } } } }"
TRUTH = """
select generation_id::text, shot_id::text, min(timeline_frame) from shot_generations group by 1, 2
"""


@pytest.fixture
def entries_locked(uneven: Uneven, owner_url: str) -> Iterator[None]:
    """As long as this lasts, whoever reads shot entries waits."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("lock table shot_generations in access exclusive mode")
        yield
        connection.rollback()


async def ask(asking: Asking, uneven: Uneven, query: str, patience: float = 5) -> Answer:
    ids = {kind.lower(): uneven.ids[kind][0] for kind in ("Project", "Shot", "Generation")}
    wanted = {name: one for name, one in ids.items() if f"${name}:" in query}
    return await asyncio.wait_for(asking(query, uneven.viewer, **wanted), patience)


@pytest.mark.usefixtures("entries_locked")
async def test_galleries_are_shown_while_nobody_can_read_entries(
    asking: Asking, uneven: Uneven
) -> None:
    answer = await ask(asking, uneven, GALLERIES)
    assert len(answer["project"]["inShot"]["nodes"]) > 8
    assert "shot_generations" not in " ".join(answer.statements)


@pytest.mark.usefixtures("entries_locked")
async def test_the_second_phase_waits_for_them(asking: Asking, uneven: Uneven) -> None:
    with pytest.raises(TimeoutError):
        await ask(asking, uneven, ENTRIES, patience=0.5)


async def test_what_generations_know_of_their_shots_is_true(
    asking: Asking, uneven: Uneven, owner: psycopg.Connection[Any]
) -> None:
    truth: dict[str, dict[str, int | None]] = {}
    for generation, shot, frame in owner.execute(TRUTH).fetchall():
        truth.setdefault(generation, {})[shot] = frame
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation { id shotData } } }"
    answer = await asking(query, uneven.viewer, ids=uneven.ids["Generation"])
    assert len(answer["nodes"]) > 60
    for one in answer["nodes"]:
        assert one["shotData"] == truth.get(one["id"], {})
