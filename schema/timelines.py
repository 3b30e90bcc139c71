"""Neighbours on a shot's timeline."""

import strawberry

from db import shot_entries
from engine.declarations import column
from engine.relations import related_by
from schema import refs


@strawberry.type(description="The transition from one image of a shot's timeline to the next.")
class Pair:
    index: int = column("Its rank among the pairs of the timeline, from 0.")
    start_frame: int = column("The timeline frame of the image it begins with.")
    end_frame: int = column("The timeline frame of the image it ends with.")
    frames: int = column("How many frames lie between the two.")
    seconds: float = column("How long that is, at 16 frames a second.")
    prompt: str | None = column("The start entry's pair prompt; null when there is none.")
    negative_prompt: str | None = column("The start entry's negative pair prompt.")
    enhanced_prompt: str | None = column("The pair's prompt as a language model worded it.")
    resolved_prompt: str = column(
        "The prompt to use, the first of these that is not empty: the pair prompt, the enhanced "
        "prompt, the prompt in the shot's own travel-between-images settings; else empty."
    )
    start: refs.ShotEntry = related_by(
        shot_entries.by_id,
        key="start_id",
        description="The image it begins with; what is said of the pair is kept with this entry.",
    )
    end: refs.ShotEntry = related_by(
        shot_entries.by_id, key="end_id", description="The image it ends with."
    )
