"""Anything is found by its id alone."""

from uuid import uuid4

from tests.asking import Asking
from tests.studio import Studio

MANY = """
query ($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id ... on Generation { name } ... on Shot { title: name } ... on Media { url } } }
"""


async def test_nodes_come_in_the_order_of_asking(studio: Studio, asking: Asking) -> None:
    viewer = studio.user(name="Ada")
    project = studio.project(viewer)
    shot = studio.shot(project, name="Scene")
    generation = studio.generation(project, name="Still")
    ids = [shot, str(uuid4()), generation, shot, viewer, project]

    answer = await asking(MANY, viewer, ids=ids)

    names = [node and node["__typename"] for node in answer["nodes"]]
    assert names == ["Shot", None, "Generation", "Shot", "User", "Project"]
    assert answer["nodes"][0]["title"] == "Scene"
    assert answer["nodes"][2]["name"] == "Still"


async def test_nodes_cost_one_statement_for_the_types_and_one_per_type(
    studio: Studio, asking: Asking
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    ids = [studio.generation(project) for _ in range(40)] + [studio.shot(project)]

    answer = await asking(MANY, viewer, ids=ids)

    assert len(answer["nodes"]) == 41
    assert len(answer.statements) == 1 + 1 + 2


async def test_too_many_ids_are_refused(studio: Studio, asking: Asking) -> None:
    answer = await asking(MANY, studio.user(), ids=[str(uuid4())] * 501)

    assert answer.errors[0].original_error.argument == "ids"


async def test_an_id_that_is_no_uuid_is_refused(studio: Studio, asking: Asking) -> None:
    answer = await asking('{ node(id: "\\u0000") { id } }', studio.user())

    assert answer.data == {"node": None}
    assert answer.errors[0].original_error.argument == "id"


async def test_anothers_node_is_not_there(studio: Studio, asking: Asking) -> None:
    generation = studio.generation(studio.project(studio.user()))

    answer = await asking("query ($id: ID!) { node(id: $id) { id } }", studio.user(), id=generation)

    assert answer["node"] is None
