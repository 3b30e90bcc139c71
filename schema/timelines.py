"""How people place shot entries on a timeline, and move them about."""

import strawberry
from strawberry import UNSET

from engine.declarations import registry
from resolvers import timelines
from resolvers.timelines import EntryFrame
from schema.entry_outcomes import ShotEntriesChanged, ShotEntryAdded
from schema.generations import METADATA
from schema.mutations import PARTIAL, VERSIONS, changed_by, expected
from schema.shot_entries import ADDED, ID, IDS, NEW, SHOT, VERSION

FRAME = "The timeline frame, from 0; where it is taken the nearest free one, +1, -1, +2 …"
RULES = {
    "smooth": "Whether segments go on smoothly from one another: gaps are at most 77, not 81.",
    "context_frames": "How many frames segments share; gaps are shorter by twice as many.",
    "quantised": "Whether gaps are 4N+1 frames.",
}
MOVED = ("timeline-update", ("IMAGES", "METADATA", "COUNTS"))


@registry.input(
    EntryFrame, name="EntryFrame", description="A shot entry, and the frame that it is to have."
)
class EntryFrameInput:
    id: strawberry.ID = strawberry.field(description=ID)
    frame: int | None = strawberry.field(
        default=UNSET, description="The timeline frame, from 0; none takes it off the timeline."
    )
    expected_version: int | None = strawberry.field(default=UNSET, description=VERSION)


@strawberry.type
class TimelineMutations:
    add_to_shot_at_frame = changed_by(
        timelines.add_at_frame,
        "AddToShotAtFrame",
        ShotEntryAdded,
        {
            "shot_id": SHOT,
            "generation_id": "The UUID of the generation.",
            "frame": FRAME,
            "id": NEW,
        },
        *ADDED,
    )
    move_entry_to_frame = changed_by(
        timelines.move_to_frame,
        "MoveEntryToFrame",
        ShotEntriesChanged,
        {"id": ID, "frame": FRAME, "expected_version": VERSION},
        *MOVED,
    )
    move_entry_to_position = changed_by(
        timelines.move_to_position,
        "MoveEntryToPosition",
        ShotEntriesChanged,
        {
            "id": ID,
            "position": "Its rank in the shot, from 0; no further than the end.",
            "expected_version": VERSION,
        },
        *MOVED,
    )
    move_entry_to_midpoint = changed_by(
        timelines.move_to_midpoint,
        "MoveEntryToMidpoint",
        ShotEntriesChanged,
        {
            "id": ID,
            "after": "The UUID of the shot entry that it comes behind.",
            "before": "The UUID of the shot entry that it comes in front of.",
            "expected_version": VERSION,
        },
        *MOVED,
    )
    set_entry_frames = changed_by(
        timelines.set_frames,
        "SetEntryFrames",
        ShotEntriesChanged,
        {
            "shot_id": SHOT,
            "frames": "The entries with their frames, 1 to 500.",
            "partial": PARTIAL,
        },
        *MOVED,
    )
    reorder_entries = changed_by(
        timelines.reorder,
        "ReorderEntries",
        ShotEntriesChanged,
        {
            "shot_id": SHOT,
            "ids": "The UUIDs of placed shot entries in their new order, each once, 1 to 500.",
            "expected_versions": VERSIONS,
        },
        *MOVED,
    )
    swap_entries = changed_by(
        timelines.swap,
        "SwapEntries",
        ShotEntriesChanged,
        {
            "id": ID,
            "other_id": "The UUID of the other one, on the same timeline.",
            "expected_version": VERSION,
            "other_expected_version": expected("other shot entry"),
        },
        *MOVED,
    )
    unposition_entries = changed_by(
        timelines.unposition,
        "UnpositionEntries",
        ShotEntriesChanged,
        {"shot_id": SHOT, "ids": IDS, "expected_versions": VERSIONS},
        *MOVED,
    )
    initialise_frames = changed_by(
        timelines.initialise,
        "InitialiseFrames",
        ShotEntriesChanged,
        {"shot_id": SHOT, "gap": "The gap, brought within the rules; 5 to 81 frames.", **RULES},
        *MOVED,
    )
    fix_timeline_spacing = changed_by(
        timelines.fix_spacing,
        "FixTimelineSpacing",
        ShotEntriesChanged,
        {"shot_id": SHOT, **RULES},
        *MOVED,
    )
    lock_entries = changed_by(
        timelines.lock,
        "LockEntries",
        ShotEntriesChanged,
        {
            "shot_id": SHOT,
            "ids": IDS,
            "locked": "Whether they are locked from now on; false unlocks them.",
            "expected_versions": VERSIONS,
        },
        METADATA,
        ("METADATA",),
    )
