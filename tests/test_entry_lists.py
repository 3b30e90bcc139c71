"""The entries of a shot: which come when, how they are filtered and paged."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.asking import Asking
from tests.studio import Studio
from tests.timeline import Timeline

ENTRIES = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String,
       $placement: Placement! = ALL, $mediaType: MediaType) {
  shot(id: $id) {
    entries(first: $first, after: $after, last: $last, before: $before,
            placement: $placement, mediaType: $mediaType) {
      nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      totalCount { value exact }
    }
    timeline { nodes { id timelineFrame } totalCount { value } }
  }
}
"""


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


async def asked(asking: Asking, timeline: Timeline, **arguments: Any) -> Any:
    """The entries of the shot."""
    answer = await asking(ENTRIES, timeline.user, id=timeline.shot, **arguments)
    return answer["shot"]["entries"]


async def ids(asking: Asking, timeline: Timeline, **arguments: Any) -> list[str]:
    """The ids of the entries of the shot."""
    return [node["id"] for node in (await asked(asking, timeline, **arguments))["nodes"]]


def video(timeline: Timeline, frame: int | None = None) -> str:
    """A video in the shot."""
    return timeline.studio.entry(timeline.shot, timeline.generation(type="video/mp4"), frame)


async def test_placed_entries_come_in_order_and_the_others_after_them(
    timeline: Timeline, asking: Asking
) -> None:
    first_waiting, late, second_waiting, early = timeline.place(None, 90, None, 5)
    assert await ids(asking, timeline) == [early, late, first_waiting, second_waiting]


async def test_entries_can_be_had_with_a_place_or_without(
    timeline: Timeline, asking: Asking
) -> None:
    waiting, late, early = timeline.place(None, 90, 5)
    assert await ids(asking, timeline, placement="PLACED") == [early, late]
    assert await ids(asking, timeline, placement="UNPOSITIONED") == [waiting]


async def test_entries_can_be_had_by_media_type(timeline: Timeline, asking: Asking) -> None:
    (placed,) = timeline.place(5)
    untyped = timeline.studio.entry(timeline.shot, timeline.generation(type=None))
    film = video(timeline, 9)
    assert await ids(asking, timeline, mediaType="IMAGE") == [placed, untyped]
    assert await ids(asking, timeline, mediaType="VIDEO") == [film]
    assert await ids(asking, timeline, mediaType="VIDEO", placement="UNPOSITIONED") == []


async def test_the_total_counts_what_the_filter_lets_through(
    timeline: Timeline, asking: Asking
) -> None:
    timeline.place(None, 5, 10)
    video(timeline)
    for arguments, expected in [
        ({}, 4),
        ({"placement": "PLACED"}, 2),
        ({"placement": "UNPOSITIONED"}, 2),
        ({"placement": "UNPOSITIONED", "mediaType": "VIDEO"}, 1),
    ]:
        found = await asked(asking, timeline, first=1, **arguments)
        assert found["totalCount"] == {"value": expected, "exact": True}


async def test_pages_forwards_are_the_whole_list(timeline: Timeline, asking: Asking) -> None:
    timeline.place(None, 30, 10, None, 20, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    whole = await ids(asking, timeline)
    walked: list[str] = []
    after = None
    for more in (True, True, False):
        page = await asked(asking, timeline, first=2, after=after)
        walked += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] == more
    assert walked == whole


async def test_pages_backwards_are_the_whole_list(timeline: Timeline, asking: Asking) -> None:
    timeline.place(None, 30, 10, None, 20, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    whole = await ids(asking, timeline)
    walked: list[str] = []
    before = None
    for more in (True, True, False):
        page = await asked(asking, timeline, last=2, before=before)
        walked = [node["id"] for node in page["nodes"]] + walked
        before = page["pageInfo"]["startCursor"]
        assert page["pageInfo"]["hasPreviousPage"] == more
    assert walked == whole


async def test_a_cursor_of_another_filter_is_refused(timeline: Timeline, asking: Asking) -> None:
    timeline.place(10, None)
    cursor = (await asked(asking, timeline))["pageInfo"]["startCursor"]
    arguments = {"id": timeline.shot, "after": cursor, "placement": "PLACED"}
    answer = await asking(ENTRIES, timeline.user, **arguments)
    assert [error.original_error.code for error in answer.errors] == ["BAD_USER_INPUT"]


async def test_the_timeline_is_the_placed_images_by_frame(
    timeline: Timeline, asking: Asking
) -> None:
    late, _, early = timeline.place(90, None, 5)
    video(timeline, 40)
    answer = await asking(ENTRIES, timeline.user, id=timeline.shot)
    assert answer["shot"]["timeline"] == {
        "nodes": [{"id": early, "timelineFrame": 5}, {"id": late, "timelineFrame": 90}],
        "totalCount": {"value": 2},
    }


async def test_entries_of_one_shot_are_not_those_of_another(
    timeline: Timeline, asking: Asking
) -> None:
    (mine,) = timeline.place(10)
    other = timeline.studio.shot(timeline.project)
    timeline.studio.entry(other, timeline.generation(), 10)
    assert await ids(asking, timeline) == [mine]
