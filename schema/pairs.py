"""Neighbours on a shot's timeline, and how people prompt what happens between them."""

import strawberry
from strawberry import UNSET

from db import shot_entries
from engine.declarations import column, registry
from engine.relations import related_by
from resolvers import pairs
from resolvers.pairs import Overrides, PairPrompts
from schema import refs
from schema.entry_outcomes import ShotEntriesChanged, ShotEntryChanged
from schema.fields import choices
from schema.generations import METADATA
from schema.mutations import VERSIONS, changed_by
from schema.shot_entries import ID, PATCH, SHOT, UNSET_WORDS, VERSION

START = "The UUID of the shot entry that the pair begins with."
STARTS = "The UUIDs of the shot entries that the pairs begin with; all pairs when it is left out."
PROMPTED = ("pair-prompt-update", ("METADATA",))

choices(
    Overrides,
    "Which settings of its own a shot entry keeps.",
    called="OverridesOf",
    segment="Those of the segment that begins with it: `metadata.segmentOverrides`.",
    image="Those of the image itself: `metadata.userOverrides`.",
)


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


@registry.input(
    PairPrompts,
    name="PairPrompts",
    description="Prompts of one pair; what is left out stays, and empty text takes it away.",
)
class PairPromptsInput:
    id: strawberry.ID = strawberry.field(description=START)
    prompt: str | None = strawberry.field(
        default=UNSET, description="What happens between this image and the next."
    )
    negative_prompt: str | None = strawberry.field(
        default=UNSET, description="What must not happen between this image and the next."
    )
    enhanced_prompt: str | None = strawberry.field(
        default=UNSET, description="The prompt as a language model worded it."
    )
    expected_version: int | None = strawberry.field(default=UNSET, description=VERSION)


@strawberry.type
class PairMutations:
    set_pair_prompts = changed_by(
        pairs.set_prompts,
        "SetPairPrompts",
        ShotEntriesChanged,
        {"shot_id": SHOT, "pairs": "The pairs with their prompts, 1 to 500."},
        *PROMPTED,
    )
    clear_enhanced_prompts = changed_by(
        pairs.clear_enhanced,
        "ClearEnhancedPrompts",
        ShotEntriesChanged,
        {"shot_id": SHOT, "ids": STARTS, "expected_versions": VERSIONS},
        *PROMPTED,
    )
    reset_pairs = changed_by(
        pairs.reset,
        "ResetPairs",
        ShotEntriesChanged,
        {"shot_id": SHOT, "ids": STARTS, "expected_versions": VERSIONS},
        *PROMPTED,
    )
    update_entry_overrides = changed_by(
        pairs.update_overrides,
        "UpdateEntryOverrides",
        ShotEntryChanged,
        {
            "id": ID,
            "of": "Which of its settings.",
            "patch": PATCH,
            "unset": UNSET_WORDS,
            "expected_version": VERSION,
        },
        METADATA,
        ("METADATA",),
    )
