"""What is new comes with the very edge that its list has, for clients that keep lists."""

from typing import Any

import pytest

from tests.asking import Asking
from tests.studio import Studio

EDGE = "{ cursor node { id } }"
# What is made by which input, the name of its edge, and the list that it is in.
MADE = [
    ("createProject", "ProjectCreated", "projectEdge", "viewer { projects(first: 500)"),
    ("createShot", "ShotCreated", "shotEdge", "project(id: $project) { shots"),
    ("duplicateShot", "ShotCreated", "shotEdge", "project(id: $project) { shots"),
    ("createRun", "RunCreated", "runEdge", "project(id: $project) { runs"),
    (
        "createGeneration",
        "GenerationCreated",
        "generationEdge",
        "project(id: $project) { generations",
    ),
    (
        "promoteVariant",
        "GenerationCreated",
        "generationEdge",
        "project(id: $project) { generations",
    ),
    ("createVariant", "VariantCreated", "variantEdge", "generation(id: $generation) { variants"),
    ("addToShot", "ShotEntryAdded", "shotEntryEdge", "shot(id: $shot) { entries"),
    ("addManyToShot", "ShotEntriesAdded", "shotEntryEdges", "shot(id: $shot) { entries"),
]


@pytest.mark.parametrize(("name", "told", "edge", "listed"), MADE, ids=[one[0] for one in MADE])
async def test_the_edge_of_what_is_new_is_the_one_in_its_list(
    name: str, told: str, edge: str, listed: str, asking: Asking, studio: Studio
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    ids = {"project": project, "shot": studio.shot(project)}
    ids |= {"generation": studio.generation(project)}
    ids |= {"variant": studio.variant(ids["generation"])}
    kind = f"{name[0].upper()}{name[1:]}Input!"
    text = f"""mutation ($input: {kind}) {{ {name}(input: $input) {{
      __typename ... on {told} {{ {edge} {EDGE} }} }} }}"""
    answer = (await asking(text, viewer, input=given(name, ids)))[name]
    assert answer["__typename"] == told
    new = answer[edge] if isinstance(answer[edge], list) else [answer[edge]]
    known = {name: one for name, one in ids.items() if f"${name})" in listed}
    asked = "".join(f"(${name}: ID!)" for name in known)
    found = await asking(f"query {asked} {{ {listed} {{ edges {EDGE} }} }} }}", viewer, **known)
    (parent,) = found.data.values()
    (page,) = parent.values()
    assert [one for one in page["edges"] if one in new] == new


def given(name: str, ids: dict[str, str]) -> dict[str, Any]:
    """An input of the mutation."""
    address = "https://example.org/fox.png"
    inputs: dict[str, dict[str, Any]] = {
        "createProject": {"name": "New"},
        "createShot": {"projectId": ids["project"], "name": "New", "position": 0},
        "duplicateShot": {"id": ids["shot"]},
        "createRun": {"projectId": ids["project"]},
        "createGeneration": {"projectId": ids["project"], "location": address},
        "promoteVariant": {"id": ids["variant"]},
        "createVariant": {"generationId": ids["generation"], "location": address},
        "addToShot": {"shotId": ids["shot"], "generationId": ids["generation"]},
        "addManyToShot": {"shotId": ids["shot"], "generationIds": [ids["generation"]] * 3},
    }
    return inputs[name]
