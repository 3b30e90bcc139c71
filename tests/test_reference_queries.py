"""The reference queries cost a fixed, small number of statements."""

import pytest

from bench import reference
from tests.asking import Asking
from tests.studio import Studio


def filled(studio: Studio) -> tuple[str, str]:
    """A viewer and their project of 60 generations, in shots and made from one another."""
    viewer = studio.user()
    project = studio.project(viewer)
    shots = [studio.shot(project) for _ in range(3)]
    source = None
    for place in range(60):
        source = studio.generation(project, based_on=source)
        studio.variant(source)
        studio.entry(shots[place % 3], source, place * 10)
    return viewer, project


async def test_a_gallery_page_costs_six_statements(studio: Studio, asking: Asking) -> None:
    viewer, project = filled(studio)

    answer = await asking(reference.GALLERY, viewer, project=project)

    nodes = answer["project"]["generations"]["nodes"]
    assert len(nodes) == 50
    assert all(len(node["variants"]["nodes"]) == 2 for node in nodes)
    assert all(node["shotEntries"]["nodes"][0]["shot"]["id"] for node in nodes)
    assert all(node["basedOn"]["id"] for node in nodes)
    assert len(answer.statements) <= 6


async def test_nested_pages_cost_five_statements(studio: Studio, asking: Asking) -> None:
    viewer, project = filled(studio)

    answer = await asking(reference.SHOTS, viewer, project=project)

    nodes = answer["project"]["shots"]["nodes"]
    assert [len(node["entries"]["nodes"]) for node in nodes] == [10, 10, 10]
    assert all(node["statistics"]["total"] == 20 for node in nodes)
    assert len(answer.statements) <= 5


async def test_one_row_costs_two_statements(studio: Studio, asking: Asking) -> None:
    viewer = studio.user()
    generation = studio.generation(studio.project(viewer))

    answer = await asking(reference.ONE, viewer, generation=generation)

    assert answer["generation"]["id"] == generation
    assert len(answer.statements) == 2


@pytest.mark.parametrize(
    ("query", "flights"), [(reference.GALLERY, 2), (reference.SHOTS, 2)], ids=["Q1", "Q2"]
)
async def test_what_goes_by_the_roots_own_key_does_not_wait_for_it(
    studio: Studio, asking: Asking, query: str, flights: int
) -> None:
    viewer, project = filled(studio)

    session = await asking.flown(query, viewer, {"project": project})

    assert session.flights == flights
