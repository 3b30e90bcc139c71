"""Places are changed by whoever may write the project, and by nobody else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import errors

from tests.studio import Studio
from tests.timeline import Timeline


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


@contextmanager
def viewing(timeline: Timeline, user: str) -> Iterator[None]:
    """Until it ends everything is done in the name of a viewer; then it is undone."""
    with timeline.owner.transaction(force_rollback=True):
        timeline.owner.execute("set local role authenticated")
        claims = json.dumps({"sub": user, "role": "authenticated"})
        timeline.owner.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        yield


def member(timeline: Timeline, role: str) -> str:
    """Another user who takes part in the project."""
    user = timeline.studio.user()
    timeline.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, %s)",
        (timeline.project, user, role),
    )
    return user


def operations(timeline: Timeline) -> dict[str, tuple[Any, ...]]:
    """Every operation on places, with arguments that it accepts."""
    a, b, c = timeline.place(0, 30, 60)
    shot, generation = timeline.shot, timeline.generation()
    variant = timeline.studio.variant(generation)
    return {
        "add_generation_to_shot": (shot, generation),
        "add_generation_at_frame": (shot, generation, 5),
        "move_entry_to_frame": (a, 45),
        "move_entry_to_position": (a, 2),
        "move_entry_to_midpoint": (c, a, b),
        "reorder_entries": (shot, [c, a]),
        "swap_entries": (a, b),
        "set_entry_frames": (shot, [a, b], [30, 0]),
        "initialise_frames": (shot,),
        "fix_timeline_spacing": (shot, True, 30),
        "unposition_entries": (shot, [a]),
        "replace_in_shot": (a, generation),
        "duplicate_as_new_generation": (a,),
        "duplicate_entry": (a,),
        "add_generations_to_shot": (shot, [generation, generation]),
        "add_generation_at_position": (shot, generation, 1),
        "promote_variant_to_generation": (variant,),
        "remove_entries": (shot, [a]),
        "insert_shot_at_position": (timeline.project, "First", 0),
        "duplicate_shot": (shot,),
        "create_shot_with_image": (timeline.project, "New", generation),
    }


def test_an_editor_does_all_of_it(timeline: Timeline) -> None:
    editor = member(timeline, "editor")
    for function, arguments in operations(timeline).items():
        with viewing(timeline, editor):
            assert timeline.call(function, *arguments), function
            timeline.line()


@pytest.mark.parametrize("role", ["viewer", None])
def test_who_may_not_write_does_none_of_it(timeline: Timeline, role: str | None) -> None:
    user = member(timeline, role) if role else timeline.studio.user()
    for function, arguments in operations(timeline).items():
        with (
            pytest.raises((errors.NoDataFound, errors.InsufficientPrivilege)),
            viewing(timeline, user),
        ):
            timeline.call(function, *arguments)


def test_an_editor_reorders_shots(timeline: Timeline) -> None:
    other = timeline.studio.shot(timeline.project)
    with viewing(timeline, member(timeline, "editor")):
        rows = timeline.call("reorder_shots", timeline.project, [other, timeline.shot])
    assert len(rows) == 2


def test_the_rest_closes_up_also_when_an_editor_deletes(timeline: Timeline) -> None:
    timeline.place(0, 30, 60)
    generation = timeline.entries()[1]["generation_id"]
    with viewing(timeline, member(timeline, "editor")):
        timeline.owner.execute("delete from generations where id = %s", (generation,))
        assert timeline.frames() == [0, 60]


def test_mirrors_are_not_for_viewers_to_write(timeline: Timeline) -> None:
    generation = timeline.generation()
    for statement in (
        "update generations set shot_data = '{}' where id = %s",
        "select mirror_shot_data(array[%s::uuid])",
    ):
        with pytest.raises(errors.InsufficientPrivilege), viewing(timeline, timeline.user):
            timeline.owner.execute(statement, (generation,))
