"""Entries are moved about a timeline: whoever moves with them is told, or nothing has moved."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.asking import Asking
from tests.placing import Placing, arguments, places
from tests.studio import Studio


@pytest.fixture
def placing(asking: Asking, studio: Studio) -> Placing:
    return Placing(asking, studio)


async def test_an_entry_moves_to_a_frame_and_those_behind_are_told(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 30, 60)
    told = await placing.done("moveEntryToFrame", id=a, frame=45, expectedVersion=1)
    assert places(told["shotEntries"]) == [(b, 0, 30), (a, 1, 45)]
    assert placing.line() == [(b, 30), (a, 45), (c, 60)]
    assert told["shotEntries"][1]["version"] == 2
    assert told["shotEntries"][1]["generation"]["shotData"] == {placing.shot: 45}


async def test_a_frame_that_is_taken_gives_the_nearest_free_one(placing: Placing) -> None:
    a, _, waiting = placing.timeline.place(0, 30, None)
    assert places((await placing.done("moveEntryToFrame", id=a, frame=30))["shotEntries"])[-1] == (
        a,
        1,
        31,
    )
    told = await placing.done("moveEntryToFrame", id=waiting, frame=30)
    assert told["shot"]["statistics"] == {"total": 3, "positioned": 3, "unpositioned": 0}


async def test_an_entry_moves_to_a_position_over_the_frames_that_there_are(
    placing: Placing,
) -> None:
    a, b, c = placing.timeline.place(0, 10, 100)
    told = await placing.done("moveEntryToPosition", id=c, position=0, expectedVersion=1)
    assert places(told["shotEntries"]) == [(c, 0, 0), (a, 1, 10), (b, 2, 100)]
    assert placing.line() == [(c, 0), (a, 10), (b, 100)]


@pytest.mark.parametrize(
    ("after", "before", "frames"),
    [
        (0, 1, [10, 20, 30, 60]),
        (0, None, [10, 20, 30, 60]),
        (None, 0, [5, 10, 30, 60]),
        (2, None, [10, 30, 60, 85]),
    ],
)
async def test_an_entry_moves_between_neighbours(
    placing: Placing, after: int | None, before: int | None, frames: list[int]
) -> None:
    made = placing.timeline.place(10, 30, 60, 90)
    given = {"after": after, "before": before}
    neighbours = {side: made[rank] for side, rank in given.items() if rank is not None}
    told = await placing.done("moveEntryToMidpoint", id=made[3], **neighbours)
    assert [frame for _, frame in placing.line()] == frames
    (new,) = set(frames) - {10, 30, 60}
    assert (made[3], new) in placing.line()
    assert (made[3], frames.index(new), new) in places(told["shotEntries"])


async def test_there_must_be_neighbours_in_this_order(placing: Placing) -> None:
    a, b, c = placing.timeline.place(10, 30, 60)
    foreign = Placing(placing.asking, placing.studio).timeline.place(0)[0]
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "after"),
        ({"after": c, "before": b}, "before"),
        ({"after": a}, "after"),
        ({"after": foreign}, "after"),
        ({"after": b, "before": str(uuid4())}, "before"),
        ({"before": str(uuid4())}, "before"),
    ]
    for given, wrong in cases:
        told = await placing.told("moveEntryToMidpoint", id=a, **given)
        assert arguments(told) == [f"input.{wrong}"]
    assert placing.line() == [(a, 10), (b, 30), (c, 60)]


async def test_frames_are_set_and_exchanged_all_at_once(placing: Placing) -> None:
    a, b, c, waiting = placing.timeline.place(0, 30, 60, None)
    frames: list[Any] = [
        {"id": a, "frame": 30},
        {"id": b, "frame": 0},
        {"id": c},
        {"id": waiting, "frame": 7},
    ]
    told = await placing.done("setEntryFrames", shot=True, frames=frames)
    assert places(told["shotEntries"]) == [
        (b, 0, 0),
        (waiting, 1, 7),
        (a, 2, 30),
        (c, None, None),
    ]
    assert placing.line() == [(b, 0), (waiting, 7), (a, 30)]


async def test_a_frame_that_cannot_be_given_is_named_and_nothing_moves(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 30, 60)
    gone = str(uuid4())
    for frames, code, wrong in (
        ([(a, 5), (b, 60)], "BAD_USER_INPUT", "input.frames[1].frame"),
        ([(a, 5), (b, 5)], "BAD_USER_INPUT", "input.frames[1].frame"),
        ([(a, 5), (b, -1)], "BAD_USER_INPUT", "input.frames[1].frame"),
        ([(a, 5), (b, 2**31 - 1)], "BAD_USER_INPUT", "input.frames[1].frame"),
        ([(a, 5), (a, 6)], "BAD_USER_INPUT", "input.frames[1].id"),
        ([(a, 5), (gone, 6)], "NOT_FOUND", "input.frames[1].id"),
        ([], "BAD_USER_INPUT", "input.frames"),
    ):
        given = [{"id": one, "frame": frame} for one, frame in frames]
        told = await placing.told("setEntryFrames", shot=True, frames=given)
        assert (told["code"], arguments(told)) == (code, [wrong])
    assert placing.line() == [(a, 0), (b, 30), (c, 60)]


async def test_one_that_was_moved_meanwhile_stops_all_frames(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 30, 60)
    await placing.done("moveEntryToFrame", id=b, frame=45)
    frames: list[dict[str, Any]] = [
        {"id": a, "frame": 5, "expectedVersion": 1},
        {"id": b, "frame": 40, "expectedVersion": 1},
    ]
    told = await placing.told("setEntryFrames", shot=True, frames=frames)
    assert (told["code"], told["changedFields"]) == ("CONFLICT", ["frames[1].frame"])
    assert told["current"] == await placing.one(b)
    assert placing.line() == [(a, 0), (b, 45), (c, 60)]
    frames[1]["expectedVersion"] = 2
    await placing.done("setEntryFrames", shot=True, frames=frames)
    assert placing.line() == [(a, 5), (b, 40), (c, 60)]


async def test_entries_are_reordered_over_their_frames(placing: Placing) -> None:
    a, b, c, d = placing.timeline.place(0, 10, 50, 100)
    told = await placing.done("reorderEntries", shot=True, ids=[d, b, a])
    assert placing.line() == [(d, 0), (b, 10), (c, 50), (a, 100)]
    assert places(told["shotEntries"]) == [(d, 0, 0), (a, 3, 100)]


async def test_an_order_names_each_placed_entry_of_the_shot_once(placing: Placing) -> None:
    a, b, waiting = placing.timeline.place(0, 30, None)
    foreign = Placing(placing.asking, placing.studio).timeline.place(0)[0]
    (elsewhere,) = [
        placing.studio.entry(placing.studio.shot(placing.project), placing.timeline.generation(), 0)
    ]
    for other, code in (
        (a, "BAD_USER_INPUT"),
        (waiting, "BAD_USER_INPUT"),
        (foreign, "NOT_FOUND"),
        (elsewhere, "NOT_FOUND"),
        (str(uuid4()), "NOT_FOUND"),
    ):
        told = await placing.told("reorderEntries", shot=True, ids=[b, a, other])
        assert (told["code"], arguments(told)) == (code, ["input.ids[2]"])
    assert placing.line() == [(a, 0), (b, 30)]


async def test_two_entries_change_places(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 10, 100)
    told = await placing.done("swapEntries", id=a, otherId=c)
    assert places(told["shotEntries"]) == [(c, 0, 0), (a, 2, 100)]
    assert placing.line() == [(c, 0), (b, 10), (a, 100)]


async def test_only_two_placed_entries_of_one_shot_change_places(placing: Placing) -> None:
    a, waiting = placing.timeline.place(0, None)
    shot = placing.studio.shot(placing.project)
    elsewhere = placing.studio.entry(shot, placing.timeline.generation(), 0)
    for other in (a, waiting, elsewhere):
        told = await placing.told("swapEntries", id=a, otherId=other)
        assert arguments(told) == ["input.otherId"]


async def test_entries_are_taken_off_the_timeline_and_stay(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 30, 60)
    told = await placing.done("unpositionEntries", shot=True, ids=[a, b, a])
    assert places(told["shotEntries"]) == [
        (c, 0, 60),
        *sorted([(a, None, None), (b, None, None)], key=lambda place: place[0]),
    ]
    assert told["shot"]["statistics"] == {"total": 3, "positioned": 1, "unpositioned": 2}


async def test_gaps_are_made_even_or_brought_within_the_rules(placing: Placing) -> None:
    a, b, c = placing.timeline.place(10, 11, 200)
    told = await placing.done("fixTimelineSpacing", shot=True)
    assert placing.line() == [(a, 0), (b, 5), (c, 86)]
    assert len(told["shotEntries"]) == 3
    told = await placing.done("fixTimelineSpacing", shot=True, quantised=True, contextFrames=8)
    assert placing.line() == [(a, 0), (b, 5), (c, 70)]
    assert places(told["shotEntries"]) == [(c, 2, 70)]
    await placing.done("initialiseFrames", shot=True, gap=30)
    assert placing.line() == [(a, 0), (b, 30), (c, 60)]
    await placing.done("initialiseFrames", shot=True, smooth=True)
    assert placing.line() == [(a, 0), (b, 77), (c, 154)]


@pytest.mark.parametrize("context", [-1, 39])
async def test_context_that_leaves_no_gap_is_named(placing: Placing, context: int) -> None:
    placing.timeline.place(0, 30)
    for name in ("initialiseFrames", "fixTimelineSpacing"):
        told = await placing.told(name, shot=True, contextFrames=context)
        assert arguments(told) == ["input.contextFrames"]


async def test_what_would_take_a_locked_entry_from_its_frame_is_refused_and_names_it(
    placing: Placing,
) -> None:
    a, held, c = placing.timeline.place(0, 1, 200)
    await placing.done("lockEntries", shot=True, ids=[held], locked=True)
    given: list[tuple[str, dict[str, Any]]] = [
        ("reorderEntries", {"shot": True, "ids": [held, a]}),
        ("swapEntries", {"id": a, "otherId": held}),
        ("moveEntryToPosition", {"id": held, "position": 2}),
        ("moveEntryToPosition", {"id": a, "position": 1}),
        ("moveEntryToMidpoint", {"id": held, "after": c}),
        ("initialiseFrames", {"shot": True, "gap": 30}),
        ("fixTimelineSpacing", {"shot": True}),
    ]
    for name, arguments_ in given:
        told = await placing.told(name, **arguments_)
        assert (told["code"], told["reason"]) == ("REFUSED", "LOCKED"), name
        assert told["obstacle"] == {"id": held}
    assert placing.line() == [(a, 0), (held, 1), (c, 200)]
    await placing.done("lockEntries", shot=True, ids=[held], locked=False)
    await placing.done("fixTimelineSpacing", shot=True)
    assert placing.line() == [(a, 0), (held, 5), (c, 86)]


async def test_a_refusal_is_repeated_as_it_was(placing: Placing) -> None:
    a, held = placing.timeline.place(0, 30)
    await placing.done("lockEntries", shot=True, ids=[held], locked=True)
    given: dict[str, Any] = {"id": a, "otherId": held, "mutationId": str(uuid4())}
    first = await placing.told("swapEntries", **given)
    await placing.done("lockEntries", shot=True, ids=[held], locked=False)
    assert await placing.told("swapEntries", **given) == first
    assert first["obstacle"] == {"id": held}


async def test_a_frame_that_is_asked_for_by_name_is_given_to_a_locked_entry_too(
    placing: Placing,
) -> None:
    held, other = placing.timeline.place(0, 30)
    await placing.done("lockEntries", shot=True, ids=[held], locked=True)
    await placing.done("moveEntryToFrame", id=held, frame=45)
    assert placing.line() == [(other, 30), (held, 45)]


@pytest.mark.parametrize(
    ("name", "given", "differs"),
    [
        ("moveEntryToFrame", {"frame": 60}, ["frame"]),
        ("moveEntryToFrame", {"frame": 45}, []),
        ("moveEntryToPosition", {"position": 1}, ["position"]),
        ("moveEntryToMidpoint", {}, []),
    ],
)
async def test_another_version_than_expected_is_shown_and_left(
    placing: Placing, name: str, given: dict[str, Any], differs: list[str]
) -> None:
    a, b, _ = placing.timeline.place(0, 90, 120)
    await placing.done("moveEntryToFrame", id=a, frame=45)
    if name == "moveEntryToMidpoint":
        given = {"after": b}
    told = await placing.told(name, id=a, expectedVersion=1, **given)
    assert (told["code"], told["changedFields"]) == ("CONFLICT", differs)
    assert told["current"] == await placing.one(a)
    assert placing.line()[0] == (a, 45)


async def test_five_hundred_entries_are_reordered_in_as_many_statements_as_two(
    placing: Placing,
) -> None:
    made = placing.timeline.place(*range(0, 5_000, 10))
    counts = []
    for ids in (made[:2][::-1], made[::-1]):
        answer = await placing.ask("reorderEntries", shot=True, ids=ids)
        assert len(answer["reorderEntries"]["shotEntries"]) >= len(ids) - 1
        counts.append([text for text in answer.statements if not is_frame(text)])
    assert [entry for entry, _ in placing.line()] == made[::-1]
    # Half of them hold and write, the others read the entries, the shot and its statistics.
    assert len(counts[0]) == len(counts[1]) <= 6


def is_frame(text: str) -> bool:
    """Whether a statement only opens, secures or closes a transaction."""
    words = ("begin", "savepoint", "commit", "select set_config")
    return text.lower().startswith(words)


async def test_five_hundred_frames_are_set_at_once_and_no_more(placing: Placing) -> None:
    made = placing.timeline.place(*range(0, 5_000, 10))
    frames = [{"id": one, "frame": index} for index, one in enumerate(reversed(made))]
    await placing.done("setEntryFrames", shot=True, frames=frames)
    assert placing.line() == [(one, index) for index, one in enumerate(reversed(made))]
    told = await placing.told("setEntryFrames", shot=True, frames=[*frames, frames[0]])
    assert arguments(told) == ["input.frames"]


async def test_drags_at_the_same_time_lose_nothing_and_keep_the_frames(placing: Placing) -> None:
    made = placing.timeline.place(*range(0, 120, 10))
    members = [placing.viewer, placing.member("editor")]

    async def drag(turn: int) -> None:
        order = made[turn:] + made[:turn]
        acts: list[tuple[str, dict[str, Any]]] = [
            ("reorderEntries", {"shot": True, "ids": order}),
            ("swapEntries", {"id": order[0], "otherId": order[5]}),
            ("moveEntryToPosition", {"id": order[0], "position": turn}),
        ]
        name, given = acts[turn % 3]
        await placing.done(name, members[turn % 2], **given)

    await asyncio.gather(*(drag(turn) for turn in range(12)))
    line = placing.line()
    assert [frame for _, frame in line] == [*range(0, 120, 10)]
    assert sorted(entry for entry, _ in line) == sorted(made)
