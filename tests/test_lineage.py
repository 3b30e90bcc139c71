"""Lineage: what was made from what."""

from itertools import pairwise

import pytest

from tests.asking import Asking
from tests.studio import Studio

GRAPH = """
query ($id: ID!, $direction: LineageDirection!, $depth: Int! = 5) { generation(id: $id) {
  lineage(direction: $direction, depth: $depth) {
    truncated nodes { id name } edges { source target } } } }
"""


def family(studio: Studio, project: str, length: int) -> list[str]:
    """A chain of generations, each made from the one before."""
    chain = [studio.generation(project, name="0")]
    for place in range(1, length):
        chain.append(studio.generation(project, name=str(place), based_on=chain[-1]))
    return chain


@pytest.mark.parametrize(
    ("direction", "names"),
    [("ANCESTORS", "210"), ("DESCENDANTS", "234"), ("BOTH", "21304")],
)
async def test_lineage_is_followed_either_way(
    studio: Studio, asking: Asking, direction: str, names: str
) -> None:
    viewer = studio.user()
    chain = family(studio, studio.project(viewer), 5)

    answer = await asking(GRAPH, viewer, id=chain[2], direction=direction)

    found = answer["generation"]["lineage"]
    assert sorted(node["name"] for node in found["nodes"]) == sorted(names)
    assert found["nodes"][0]["name"] == "2"
    edges = {(edge["source"], edge["target"]) for edge in found["edges"]}
    present = {chain[int(name)] for name in names}
    assert edges == {(a, b) for a, b in pairwise(chain) if {a, b} <= present}


async def test_lineage_goes_no_further_than_asked(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    chain = family(studio, studio.project(viewer), 5)

    answer = await asking(GRAPH, viewer, id=chain[4], direction="BOTH", depth=2)

    names = [node["name"] for node in answer["generation"]["lineage"]["nodes"]]
    assert names == ["4", "3", "2"]


async def test_a_circle_ends(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    chain = family(studio, studio.project(viewer), 3)
    studio.owner.execute("update generations set based_on = %s where id = %s", (chain[2], chain[0]))

    answer = await asking(GRAPH, viewer, id=chain[0], direction="BOTH", depth=20)

    found = answer["generation"]["lineage"]
    assert len(found["nodes"]) == 3
    assert len(found["edges"]) == 3


async def test_many_derived_are_cut_and_said_to_be(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    source = studio.generation(project)
    for _ in range(101):
        studio.generation(project, based_on=source, location=None)

    answer = await asking(GRAPH, viewer, id=source, direction="DESCENDANTS")

    assert answer["generation"]["lineage"]["truncated"] is True
    assert len(answer["generation"]["lineage"]["nodes"]) == 101


async def test_exactly_as_many_as_are_shown_are_not_cut(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    source = studio.generation(project)
    for _ in range(100):
        studio.generation(project, based_on=source, location=None)

    answer = await asking(GRAPH, viewer, id=source, direction="DESCENDANTS")

    assert answer["generation"]["lineage"]["truncated"] is False


async def test_a_large_family_leaves_others_theirs(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    wide = studio.generation(project)
    for _ in range(2):
        studio.owner.execute(
            "insert into generations (project_id, based_on)"
            " select %s, id from generations, generate_series(1, 30) where project_id = %s",
            (project, project),
        )
    chain = family(studio, project, 12)
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation {
      lineage(depth: 20) { truncated nodes { name } } } } }"""

    large, small = (await asking(query, viewer, ids=[wide, chain[0]]))["nodes"]

    assert large["lineage"]["truncated"] is True
    assert len(large["lineage"]["nodes"]) == 500
    assert small["lineage"]["truncated"] is False
    assert [node["name"] for node in small["lineage"]["nodes"]] == [*map(str, range(12))]


@pytest.mark.parametrize("number", [500, 501])
async def test_a_circle_of_many_says_when_it_is_cut(
    studio: Studio, asking: Asking, number: int
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    pair = family(studio, project, 2)
    studio.owner.execute("update generations set based_on = %s where id = %s", (pair[1], pair[0]))
    tips = [pair[0]] * 50
    for place in range(number - 2):
        made = studio.generation(project, location=None, based_on=tips[place % 50])
        tips[place % 50] = made

    found = (await asking(GRAPH, viewer, id=pair[0], direction="BOTH", depth=20))["generation"]

    assert len(found["lineage"]["nodes"]) == 500
    assert found["lineage"]["truncated"] is (number > 500)


async def test_a_depth_out_of_range_is_refused(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    generation = studio.generation(studio.project(viewer))

    answer = await asking(GRAPH, viewer, id=generation, direction="BOTH", depth=21)

    assert answer.errors[0].original_error.argument == "depth"


async def test_derived_items_are_generations_and_edited_takes(
    studio: Studio, asking: Asking
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    source = studio.generation(project)
    derived = studio.generation(project, based_on=source)
    edit = studio.variant(source, variant_type="inpaint", starred=True)
    studio.variant(source, variant_type="upscaled")
    query = """
    query ($id: ID!, $after: String) { generation(id: $id) { derivedItems(first: 1, after: $after) {
      totalCount { value } pageInfo { hasNextPage endCursor } edges { cursor node { __typename } }
      nodes { ... on Media { location starred } ... on Generation { id basedOn { id } }
        ... on Variant { id variantType generation { id } } } } } }
    """

    first = await asking(query, viewer, id=source)
    page = first["generation"]["derivedItems"]
    second = await asking(query, viewer, id=source, after=page["pageInfo"]["endCursor"])

    assert page["totalCount"] == {"value": 2}
    assert page["nodes"][0]["id"] == edit
    assert page["edges"][0]["node"]["__typename"] == "Variant"
    rest = second["generation"]["derivedItems"]
    assert rest["nodes"][0]["id"] == derived
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_derived_items_are_read_through_a_fragment_on_their_union(
    studio: Studio, asking: Asking
) -> None:
    viewer = studio.user()
    source = studio.generation(studio.project(viewer))
    studio.variant(source, name="Closer")
    query = """
    query ($id: ID!) { generation(id: $id) { derivedItems { nodes { ...Item } } } }
    fragment Item on DerivedItem { ... on Media { name } }
    """

    answer = await asking(query, viewer, id=source)

    assert answer["generation"]["derivedItems"]["nodes"] == [{"name": "Closer"}]


async def test_lineage_of_many_costs_one_statement(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    run = studio.insert("runs", project_id=project)
    query = """
    query ($id: ID!) { run(id: $id) { generations(first: 100) { nodes {
      lineage { nodes { id } } derivedItems { nodes { ... on Media { name } } } } } } }
    """
    counts = set()
    for _ in range(2):
        for _ in range(10):
            source = studio.generation(project, run_id=run)
            studio.generation(project, based_on=source, run_id=run)
            studio.variant(source)
        counts.add(len((await asking(query, viewer, id=run)).statements))

    assert counts == {1 + 2 + 1 + 3}


async def test_anothers_lineage_is_not_shown(studio: Studio, asking: Asking) -> None:
    chain = family(studio, studio.project(studio.user()), 3)

    answer = await asking(GRAPH, studio.user(), id=chain[1], direction="BOTH")

    assert answer["generation"] is None
