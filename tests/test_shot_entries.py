"""Entries come into a shot and leave it, and generations are made out of what stands there."""

from typing import Any

import pytest
from psycopg import errors

from tests.studio import Studio
from tests.timeline import UNKNOWN, Timeline


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


@pytest.mark.parametrize(
    ("taken", "frame"),
    [
        ([], 0),
        ([5], 86),
        ([0, 30], 60),
        ([0, 5, 9], 19),
        ([0, 300], 381),
        ([0, 30, 61], 92),
    ],
)
def test_append_goes_on_as_the_timeline_does(
    timeline: Timeline, taken: list[int], frame: int
) -> None:
    timeline.place(*taken)
    (row,) = timeline.call("add_generation_to_shot", timeline.shot, timeline.generation())
    assert (row["timeline_frame"], row["position"]) == (frame, len(taken))
    assert timeline.frames() == [*taken, frame]


def test_an_addition_without_position_waits(timeline: Timeline) -> None:
    (row,) = timeline.call("add_generation_to_shot", timeline.shot, timeline.generation(), False)
    assert (row["timeline_frame"], row["position"]) == (None, None)
    found = timeline.call("count_unpositioned_generations", timeline.shot)
    assert found == [{"count_unpositioned_generations": 1}]


def test_a_client_may_choose_the_id_of_an_entry(timeline: Timeline) -> None:
    generation = timeline.generation()
    (row,) = timeline.call("add_generation_to_shot", timeline.shot, generation, entry=UNKNOWN)
    assert row["id"] == UNKNOWN
    timeline.call("remove_entries", timeline.shot, [UNKNOWN])


@pytest.mark.parametrize(
    ("taken", "wanted", "given"),
    [
        ([0, 10], 20, 20),
        ([0, 10], 10, 11),
        ([10, 11, 12], 11, 13),
        ([10, 11, 12], 12, 13),
        ([10, 11, 12], 10, 9),
        ([0, 1, 2], 0, 3),
        ([2147483647], 2147483647, 2147483646),
    ],
)
def test_an_addition_takes_the_frame_or_the_nearest_free_one(
    timeline: Timeline, taken: list[int], wanted: int, given: int
) -> None:
    timeline.place(*taken)
    rows = timeline.call("add_generation_at_frame", timeline.shot, timeline.generation(), wanted)
    assert timeline.frames() == sorted([*taken, given])
    assert len(rows) == 1 + sum(frame > given for frame in taken)


def test_an_addition_before_the_start_is_refused(timeline: Timeline) -> None:
    generation = timeline.generation()
    assert timeline.refused("add_generation_at_frame", timeline.shot, generation, -1) == (
        "23514",
        "shot_generations_frame_not_negative",
    )


def test_unpositioning_closes_up(timeline: Timeline) -> None:
    a, b, c = timeline.place(0, 30, 60)
    rows = timeline.call("unposition_entries", timeline.shot, [b])
    assert timeline.line() == [(a, 0), (c, 60)]
    assert [(row["id"], row["position"]) for row in rows] == [(c, 1), (b, None)]


def test_removing_closes_up(timeline: Timeline) -> None:
    a, b, c = timeline.place(0, 30, 60)
    rows = timeline.call("remove_entries", timeline.shot, [b])
    assert timeline.line() == [(a, 0), (c, 60)]
    assert [row["id"] for row in rows] == [c]


def test_replacing_keeps_place_and_metadata(timeline: Timeline) -> None:
    first, _ = timeline.place(0, 30, metadata={"pair_prompt": "slow"})
    other = timeline.generation()
    (row,) = timeline.call("replace_in_shot", first, other)
    assert (row["id"], row["generation_id"], row["timeline_frame"]) == (first, other, 0)
    assert row["metadata"] == {"pair_prompt": "slow"}


def test_a_duplicate_is_a_new_generation_right_behind(timeline: Timeline) -> None:
    first, second = timeline.place(0, 30)
    rows = timeline.call("duplicate_as_new_generation", first)
    (copy,) = (row for row in rows if row["id"] != second)
    assert timeline.line() == [(first, 0), (copy["id"], 15), (second, 30)]
    made, source = (
        timeline.rows("select * from generations where id = %s", (row["generation_id"],))[0]
        for row in (copy, timeline.entries()[0])
    )
    assert (made["location"], made["based_on"]) == (source["location"], source["id"])
    assert made["primary_variant_id"] != source["primary_variant_id"]


def test_a_promoted_variant_is_a_generation_of_its_own(timeline: Timeline) -> None:
    source = timeline.generation(prompt="a fox")
    variant = timeline.studio.variant(source, location="media/edit.png")
    (row,) = timeline.call("promote_variant_to_generation", variant)
    assert (row["location"], row["based_on"]) == ("media/edit.png", source)
    assert (row["prompt"], row["type"]) == ("a fox", "image")
    assert row["primary_variant_id"] not in (None, variant)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("add_generation_to_shot", (UNKNOWN, UNKNOWN)),
        ("add_generation_at_frame", (UNKNOWN, UNKNOWN, 1)),
        ("reorder_entries", (UNKNOWN, [])),
        ("set_entry_frames", (UNKNOWN, [UNKNOWN], [1])),
        ("fix_timeline_spacing", (UNKNOWN,)),
        ("initialise_frames", (UNKNOWN,)),
        ("duplicate_shot", (UNKNOWN,)),
        ("move_entry_to_frame", (UNKNOWN, 1)),
        ("move_entry_to_position", (UNKNOWN, 1)),
        ("move_entry_to_midpoint", (UNKNOWN, None, None)),
        ("swap_entries", (UNKNOWN, UNKNOWN)),
        ("unposition_entries", (UNKNOWN, [])),
        ("remove_entries", (UNKNOWN, [])),
        ("replace_in_shot", (UNKNOWN, UNKNOWN)),
        ("duplicate_as_new_generation", (UNKNOWN,)),
        ("promote_variant_to_generation", (UNKNOWN,)),
    ],
)
def test_what_is_not_known_is_named(
    timeline: Timeline, function: str, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(errors.NoDataFound, match=f"{UNKNOWN} is not known"):
        timeline.call(function, *arguments)
