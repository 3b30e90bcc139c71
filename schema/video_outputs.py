"""Videos made of a shot."""

import strawberry

from db import generations, shot_entries, video_outputs
from engine.declarations import resolved_by
from engine.relations import listed_by, related_by
from resolvers import pairs
from schema import refs


@strawberry.type(description="The place of a segment in a video: one pair of the shot's timeline.")
class VideoSlot:
    pair: refs.Pair = resolved_by(pairs.pair, same_row=True)
    segment: refs.Generation | None = related_by(
        generations.by_id,
        key="segment_id",
        description="The child video that shows this pair; null as long as there is none.",
    )


@strawberry.type(description="A video made of a shot, and the segments it is composed of.")
class VideoOutput:
    entry: refs.ShotEntry = related_by(
        shot_entries.by_id, key="id", description="Its entry in the shot."
    )
    generation: refs.Generation = related_by(
        generations.by_id,
        key="generation_id",
        joined="generation",
        description="The video itself.",
    )
    slots: list[VideoSlot] = listed_by(video_outputs.slots, key="id")
