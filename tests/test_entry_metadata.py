"""The metadata of shot entries: typed where it is of its kind, kept as it is in any case."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.asking import Asking
from tests.studio import Studio
from tests.timeline import Timeline

FIELDS = (
    "pairPrompt pairNegativePrompt enhancedPrompt frameSpacing contextFrames isKeyframe locked "
    "userOverrides segmentOverrides raw"
)
QUERY = "query ($id: ID!) { shot(id: $id) { entries { nodes { metadata { %s } } } } }"


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


async def kept(asking: Asking, timeline: Timeline, metadata: Any) -> Any:
    """What the metadata of an entry reads as, without the fields that are null."""
    (entry,) = timeline.place(0)
    timeline.write(entry, metadata=Jsonb(metadata))
    answer = await asking(QUERY % FIELDS, timeline.user, id=timeline.shot)
    (node,) = answer["shot"]["entries"]["nodes"]
    return {name: value for name, value in node["metadata"].items() if value is not None}


async def test_what_is_known_is_typed(timeline: Timeline, asking: Asking) -> None:
    metadata = {
        "pair_prompt": "a slow turn",
        "pair_negative_prompt": "",
        "enhanced_prompt": "a slow, golden turn",
        "frame_spacing": 61,
        "context_frames": 12.0,
        "is_keyframe": False,
        "locked": True,
        "user_overrides": {"steps": [6]},
        "segmentOverrides": {"seed": 5},
    }
    assert await kept(asking, timeline, metadata) == {
        "pairPrompt": "a slow turn",
        "pairNegativePrompt": "",
        "enhancedPrompt": "a slow, golden turn",
        "frameSpacing": 61,
        "contextFrames": 12,
        "isKeyframe": False,
        "locked": True,
        "userOverrides": {"steps": [6]},
        "segmentOverrides": {"seed": 5},
        "raw": metadata,
    }


async def test_what_is_unknown_is_kept(timeline: Timeline, asking: Asking) -> None:
    metadata = {"drag_source": "left", "deep": {"list": [1, None, "x"]}}
    assert await kept(asking, timeline, metadata) == {"raw": metadata}


@pytest.mark.parametrize(
    "metadata",
    [
        {"pair_prompt": 5, "locked": "yes", "is_keyframe": 1, "frame_spacing": "61"},
        {"pair_prompt": ["a"], "enhanced_prompt": {}, "frame_spacing": True},
        {"frame_spacing": 2**40, "context_frames": 0.5, "pair_negative_prompt": None},
        [],
        "text",
        7,
    ],
)
async def test_what_is_not_of_its_kind_is_null(
    timeline: Timeline, asking: Asking, metadata: Any
) -> None:
    assert await kept(asking, timeline, metadata) == {"raw": metadata}


async def test_json_null_reads_as_nothing(timeline: Timeline, asking: Asking) -> None:
    assert await kept(asking, timeline, None) == {"raw": {}}
