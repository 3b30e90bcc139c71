"""Shots as clients read them: what each one tells, and what a list of them costs."""

from typing import Any

import pytest

from tests.asking import Asking
from tests.studio import Studio

SHOT = """
query ($id: ID!) { shot(id: $id) { id name position aspectRatio version createdAt project { id } } }
"""

FIELDS = [
    "id",
    "project { name }",
    "statistics { total positioned unpositioned videos }",
    "entries(first: 3) { nodes { id metadata { pairPrompt } generation { location mediaType } } }",
    "entries { nodes { shot { name statistics { total } } } }",
    "entries(placement: UNPOSITIONED, mediaType: IMAGE) { edges { cursor } totalCount { value } }",
    "timeline(last: 2) { nodes { generation { url } } totalCount { value } }",
    "pairs { nodes { index resolvedPrompt start { id generation { url } } end { position } } }",
    "pairs { totalCount { value } pageInfo { hasNextPage endCursor } }",
    "finalVideos { nodes { location } totalCount { value } }",
    "videoOutputs { totalCount { value } nodes { entry { id } generation { id location } } }",
    "videoOutputs { nodes { slots { pair { index start { id } } segment { location } } } }",
]


def filled(studio: Studio, project: str, shots: int) -> list[str]:
    """Shots with two placed images, one waiting, and a video of one segment."""
    made = [studio.shot(project) for _ in range(shots)]
    for shot in made:
        start, *_ = [studio.entry(shot, studio.generation(project), f) for f in (0, 81, None)]
        video = studio.generation(project, type="video")
        studio.entry(shot, video)
        segment = {"parent_generation_id": video, "pair_shot_generation_id": start}
        studio.generation(project, type="video", **segment)
    return made


@pytest.fixture(scope="module")
def two_sizes() -> dict[int, Any]:
    """A project of two shots and one of forty, made once."""
    return {}


async def statements(
    two_sizes: dict[int, Any], studio: Studio, asking: Asking, fields: str, size: int
) -> list[str]:
    """What the fields of all shots of a project cost."""
    if size not in two_sizes:
        viewer = studio.user()
        project = studio.project(viewer)
        filled(studio, project, size)
        two_sizes[size] = (viewer, project)
    viewer, project = two_sizes[size]
    query = "query ($id: ID!) { project(id: $id) { shots { nodes { %s } } } }" % fields  # noqa: UP031
    answer = await asking(query, viewer, id=project)
    assert len(answer["project"]["shots"]["nodes"]) == size
    return answer.statements


@pytest.mark.parametrize("fields", FIELDS)
async def test_forty_shots_cost_as_many_statements_as_two(
    two_sizes: dict[int, Any], studio: Studio, asking: Asking, fields: str
) -> None:
    few = await statements(two_sizes, studio, asking, fields, 2)
    many = await statements(two_sizes, studio, asking, fields, 40)
    assert many == few


async def test_a_shot_is_found_by_its_id(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    studio.shot(project)
    shot = studio.shot(project, name="Dawn", aspect_ratio="16:9")
    found = (await asking(SHOT, viewer, id=shot))["shot"]
    assert found.pop("createdAt").endswith("Z")
    assert found == {
        "id": shot,
        "name": "Dawn",
        "position": 1,
        "aspectRatio": "16:9",
        "version": 1,
        "project": {"id": project},
    }


async def test_a_shot_of_somebody_else_is_not_there(studio: Studio, asking: Asking) -> None:
    shot = studio.shot(studio.project(studio.user()))
    assert (await asking(SHOT, studio.user(), id=shot))["shot"] is None


async def test_a_shot_list_with_entries_and_counts_costs_five_statements(
    studio: Studio, asking: Asking
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    filled(studio, project, 3)
    query = """
    query ($id: ID!) { project(id: $id) { shots(first: 20) { nodes { id name
      entries(first: 10, placement: PLACED) {
        nodes { id timelineFrame metadata { raw } generation { id location } } }
      statistics { total positioned unpositioned } } } } }
    """
    answer = await asking(query, viewer, id=project)
    assert len(answer["project"]["shots"]["nodes"]) == 3
    assert len(answer.statements) == 5


async def test_names_alone_read_no_entries(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    filled(studio, project, 1)
    query = """
    query ($id: ID!) { project(id: $id) {
      shots { nodes { name } } statistics { shots }
      generations { nodes { id location thumbnailUrl shotData } } } }
    """
    answer = await asking(query, viewer, id=project)
    assert answer["project"]["statistics"] == {"shots": 1}
    assert not [text for text in answer.statements if "shot_generations" in text]
