"""Pairs: each image of a timeline and the next, with what shall happen between them."""

from typing import Any

import pytest

from tests.asking import Asking
from tests.studio import Studio
from tests.timeline import Timeline

PAIRS = """
query ($id: ID!, $first: Int, $after: String, $last: Int) {
  shot(id: $id) { pairs(first: $first, after: $after, last: $last) {
    nodes { index startFrame endFrame frames seconds start { id } end { id } }
    totalCount { value exact } pageInfo { endCursor hasNextPage hasPreviousPage } } }
}
"""
PROMPTS = """
query ($id: ID!) { shot(id: $id) { pairs { nodes {
  prompt negativePrompt enhancedPrompt resolvedPrompt } } } }
"""


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


async def asked(asking: Asking, timeline: Timeline, query: str = PAIRS, **page: Any) -> Any:
    """The pairs of the shot."""
    return (await asking(query, timeline.user, id=timeline.shot, **page))["shot"]["pairs"]


async def prompts(asking: Asking, studio: Studio, settings: Any, metadata: Any) -> Any:
    """What the one pair of a shot says, whose start entry has this metadata."""
    timeline = Timeline(studio)
    timeline.shot = studio.shot(timeline.project, settings=settings)
    timeline.place(0, metadata=metadata)
    timeline.place(10, metadata={"pair_prompt": "of the end"})
    (pair,) = (await asked(asking, timeline, PROMPTS))["nodes"]
    return pair


async def test_there_is_one_pair_less_than_images(timeline: Timeline, asking: Asking) -> None:
    last, first, _, middle = timeline.place(100, 0, None, 81)
    found = await asked(asking, timeline)
    assert found["totalCount"] == {"value": 2, "exact": True}
    assert found["nodes"] == [
        {
            "index": 0,
            "startFrame": 0,
            "endFrame": 81,
            "frames": 81,
            "seconds": 5.0625,
            "start": {"id": first},
            "end": {"id": middle},
        },
        {
            "index": 1,
            "startFrame": 81,
            "endFrame": 100,
            "frames": 19,
            "seconds": 1.1875,
            "start": {"id": middle},
            "end": {"id": last},
        },
    ]


@pytest.mark.parametrize("frames", [[], [10], [None, None]])
async def test_fewer_than_two_images_are_no_pair(
    timeline: Timeline, asking: Asking, frames: list[int | None]
) -> None:
    timeline.place(*frames)
    found = await asked(asking, timeline)
    assert (found["nodes"], found["totalCount"]["value"]) == ([], 0)


async def test_videos_are_stepped_over(timeline: Timeline, asking: Asking) -> None:
    first, last = timeline.place(0, 50)
    timeline.studio.entry(timeline.shot, timeline.generation(type="video"), 20)
    (pair,) = (await asked(asking, timeline))["nodes"]
    assert (pair["start"]["id"], pair["end"]["id"]) == (first, last)


async def test_a_page_of_pairs_goes_on_where_the_last_one_ended(
    timeline: Timeline, asking: Asking
) -> None:
    timeline.place(0, 10, 20, 30)
    page = await asked(asking, timeline, first=2)
    assert page["pageInfo"]["hasNextPage"]
    rest = await asked(asking, timeline, first=2, after=page["pageInfo"]["endCursor"])
    assert [p["index"] for p in page["nodes"] + rest["nodes"]] == [0, 1, 2]
    assert [(p["startFrame"], p["endFrame"]) for p in rest["nodes"]] == [(20, 30)]


async def test_pairs_are_paged_from_the_end_too(timeline: Timeline, asking: Asking) -> None:
    timeline.place(0, 10, 20, 30)
    page = await asked(asking, timeline, last=2)
    assert [p["index"] for p in page["nodes"]] == [1, 2]
    assert page["pageInfo"]["hasPreviousPage"]


BASE = {"travel-between-images": {"prompt": "of the shot"}}


@pytest.mark.parametrize(
    ("settings", "metadata", "resolved"),
    [
        (BASE, {"pair_prompt": "own", "enhanced_prompt": "better"}, "own"),
        (BASE, {"pair_prompt": "", "enhanced_prompt": "better"}, "better"),
        (BASE, {"pair_prompt": 5, "enhanced_prompt": []}, "of the shot"),
        (BASE, {}, "of the shot"),
        ({"travel-between-images": {"prompt": 5}}, {}, ""),
        ({"travel-between-images": "?"}, {}, ""),
        ({}, {}, ""),
        ({}, [], ""),
    ],
)
async def test_the_nearest_prompt_is_used(
    studio: Studio, asking: Asking, settings: Any, metadata: Any, resolved: str
) -> None:
    pair = await prompts(asking, studio, settings, metadata)
    assert pair["resolvedPrompt"] == resolved


async def test_a_pair_says_what_its_start_entry_keeps(studio: Studio, asking: Asking) -> None:
    metadata = {"pair_prompt": "", "pair_negative_prompt": "blur", "enhanced_prompt": 7}
    assert await prompts(asking, studio, {}, metadata) == {
        "prompt": "",
        "negativePrompt": "blur",
        "enhancedPrompt": None,
        "resolvedPrompt": "",
    }
