"""Places of generations in shots."""

import strawberry

from db import generations, shots
from db.shot_entries import Placement
from engine.declarations import column, resolved_by
from engine.relations import related_by
from resolvers import entry_metadata, shot_entries
from schema import refs
from schema.entry_outcomes import (
    ShotEntriesAdded,
    ShotEntriesRemoved,
    ShotEntryAdded,
    ShotEntryChanged,
    ShotEntryReplaced,
)
from schema.fields import Node, choices, rows, unread
from schema.generations import METADATA
from schema.generations import UNSET_WORDS as UNSET
from schema.mutations import PARTIAL, VERSIONS, changed_by, expected, new_id
from schema.scalars import JSON, DateTime

ID = "The UUID of the shot entry."
SHOT = "The UUID of the shot."
IDS = "The UUIDs of shot entries of this shot, 1 to 500."
NEW = new_id("shot entry")
VERSION = expected("shot entry")
PATCH = "An object that is merged in; null is a value like others."
UNSET_WORDS = f"{UNSET} The empty pointer takes out everything."
ADDED = ("add-image-success", ("IMAGES", "METADATA", "COUNTS", "UNIFIED", "SHOTS"))


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
        entry_metadata.text("pair_prompt"),
        reads=("metadata",),
        description="What happens between this image and the next, as people wrote it.",
    )
    pair_negative_prompt: str | None = resolved_by(
        entry_metadata.text("pair_negative_prompt"),
        reads=("metadata",),
        description="What must not happen between this image and the next.",
    )
    enhanced_prompt: str | None = resolved_by(
        entry_metadata.text("enhanced_prompt"),
        reads=("metadata",),
        description="The pair's prompt as a language model worded it.",
    )
    frame_spacing: int | None = resolved_by(
        entry_metadata.integer("frame_spacing"),
        reads=("metadata",),
        description="How many frames people want until the next image.",
    )
    context_frames: int | None = resolved_by(
        entry_metadata.integer("context_frames"),
        reads=("metadata",),
        description="How many frames of one segment the next one goes on from.",
    )
    is_keyframe: bool | None = resolved_by(
        entry_metadata.truth("is_keyframe"),
        reads=("metadata",),
        description="Whether the image is a keyframe.",
    )
    locked: bool | None = resolved_by(
        entry_metadata.truth("locked"),
        reads=("metadata",),
        description="Whether reordering and spacing leave its frame alone.",
    )
    user_overrides: JSON | None = resolved_by(
        entry_metadata.anything("user_overrides"),
        reads=("metadata",),
        description="Settings that people changed for this image alone.",
    )
    segment_overrides: JSON | None = resolved_by(
        entry_metadata.anything("segmentOverrides", "segment_overrides"),
        reads=("metadata",),
        description="Settings that people changed for the segment that begins here.",
    )
    raw: JSON = unread("metadata", "All of it as it is kept, with keys that have no field here.")


@rows("shot_entry", "One place of a generation in a shot.")
class ShotEntry(Node):
    id: strawberry.ID = column("Its UUID.")
    position: int | None = column("Rank in the shot's ordered list, from 0; null when unplaced.")
    timeline_frame: int | None = column("Frame on the shot's timeline; null when unplaced.")
    metadata: ShotEntryMetadata = resolved_by(entry_metadata.metadata, same_row=True)
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When it was added to the shot.")
    updated_at: DateTime = column("When people last changed it.")
    generation: refs.Generation = related_by(
        generations.by_id, key="generation_id", joined="generation", description="What it places."
    )
    shot: refs.Shot = related_by(
        shots.by_id, key="shot_id", joined="shot", description="The shot that it is in."
    )


@strawberry.type
class ShotEntryMutations:
    add_to_shot = changed_by(
        shot_entries.add,
        "AddToShot",
        ShotEntryAdded,
        {
            "shot_id": SHOT,
            "generation_id": "The UUID of the generation.",
            "id": NEW,
            "position": "Its rank in the shot, from 0; no further than the end.",
            "placed": "False to leave it unpositioned.",
        },
        *ADDED,
    )
    add_many_to_shot = changed_by(
        shot_entries.add_many,
        "AddManyToShot",
        ShotEntriesAdded,
        {
            "shot_id": SHOT,
            "generation_ids": "The UUIDs of the generations, 1 to 500.",
            "ids": "UUIDs of the client's own for the new shot entries, one for each generation.",
            "placed": "False to leave them unpositioned.",
            "partial": PARTIAL,
        },
        *ADDED,
    )
    remove_from_shot = changed_by(
        shot_entries.remove,
        "RemoveFromShot",
        ShotEntriesRemoved,
        {"shot_id": SHOT, "ids": IDS, "partial": PARTIAL, "expected_versions": VERSIONS},
        "delete-image",
        ADDED[1],
    )
    replace_in_shot = changed_by(
        shot_entries.replace,
        "ReplaceInShot",
        ShotEntryReplaced,
        {
            "id": ID,
            "generation_id": "The UUID of the generation that is to be there.",
            "expected_version": VERSION,
        },
        "replace-image",
        ADDED[1],
    )
    duplicate_entry = changed_by(
        shot_entries.duplicate,
        "DuplicateEntry",
        ShotEntryAdded,
        {"id": ID, "copy_id": NEW},
        *ADDED,
    )
    duplicate_as_new_generation = changed_by(
        shot_entries.duplicate_as_new_generation,
        "DuplicateAsNewGeneration",
        ShotEntryAdded,
        {
            "id": ID,
            "copy_id": NEW,
            "generation_id": new_id("generation"),
        },
        "add-image-success",
        ("ALL",),
    )
    update_entry_metadata = changed_by(
        shot_entries.update_metadata,
        "UpdateEntryMetadata",
        ShotEntryChanged,
        {"id": ID, "patch": PATCH, "unset": UNSET_WORDS, "expected_version": VERSION},
        METADATA,
        ("METADATA",),
    )
