"""What a generation is made of, what kind it is, and what its params say."""

from typing import Any

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.agreement import shown_by, write
from tests.studio import Studio


@pytest.fixture
def project(studio: Studio) -> str:
    """A project of its own."""
    return studio.project(studio.user())


def test_children_are_listed_in_order(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    second = child(studio, project, parent, 1)
    first = child(studio, project, parent, 0)
    unordered = child(studio, project, parent, None)
    assert children(studio, parent) == [(first, 0), (second, 1), (unordered, None)]


def test_a_reordered_child_is_listed_anew(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    first, second = (child(studio, project, parent, order) for order in (0, 1))
    write(studio, first, child_order=2)
    assert children(studio, parent) == [(second, 1), (first, 2)]


def test_children_swapped_in_one_statement_are_listed_anew(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    first, second = (child(studio, project, parent, order) for order in (0, 1))
    studio.owner.execute(
        "update generations set child_order = 1 - child_order where parent_generation_id = %s",
        (parent,),
    )
    assert children(studio, parent) == [(second, 0), (first, 1)]


def test_a_child_that_moves_changes_both_parents(studio: Studio, project: str) -> None:
    left, joined = studio.generation(project), studio.generation(project)
    moved = child(studio, project, left, 0)
    write(studio, moved, parent_generation_id=joined)
    assert (children(studio, left), children(studio, joined)) == ([], [(moved, 0)])


def test_a_child_that_leaves_is_listed_no_more(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    write(studio, child(studio, project, parent, 0), parent_generation_id=None)
    assert children(studio, parent) == []


def test_a_deleted_child_is_listed_no_more(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    first, second = (child(studio, project, parent, order) for order in (0, 1))
    studio.owner.execute("delete from generations where id = %s", (first,))
    assert children(studio, parent) == [(second, 1)]


def test_a_deleted_parent_takes_its_children_with_it(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    middle = child(studio, project, parent, 0)
    child(studio, project, middle, 0)
    studio.owner.execute("delete from generations where id = %s", (parent,))
    left = studio.owner.execute("select from generations where project_id = %s", (project,))
    assert left.fetchall() == []


def test_the_list_of_children_is_no_new_version(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    before = shown_by(studio, parent)
    child(studio, project, parent, 0)
    after = shown_by(studio, parent)
    assert (after["version"], after["updated_at"]) == (before["version"], before["updated_at"])


def test_many_children_of_many_parents_are_listed_in_one_statement(
    studio: Studio, project: str
) -> None:
    parents = [studio.generation(project) for _ in range(3)]
    studio.owner.execute(
        """
        insert into generations (project_id, parent_generation_id, child_order, location)
        select %s, parent, n, 'segment.mp4' from unnest(%s::uuid[]) parent, generate_series(0, 4) n
        """,
        (project, parents),
    )
    orders = [[order for _, order in children(studio, parent)] for parent in parents]
    assert orders == [[0, 1, 2, 3, 4]] * 3


def test_a_client_cannot_write_the_list_of_children(studio: Studio, project: str) -> None:
    parent = studio.generation(project)
    studio.owner.execute("set role authenticated")
    with pytest.raises(errors.InsufficientPrivilege):
        write(studio, parent, children={})


@pytest.mark.parametrize("kind", ["video", "VIDEO", "video/mp4", "video_travel_output"])
def test_a_type_that_names_a_video_is_one(studio: Studio, kind: str) -> None:
    assert media_type(studio, kind) == "video"


@pytest.mark.parametrize("kind", [None, "", "image", "image/webp", "picture", "not a video"])
def test_any_other_type_and_none_are_images(studio: Studio, kind: str | None) -> None:
    assert media_type(studio, kind) == "image"


@pytest.mark.parametrize("key", ["model", "model_name"])
def test_prompt_and_model_are_lifted_out_of_params(studio: Studio, project: str, key: str) -> None:
    made = studio.generation(project, params={"prompt": "a fox", key: "wan"})
    assert lifted(studio, made) == ("a fox", "wan")


def test_what_the_writer_says_is_kept(studio: Studio, project: str) -> None:
    params = {"prompt": "a fox", "model": "wan"}
    made = studio.generation(project, prompt="mine", model="flux", params=params)
    write(studio, made, params={"prompt": "an owl", "model": "sdxl"})
    assert lifted(studio, made) == ("mine", "flux")


def test_what_was_lifted_follows_its_params(studio: Studio, project: str) -> None:
    made = studio.generation(project, params={"prompt": "a fox", "model": "wan"})
    write(studio, made, params={"prompt": "an owl", "model_name": "flux"})
    assert lifted(studio, made) == ("an owl", "flux")
    write(studio, made, params=None)
    assert lifted(studio, made) == (None, None)


def test_a_prompt_written_with_new_params_is_kept(studio: Studio, project: str) -> None:
    made = studio.generation(project, params={"prompt": "a fox"})
    write(studio, made, params={"prompt": "an owl"}, prompt="a bear")
    assert lifted(studio, made) == ("a bear", None)


@pytest.mark.parametrize("params", [{"prompt": {"3": {}}, "model": 7}, ["prompt"], "prompt", 3])
def test_params_of_another_shape_lift_nothing(studio: Studio, project: str, params: Any) -> None:
    made = studio.generation(project, params=Jsonb(params))
    assert lifted(studio, made) == (None, None)


def child(studio: Studio, project: str, parent: str, order: int | None) -> str:
    return studio.generation(project, parent_generation_id=parent, child_order=order)


def children(studio: Studio, parent: str) -> list[tuple[str, int | None]]:
    return [(listed["id"], listed["order"]) for listed in shown_by(studio, parent)["children"]]


def lifted(studio: Studio, generation: str) -> tuple[str | None, str | None]:
    shown = shown_by(studio, generation)
    return shown["prompt"], shown["model"]


def media_type(studio: Studio, kind: str | None) -> str:
    found = studio.owner.execute("select media_type(%s::text)", (kind,)).fetchone()
    assert found
    return str(found[0])
