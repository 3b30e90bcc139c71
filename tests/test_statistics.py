"""Statistics of shots and projects: exact, and one statement for all of them."""

from typing import Any

from tests.asking import Asking
from tests.studio import Studio

SHOTS = """
query ($id: ID!) { project(id: $id) { shots { nodes {
  statistics { total positioned unpositioned videos } } } } }
"""
PROJECTS = """
{ viewer { projects(first: 100) { nodes { id
  statistics { generations images videos starred shots } } } } }
"""


async def projects(asking: Asking, viewer: str) -> tuple[dict[str, Any], list[str]]:
    """The statistics of the viewer's projects, and what they cost."""
    answer = await asking(PROJECTS, viewer)
    nodes = answer["viewer"]["projects"]["nodes"]
    return {node["id"]: node["statistics"] for node in nodes}, answer.statements


async def test_a_shot_counts_its_entries(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    shot, _ = studio.shot(project), studio.shot(project)
    image, video = studio.generation(project), studio.generation(project, type="video")
    for generation, frame in [(image, 0), (image, 5), (image, None), (video, None)]:
        studio.entry(shot, generation, frame)
    found = (await asking(SHOTS, viewer, id=project))["project"]["shots"]["nodes"]
    assert [node["statistics"] for node in found] == [
        {"total": 4, "positioned": 2, "unpositioned": 2, "videos": 1},
        {"total": 0, "positioned": 0, "unpositioned": 0, "videos": 0},
    ]


async def test_a_project_counts_what_its_gallery_shows(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    full, empty = studio.project(viewer), studio.project(viewer)
    studio.generation(full, starred=True)
    studio.generation(full, type=None)
    parent = studio.generation(full, type="video/mp4")
    studio.generation(full, type="video", parent_generation_id=parent)
    studio.generation(full, location=None)
    studio.shot(full)
    found, _ = await projects(asking, viewer)
    assert found == {
        full: {"generations": 3, "images": 2, "videos": 1, "starred": 1, "shots": 1},
        empty: {"generations": 0, "images": 0, "videos": 0, "starred": 0, "shots": 0},
    }


async def test_the_statistics_of_forty_projects_are_one_statement(
    studio: Studio, asking: Asking
) -> None:
    few, many = studio.user(), studio.user()
    for viewer, number in [(few, 2), (many, 40)]:
        for _ in range(number):
            studio.generation(studio.project(viewer))
    _, cost = await projects(asking, few)
    found, same_cost = await projects(asking, many)
    assert len(found) == 40
    assert same_cost == cost


async def test_statistics_count_only_what_is_asked(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    query = "query ($id: ID!) { project(id: $id) { statistics { shots } } }"
    answer = await asking(query, viewer, id=project)
    assert answer["project"]["statistics"] == {"shots": 0}
    assert not [text for text in answer.statements if "generations" in text]
