"""Moves on a timeline, row by row of what the product promises."""

import pytest

from tests.studio import Studio
from tests.timeline import UNKNOWN, Timeline

LOCKED = ("DL001", "shot_entries_locked")


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


def test_moving_to_a_frame_returns_the_rows_it_changed(timeline: Timeline) -> None:
    first, second, third, fourth = timeline.place(0, 30, 60, 90)
    rows = timeline.call("move_entry_to_frame", first, 60)
    assert timeline.line() == [(second, 30), (third, 60), (first, 61), (fourth, 90)]
    assert [row["id"] for row in rows] == [second, third, first]


def test_an_entry_stays_where_it_is_when_moved_to_its_own_frame(timeline: Timeline) -> None:
    first, _ = timeline.place(0, 30)
    assert timeline.call("move_entry_to_frame", first, 0) == []


def test_moving_to_a_position_keeps_the_set_of_frames(timeline: Timeline) -> None:
    a, b, c, d = timeline.place(0, 10, 100, 101)
    timeline.call("move_entry_to_position", d, 1)
    assert timeline.line() == [(a, 0), (d, 10), (b, 100), (c, 101)]
    timeline.call("move_entry_to_position", a, 99)
    assert timeline.line() == [(d, 0), (b, 10), (c, 100), (a, 101)]


def test_an_entry_from_outside_gets_a_frame_between_its_neighbours(timeline: Timeline) -> None:
    a, b, waiting = timeline.place(0, 10, None)
    timeline.call("move_entry_to_position", waiting, 1)
    assert timeline.line() == [(a, 0), (waiting, 5), (b, 10)]


def test_moves_by_position_step_over_locked_entries(timeline: Timeline) -> None:
    a, held, c, d = timeline.place(0, 10, 20, 30)
    timeline.lock(held)
    timeline.call("move_entry_to_position", d, 0)
    assert timeline.line() == [(d, 0), (held, 10), (a, 20), (c, 30)]
    assert timeline.refused("move_entry_to_position", d, 1) == LOCKED
    assert timeline.refused("move_entry_to_position", held, 0) == LOCKED


def test_reordering_permutes_entries_over_their_frames(timeline: Timeline) -> None:
    a, b, c, d = timeline.place(0, 10, 100, 101)
    rows = timeline.call("reorder_entries", timeline.shot, [d, b, a, c])
    assert timeline.line() == [(d, 0), (b, 10), (a, 100), (c, 101)]
    assert [row["id"] for row in rows] == [d, a, c]


def test_entries_that_a_reordering_does_not_name_stay(timeline: Timeline) -> None:
    a, b, c, d = timeline.place(0, 10, 20, 30)
    timeline.call("reorder_entries", timeline.shot, [d, a])
    assert timeline.order() == [d, b, c, a]


def test_reordering_respects_locks_or_is_refused(timeline: Timeline) -> None:
    a, held, c = timeline.place(0, 10, 20)
    timeline.lock(held)
    assert timeline.refused("reorder_entries", timeline.shot, [held, a, c]) == LOCKED
    timeline.call("reorder_entries", timeline.shot, [c, held, a])
    assert timeline.order() == [c, held, a]


def test_reordering_names_different_placed_entries_of_the_shot(timeline: Timeline) -> None:
    first, waiting = timeline.place(0, None)
    for entries, why in (
        ([first, first], ("22023", "shot_entries_once")),
        ([first, waiting], ("22023", "shot_entries_placed")),
        ([first, UNKNOWN], ("P0002", "shot_entries_known")),
    ):
        assert timeline.refused("reorder_entries", timeline.shot, entries) == why


def test_swapping_exchanges_the_places_of_two(timeline: Timeline) -> None:
    a, b, c = timeline.place(0, 10, 100)
    timeline.call("swap_entries", c, a)
    assert timeline.line() == [(c, 0), (b, 10), (a, 100)]
    timeline.call("swap_entries", c, a)
    assert timeline.line() == [(a, 0), (b, 10), (c, 100)]
    timeline.lock(b)
    assert timeline.refused("swap_entries", a, b) == LOCKED
    assert timeline.refused("swap_entries", a, a) == ("22023", "shot_entries_once")


def test_frames_are_exchanged_all_at_once(timeline: Timeline) -> None:
    a, b, c = timeline.place(0, 10, 20)
    timeline.lock(a)
    timeline.call("set_entry_frames", timeline.shot, [a, b, c], [20, 0, 10])
    assert timeline.line() == [(b, 0), (c, 10), (a, 20)]


def test_frames_are_set_as_given_or_not_at_all(timeline: Timeline) -> None:
    a, b, waiting = timeline.place(0, 10, None)
    taken = ("22023", "shot_entries_frames")
    assert timeline.refused("set_entry_frames", timeline.shot, [a, waiting], [5, 10]) == taken
    assert timeline.refused("set_entry_frames", timeline.shot, [a, waiting], [5, 5]) == taken
    assert timeline.refused("set_entry_frames", timeline.shot, [a, b], [5])[0] == "22023"
    assert timeline.refused("set_entry_frames", timeline.shot, [a, b], [5, -1])[0] == "23514"
    with timeline.owner.transaction(force_rollback=True):  # at once, not at commit
        assert timeline.refused("set_entry_frames", timeline.shot, [a], [10])[0] == "22023"
    timeline.call("set_entry_frames", timeline.shot, [a, waiting], [None, 3])
    assert timeline.line() == [(waiting, 3), (b, 10)]


def test_a_midpoint_is_halfway_between_the_new_neighbours(timeline: Timeline) -> None:
    a, b, c = timeline.place(0, 30, 61)
    timeline.call("move_entry_to_midpoint", c, a, b)
    assert timeline.line() == [(a, 0), (c, 15), (b, 30)]
    timeline.call("move_entry_to_midpoint", c, None, a)
    assert timeline.line() == [(c, 0), (a, 1), (b, 30)]
    timeline.call("move_entry_to_midpoint", c, b, None)
    assert timeline.line() == [(a, 1), (b, 30), (c, 59)]


def test_a_midpoint_needs_neighbours_in_their_order(timeline: Timeline) -> None:
    a, b, c, waiting = timeline.place(0, 30, 60, None)
    for after, before in ((b, a), (None, None), (waiting, b), (a, waiting), (c, a)):
        assert timeline.refused("move_entry_to_midpoint", c, after, before) == (
            "22023",
            "shot_entries_neighbours",
        )
    timeline.lock(c)
    assert timeline.refused("move_entry_to_midpoint", c, a, b) == LOCKED
