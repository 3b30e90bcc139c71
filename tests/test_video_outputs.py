"""Videos of a shot: whole ones, and which segment shows which pair."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.asking import Asking
from tests.studio import Studio
from tests.timeline import Timeline

OUTPUTS = """
query ($id: ID!) { shot(id: $id) {
  videoOutputs { totalCount { value } nodes { entry { id } generation { id }
    slots { pair { index start { id } } segment { id } } } }
  finalVideos { totalCount { value } nodes { id } } } }
"""
OF_ALL_SHOTS = """
query ($id: ID!) { project(id: $id) { shots { nodes { id
  finalVideos { nodes { id } totalCount { value } } } } } }
"""


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


def video(timeline: Timeline, **values: Any) -> str:
    """A video in the shot, by its generation."""
    made = timeline.generation(**{"type": "video_travel_output"} | values)
    timeline.studio.entry(timeline.shot, made)
    return made


def segment(timeline: Timeline, parent: str, pair: str | None, order: int | None = None) -> str:
    """A child video that names a pair by its start entry, or only its own rank."""
    values = {"parent_generation_id": parent, "pair_shot_generation_id": pair}
    return timeline.generation(type="video", child_order=order, **values)


async def asked(asking: Asking, timeline: Timeline) -> Any:
    """What was made of the shot."""
    return (await asking(OUTPUTS, timeline.user, id=timeline.shot))["shot"]


async def slots(asking: Asking, timeline: Timeline) -> list[str | None]:
    """The segments in the slots of the one video."""
    (output,) = (await asked(asking, timeline))["videoOutputs"]["nodes"]
    return [slot["segment"] and slot["segment"]["id"] for slot in output["slots"]]


async def test_outputs_are_whole_videos_the_newest_first(
    timeline: Timeline, asking: Asking
) -> None:
    timeline.place(0, None)
    older, newer = video(timeline), video(timeline, location=None)
    segment(timeline, older, None)
    found = (await asked(asking, timeline))["videoOutputs"]
    assert [node["generation"]["id"] for node in found["nodes"]] == [newer, older]
    assert found["totalCount"] == {"value": 2}


async def test_a_segment_that_is_in_the_shot_itself_is_no_output(
    timeline: Timeline, asking: Asking
) -> None:
    parent = video(timeline)
    timeline.studio.entry(timeline.shot, segment(timeline, parent, None))
    found = await asked(asking, timeline)
    assert [node["generation"]["id"] for node in found["videoOutputs"]["nodes"]] == [parent]
    assert [node["id"] for node in found["finalVideos"]["nodes"]] == [parent]


async def test_a_video_that_is_twice_in_the_shot_is_one_output(
    timeline: Timeline, asking: Asking
) -> None:
    parent = video(timeline)
    timeline.studio.entry(timeline.shot, parent, 7)
    found = await asked(asking, timeline)
    assert found["videoOutputs"]["totalCount"] == found["finalVideos"]["totalCount"] == {"value": 1}
    assert [node["id"] for node in found["finalVideos"]["nodes"]] == [parent]


async def test_final_videos_have_a_file(timeline: Timeline, asking: Asking) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    older = video(timeline, created_at=first)
    newer = video(timeline)
    video(timeline, location=None)
    found = (await asked(asking, timeline))["finalVideos"]
    assert [node["id"] for node in found["nodes"]] == [newer, older]
    assert found["totalCount"] == {"value": 2}


async def test_final_videos_of_each_shot_are_its_own(timeline: Timeline, asking: Asking) -> None:
    mine = {timeline.shot: [video(timeline)]}
    timeline.shot = timeline.studio.shot(timeline.project)
    mine[timeline.shot] = [video(timeline)]
    answer = await asking(OF_ALL_SHOTS, timeline.user, id=timeline.project)
    found = {s["id"]: s["finalVideos"] for s in answer["project"]["shots"]["nodes"]}
    assert {id: [node["id"] for node in f["nodes"]] for id, f in found.items()} == mine
    assert [f["totalCount"]["value"] for f in found.values()] == [1, 1]


async def test_there_is_a_slot_for_each_pair(timeline: Timeline, asking: Asking) -> None:
    first, second, _ = timeline.place(0, 10, 20)
    video(timeline)
    (output,) = (await asked(asking, timeline))["videoOutputs"]["nodes"]
    assert output["slots"] == [
        {"pair": {"index": 0, "start": {"id": first}}, "segment": None},
        {"pair": {"index": 1, "start": {"id": second}}, "segment": None},
    ]


async def test_a_segment_stays_with_the_pair_it_names(timeline: Timeline, asking: Asking) -> None:
    first, *_ = timeline.place(0, 10, 20)
    named = segment(timeline, video(timeline), first, order=5)
    assert await slots(asking, timeline) == [named, None]
    timeline.write(first, timeline_frame=15)
    assert await slots(asking, timeline) == [None, named]


async def test_a_segment_that_names_no_pair_goes_by_its_order(
    timeline: Timeline, asking: Asking
) -> None:
    timeline.place(0, 10, 20)
    parent = video(timeline)
    by_rank = segment(timeline, parent, None, order=1)
    segment(timeline, parent, None)
    assert await slots(asking, timeline) == [None, by_rank]


async def test_a_segment_that_names_a_pair_elsewhere_takes_no_slot(
    timeline: Timeline, asking: Asking
) -> None:
    *_, last = timeline.place(0, 10)
    parent = video(timeline)
    segment(timeline, parent, last, order=0)
    assert await slots(asking, timeline) == [None]


async def test_who_names_the_pair_goes_before_who_has_the_rank(
    timeline: Timeline, asking: Asking
) -> None:
    first, _ = timeline.place(0, 10)
    parent = video(timeline)
    named = segment(timeline, parent, first)
    segment(timeline, parent, None, order=0)
    assert await slots(asking, timeline) == [named]


async def test_the_newest_of_several_takes_the_slot(timeline: Timeline, asking: Asking) -> None:
    first, _ = timeline.place(0, 10)
    parent = video(timeline)
    segment(timeline, parent, first)
    newest = segment(timeline, parent, first)
    assert await slots(asking, timeline) == [newest]


async def test_segments_of_another_video_are_not_its_own(
    timeline: Timeline, asking: Asking
) -> None:
    first, _ = timeline.place(0, 10)
    elsewhere = timeline.generation(type="video")
    segment(timeline, elsewhere, first)
    video(timeline)
    assert await slots(asking, timeline) == [None]
