"""Galleries: what is in them, in which order, how many there are, and whose they are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.asking import Answer, Asking
from tests.studio import Studio

QUERY = """
query ($project: ID!, $first: Int, $filter: GalleryFilter, $order: GalleryOrder) {
  project(id: $project) {
    generations(first: $first, filter: $filter, order: $order) {
      nodes { id name }
      totalCount { value exact }
    }
  }
}
"""
SHOT = """
query ($shot: ID!, $filter: GalleryFilter, $order: GalleryOrder) {
  shot(id: $shot) {
    generations(filter: $filter, order: $order) { nodes { id name } totalCount { value } }
  }
}
"""
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def begun(studio: Studio) -> tuple[str, str]:
    viewer = studio.user()
    return viewer, studio.project(viewer)


async def names(
    asking: Asking, viewer: str, project: str, order: dict[str, str] | None = None
) -> list[Any]:
    answer = await asking(QUERY, viewer=viewer, project=project, order=order)
    return [node["name"] for node in answer["project"]["generations"]["nodes"]]


def code(answer: Answer) -> tuple[str, str | None]:
    problem = answer.errors[0].original_error
    return problem.code, problem.argument


async def test_the_newest_come_first(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    for day in (2, 1, 3):
        studio.generation(project, name=f"day {day}", created_at=EARLY + timedelta(day))
    assert await names(asking, viewer, project) == ["day 3", "day 2", "day 1"]


async def test_children_and_what_has_no_file_stay_out(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    parent = studio.generation(project, name="parent")
    studio.generation(project, name="segment", parent_generation_id=parent)
    studio.generation(project, name="unfinished", location=None)
    assert await names(asking, viewer, project) == ["parent"]


@pytest.mark.parametrize(
    ("by", "direction", "expected"),
    [
        ("CREATED_AT", None, "dcba"),
        ("CREATED_AT", "DESC", "dcba"),
        ("CREATED_AT", "ASC", "abcd"),
        ("UPDATED_AT", None, "abcd"),
        ("UPDATED_AT", "DESC", "abcd"),
        ("UPDATED_AT", "ASC", "dcba"),
        ("NAME", None, "abcd"),
        ("NAME", "ASC", "abcd"),
        ("NAME", "DESC", "dcba"),
        ("STARRED_FIRST", None, "bdca"),
    ],
)
async def test_every_order_has_its_directions(
    asking: Asking, studio: Studio, by: str, direction: str | None, expected: str
) -> None:
    viewer, project = begun(studio)
    for day, name in enumerate("abcd"):
        studio.generation(
            project,
            name=name,
            starred=name == "b",
            created_at=EARLY + timedelta(day),
            updated_at=EARLY + timedelta(100 - day),
        )
    order = {"by": by} | ({"direction": direction} if direction else {})
    assert await names(asking, viewer, project, order) == list(expected)


@pytest.mark.parametrize("by", ["CREATED_AT", "UPDATED_AT", "NAME", "STARRED_FIRST"])
async def test_equals_are_ordered_by_id(asking: Asking, studio: Studio, by: str) -> None:
    viewer, project = begun(studio)
    made = [
        studio.generation(project, name="same", created_at=EARLY, updated_at=EARLY)
        for _ in range(6)
    ]
    answer = await asking(QUERY, viewer=viewer, project=project, order={"by": by})
    found = [node["id"] for node in answer["project"]["generations"]["nodes"]]
    assert found == sorted(made, reverse=by != "NAME")


@pytest.mark.parametrize(("direction", "named"), [("ASC", ["a", "b"]), ("DESC", ["b", "a"])])
async def test_what_has_no_name_comes_last_in_both_directions(
    asking: Asking, studio: Studio, direction: str, named: list[str]
) -> None:
    viewer, project = begun(studio)
    for name in (None, "b", "", "a"):
        studio.generation(project, name=name)
    found = await names(asking, viewer, project, {"by": "NAME", "direction": direction})
    assert found[:2] == named
    assert set(found[2:]) == {None, ""}


async def test_names_are_ordered_by_code_points(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    for name in ("é", "b", "B", "\U0001f3a8", "a"):
        studio.generation(project, name=name)
    found = await names(asking, viewer, project, {"by": "NAME"})
    assert found == ["B", "a", "b", "é", "\U0001f3a8"]


async def test_starred_first_has_no_other_direction(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    order = {"by": "STARRED_FIRST", "direction": "ASC"}
    answer = await asking(QUERY, viewer=viewer, project=project, order=order)
    assert code(answer) == ("BAD_USER_INPUT", "order.direction")


@pytest.mark.parametrize(("direction", "placed"), [("ASC", "ab"), ("DESC", "ba")])
async def test_frames_order_the_generations_of_one_shot(
    asking: Asking, studio: Studio, direction: str, placed: str
) -> None:
    viewer, project = begun(studio)
    shot, elsewhere = studio.shot(project), studio.shot(project)
    for name, frame in (("waiting", None), ("b", 100), ("a", 9)):
        studio.entry(shot, studio.generation(project, name=name), frame)
    studio.entry(elsewhere, studio.generation(project, name="elsewhere"), 0)
    answer = await asking(
        QUERY,
        viewer=viewer,
        project=project,
        filter={"shots": [shot]},
        order={"by": "TIMELINE_FRAME", "direction": direction},
    )
    found = [node["name"] for node in answer["project"]["generations"]["nodes"]]
    assert found == [*placed, "waiting"]


@pytest.mark.parametrize("shots", [None, [], 2])
async def test_frames_of_no_single_shot_are_refused(
    asking: Asking, studio: Studio, shots: Any
) -> None:
    viewer, project = begun(studio)
    chosen = [studio.shot(project), studio.shot(project)] if shots == 2 else shots
    answer = await asking(
        QUERY,
        viewer=viewer,
        project=project,
        filter={"shots": chosen},
        order={"by": "TIMELINE_FRAME"},
    )
    assert code(answer) == ("BAD_USER_INPUT", "filter.shots")


async def test_the_total_is_of_the_whole_filtered_list(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    for starred in (True, True, False):
        studio.generation(project, starred=starred)
    answer = await asking(QUERY, viewer=viewer, project=project, first=1, filter={"starred": True})
    assert answer["project"]["generations"]["totalCount"] == {"value": 2, "exact": True}


async def test_a_total_beyond_ten_thousand_is_inexact(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    studio.owner.execute("begin; set local session_replication_role = replica")
    studio.owner.execute(
        "insert into generations (project_id, location)"
        " select %s, 'media/' || n from generate_series(1, 10001) n",
        (project,),
    )
    studio.owner.execute("commit")
    answer = await asking(QUERY, viewer=viewer, project=project, first=0)
    assert answer["project"]["generations"]["totalCount"] == {"value": 10_000, "exact": False}


async def test_the_gallery_of_a_shot_is_what_has_an_entry_there(
    asking: Asking, studio: Studio
) -> None:
    viewer, project = begun(studio)
    shot, elsewhere = studio.shot(project), studio.shot(project)
    twice = studio.generation(project, name="twice")
    studio.entry(shot, twice, 30)
    studio.entry(shot, twice)
    studio.entry(shot, studio.generation(project, name="waiting"))
    studio.entry(elsewhere, studio.generation(project, name="elsewhere"), 0)
    studio.generation(project, name="nowhere")
    answer = await asking(SHOT, viewer=viewer, shot=shot, order={"by": "TIMELINE_FRAME"})
    found = answer["shot"]["generations"]
    assert [node["name"] for node in found["nodes"]] == ["twice", "waiting"]
    assert found["totalCount"] == {"value": 2}


@pytest.mark.parametrize(("positioned", "expected"), [(True, ["placed"]), (False, ["waiting"])])
async def test_positioned_is_meant_within_the_shot_that_is_asked(
    asking: Asking, studio: Studio, positioned: bool, expected: list[str]
) -> None:
    viewer, project = begun(studio)
    shot, elsewhere = studio.shot(project), studio.shot(project)
    waiting = studio.generation(project, name="waiting")
    studio.entry(shot, studio.generation(project, name="placed"), 0)
    studio.entry(shot, waiting)
    studio.entry(elsewhere, waiting, 0)
    answer = await asking(SHOT, viewer=viewer, shot=shot, filter={"positioned": positioned})
    assert [node["name"] for node in answer["shot"]["generations"]["nodes"]] == expected


async def test_a_shot_is_searched_as_a_project_is(asking: Asking, studio: Studio) -> None:
    viewer, project = begun(studio)
    shot = studio.shot(project)
    for name in ("red fox", "grey wolf"):
        studio.entry(shot, studio.generation(project, name=name))
    studio.generation(project, name="red fox elsewhere")
    answer = await asking(SHOT, viewer=viewer, shot=shot, filter={"search": "fox"})
    assert [node["name"] for node in answer["shot"]["generations"]["nodes"]] == ["red fox"]


async def test_others_see_nothing_of_a_gallery(asking: Asking, studio: Studio) -> None:
    _, project = begun(studio)
    shot = studio.shot(project)
    studio.entry(shot, studio.generation(project, name="secret"), 0)
    stranger, own = begun(studio)
    studio.generation(own, name="own")
    assert (await asking(QUERY, viewer=stranger, project=project))["project"] is None
    for given in ({"shots": [shot]}, {"search": "secret"}, {"parent": shot}):
        answer = await asking(QUERY, viewer=stranger, project=own, filter=given)
        assert answer["project"]["generations"]["nodes"] == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"search": "fox"},
        {"positioned": False},
        {"hasUnviewedVariants": False},
        {"or": [{"search": "fox"}, {"noShot": True}]},
    ],
)
async def test_galleries_of_many_parents_cost_as_much_as_of_two(
    asking: Asking, studio: Studio, given: dict[str, Any]
) -> None:
    assert await cost(asking, studio, 2, given) == await cost(asking, studio, 40, given)


async def cost(asking: Asking, studio: Studio, parents: int, given: dict[str, Any]) -> int:
    viewer, project = begun(studio)
    for _ in range(parents):
        studio.entry(studio.shot(project), studio.generation(project, prompt="fox"))
    answer = await asking(
        """
        query ($project: ID!, $filter: GalleryFilter) {
          project(id: $project) {
            shots {
              nodes {
                generations(first: 3, filter: $filter) {
                  nodes { id project { facets(filter: $filter) { total models { value } } } }
                  totalCount { value }
                }
              }
            }
          }
        }
        """,
        viewer=viewer,
        project=project,
        filter=given,
    )
    assert not answer.errors
    return len(answer.statements)
