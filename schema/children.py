"""Putting compositions together, and taking them apart."""

import strawberry

from db import generations
from engine.relations import each_by
from resolvers import children
from schema import refs
from schema.fields import outcome
from schema.generations import METADATA
from schema.mutations import VERSIONS, changed_by

SCOPES = ("IMAGES", "METADATA", "COUNTS", "UNIFIED")


@outcome("Segments were put into a composition, or taken out of it.")
class ChildrenChanged:
    children: list[refs.Generation | None] = each_by(
        generations.by_id,
        "child_ids",
        "The segments as they are now, each once, in the order of the input; null for each that is"
        " gone meanwhile.",
    )
    parents: list[refs.Generation | None] = each_by(
        generations.by_id,
        "parent_ids",
        "All whose segments are others by now: first the parent that was joined, then those that"
        " were left.",
    )


@strawberry.type
class ChildMutations:
    attach_children = changed_by(
        children.attach,
        "AttachChildren",
        ChildrenChanged,
        {
            "parent_id": "The UUID of the generation that they become segments of.",
            "ids": "The UUIDs of the segments in their order, 1 to 500.",
            "expected_versions": VERSIONS,
        },
        METADATA,
        SCOPES,
    )
    detach_children = changed_by(
        children.detach,
        "DetachChildren",
        ChildrenChanged,
        {"ids": "The UUIDs of the segments, 1 to 500.", "expected_versions": VERSIONS},
        METADATA,
        SCOPES,
    )
