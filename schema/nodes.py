"""Anything by its id, as Relay asks for it."""

from typing import Any

from db import (
    assets,
    generations,
    invitations,
    members,
    nodes,
    projects,
    runs,
    shot_entries,
    shots,
    tasks,
    users,
    variants,
)
from db.base import Id
from db.errors import BadInput
from engine.references import Kinds, found_reference
from resolvers import settings

LARGEST = 500

KINDS: Kinds = {
    "generation": ("Generation", generations.by_id),
    "variant": ("Variant", variants.by_id),
    "shot": ("Shot", shots.by_id),
    "shot_entry": ("ShotEntry", shot_entries.by_id),
    "project": ("Project", projects.by_id),
    "member": ("Member", members.by_id),
    "invitation": ("Invitation", invitations.by_id),
    "run": ("Run", runs.by_id),
    "task": ("Task", tasks.by_id),
    "user": ("User", users.by_id),
    "asset": ("Asset", assets.by_id),
}

# The same and what has no id of its own: whatever a conflict can be about.
KINDS_OF_CURRENT: Kinds = {**KINDS, "tool_settings": ("ToolSettings", settings.by_place)}


def node() -> Any:
    """Anything by its id; null when there is no such thing for this viewer."""
    return found_reference(nodes.kinds, KINDS, _of_one, {"id": "Its UUID."})


def all_nodes() -> Any:
    """Many things by their ids, in the order of asking; null for each that is not there."""
    return found_reference(nodes.kinds, KINDS, _of_many, {"ids": "At most 500 UUIDs."})


def _of_one(id: Id) -> str:
    """Anything by its id; null when it is not there."""
    return id


def _of_many(ids: tuple[Id, ...]) -> list[str]:
    """Many things by their ids, in the order of asking; null for each that is not there."""
    if len(ids) > LARGEST:
        raise BadInput(f"`ids` must be at most {LARGEST}.", "ids")
    return list(ids)
