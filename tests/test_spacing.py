"""The rules of gaps: what a video model can fill, and what locked entries allow."""

from typing import Any

import pytest
from psycopg import Error

from tests.studio import Studio
from tests.timeline import Timeline


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


@pytest.mark.parametrize(
    ("taken", "rules", "frames"),
    [
        ([], {}, []),
        ([30], {}, [0]),
        ([0, 30, 60], {}, [0, 30, 60]),
        ([10, 11, 200, 230], {}, [0, 5, 86, 116]),
        ([0, 200], {"smooth": True}, [0, 77]),
        ([0, 200], {"context_frames": 8}, [0, 65]),
        ([0, 200], {"smooth": True, "context_frames": 8}, [0, 61]),
        ([0, 30, 59, 61, 200], {"quantised": True}, [0, 29, 58, 63, 144]),
        ([0, 200], {"smooth": True, "context_frames": 9, "quantised": True}, [0, 57]),
    ],
)
def test_fixing_brings_gaps_within_the_rules(
    timeline: Timeline, taken: list[int], rules: dict[str, Any], frames: list[int]
) -> None:
    entries = timeline.place(*taken)
    timeline.call("fix_timeline_spacing", timeline.shot, **rules)
    assert timeline.line() == list(zip(entries, frames, strict=True))


@pytest.mark.parametrize(
    ("rules", "gap"),
    [
        ({}, 81),
        ({"gap": 30}, 30),
        ({"gap": 1}, 5),
        ({"gap": 500}, 81),
        ({"gap": 31, "quantised": True}, 33),
        ({"smooth": True, "context_frames": 4}, 69),
    ],
)
def test_initialising_gives_even_gaps_and_keeps_positions(
    timeline: Timeline, rules: dict[str, Any], gap: int
) -> None:
    *entries, _ = timeline.place(3, 4, 400, None)
    timeline.call("initialise_frames", timeline.shot, **rules)
    assert timeline.line() == list(zip(entries, [0, gap, 2 * gap], strict=True))


@pytest.mark.parametrize(
    ("taken", "held", "frames", "quantised"),
    [
        ([7, 8, 9], [0], [7, 12, 17], False),
        ([0, 1, 100, 300], [2], [0, 19, 100, 181], False),
        ([0, 60, 70, 80], [2], [0, 60, 70, 80], False),
        ([0, 9, 10, 11, 12], [2], [0, 5, 10, 15, 20], False),
        ([0, 100, 162], [2], [0, 81, 162], False),
        ([0, 30, 60, 90], [1, 2], [0, 30, 60, 90], False),
        ([0, 30, 62, 90], [2], [0, 29, 62, 91], True),
    ],
)
def test_locked_entries_keep_their_frame(
    timeline: Timeline, taken: list[int], held: list[int], frames: list[int], quantised: bool
) -> None:
    entries = timeline.place(*taken)
    for index in held:
        timeline.lock(entries[index])
    timeline.call("fix_timeline_spacing", timeline.shot, quantised=quantised)
    assert timeline.frames() == frames


@pytest.mark.parametrize(
    ("taken", "quantised"), [([0, 1, 8], False), ([0, 10, 200], False), ([0, 30, 61], True)]
)
def test_gaps_that_locked_entries_forbid_are_refused(
    timeline: Timeline, taken: list[int], quantised: bool
) -> None:
    held = timeline.place(*taken)[2]
    timeline.lock(held)
    for function in ("fix_timeline_spacing", "initialise_frames"):
        with pytest.raises(Error) as refused:
            timeline.call(function, timeline.shot, quantised=quantised)
        assert refused.value.diag.constraint_name == "shot_entries_locked"
        assert refused.value.diag.message_detail == held
    assert timeline.frames() == taken


def test_context_that_leaves_no_gap_is_refused(timeline: Timeline) -> None:
    for context in (39, -1):
        with pytest.raises(Error) as refused:
            timeline.call("fix_timeline_spacing", timeline.shot, context_frames=context)
        assert refused.value.diag.constraint_name == "shot_entries_spacing"


def test_explicit_frames_are_not_touched_for_spacing(timeline: Timeline) -> None:
    first, second = timeline.place(0, 1)
    timeline.call("move_entry_to_frame", second, 5000)
    assert timeline.line() == [(first, 0), (second, 5000)]
