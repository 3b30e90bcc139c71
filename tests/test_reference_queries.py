"""The reference queries cost a fixed, small number of statements."""

from tests.asking import Asking
from tests.studio import Studio

SHOTS = """
query ($id: ID!) { project(id: $id) { name shots(first: 20) { nodes { id name } totalCount { value exact }
  edges { cursor } pageInfo { hasNextPage endCursor } } } }
"""
ONE = """
query ($id: ID!) { generation(id: $id) { id location basedOn { id location }
  variantCount variants(first: 5) { nodes { id isPrimary generation { id name } } totalCount { value } }
  shotEntries { nodes { position timelineFrame shot { id name } } } } }
"""


async def test_a_generation_shows_its_variants(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    generation = studio.generation(project, location=None)
    shot = studio.shot(project, position=0)
    studio.entry(shot, generation, 30, position=0)
    other = studio.generation(project, based_on=generation, location=None)
    answer = await asking(ONE, viewer, id=other)
    print(answer)
    answer = await asking(ONE, viewer, id=generation)
    print(answer.data)
    print(await asking(SHOTS, viewer, id=project))
    print(await asking(SHOTS, studio.user(), id=project))
    print(await asking(ONE, viewer, id="x"))
    assert 0
