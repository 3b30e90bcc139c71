"""Places of generations in shots."""

import strawberry

from db import generations, shots
from db.shot_entries import Placement
from engine.declarations import column, resolved_by
from engine.relations import related_by
from resolvers import shot_entries
from schema import refs
from schema.fields import Node, choices, rows, unread
from schema.scalars import JSON, DateTime

choices(
    Placement,
    "Whether entries have a place in the order of their shot.",
    placed="Those with a position and a timeline frame.",
    unpositioned="Those that belong to the shot and wait for a place.",
    all="Both.",
)


@strawberry.type(description="What is kept with a shot entry; what is not of its kind is null.")
class ShotEntryMetadata:
    pair_prompt: str | None = resolved_by(
        shot_entries.text("pair_prompt"),
        reads=("metadata",),
        description="What happens between this image and the next, as people wrote it.",
    )
    pair_negative_prompt: str | None = resolved_by(
        shot_entries.text("pair_negative_prompt"),
        reads=("metadata",),
        description="What must not happen between this image and the next.",
    )
    enhanced_prompt: str | None = resolved_by(
        shot_entries.text("enhanced_prompt"),
        reads=("metadata",),
        description="The pair's prompt as a language model worded it.",
    )
    frame_spacing: int | None = resolved_by(
        shot_entries.integer("frame_spacing"),
        reads=("metadata",),
        description="How many frames people want until the next image.",
    )
    context_frames: int | None = resolved_by(
        shot_entries.integer("context_frames"),
        reads=("metadata",),
        description="How many frames of one segment the next one goes on from.",
    )
    is_keyframe: bool | None = resolved_by(
        shot_entries.truth("is_keyframe"),
        reads=("metadata",),
        description="Whether the image is a keyframe.",
    )
    locked: bool | None = resolved_by(
        shot_entries.truth("locked"),
        reads=("metadata",),
        description="Whether reordering and spacing leave its frame alone.",
    )
    user_overrides: JSON | None = resolved_by(
        shot_entries.anything("user_overrides"),
        reads=("metadata",),
        description="Settings that people changed for this image alone.",
    )
    segment_overrides: JSON | None = resolved_by(
        shot_entries.anything("segmentOverrides", "segment_overrides"),
        reads=("metadata",),
        description="Settings that people changed for the segment that begins here.",
    )
    raw: JSON = unread("metadata", "All of it as it is kept, with keys that have no field here.")


@rows("shot_entry", "One place of a generation in a shot.")
class ShotEntry(Node):
    id: strawberry.ID = column("Its UUID.")
    position: int | None = column("Rank in the shot's ordered list, from 0; null when unplaced.")
    timeline_frame: int | None = column("Frame on the shot's timeline; null when unplaced.")
    metadata: ShotEntryMetadata = resolved_by(shot_entries.metadata, same_row=True)
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When it was added to the shot.")
    updated_at: DateTime = column("When people last changed it.")
    generation: refs.Generation = related_by(
        generations.by_id, key="generation_id", joined="generation", description="What it places."
    )
    shot: refs.Shot = related_by(
        shots.by_id, key="shot_id", joined="shot", description="The shot that it is in."
    )
