"""Anything by its id, as Relay asks for it."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from db import generations, nodes, projects, runs, shot_entries, shots, tasks, users, variants
from db.errors import BadInput
from engine import selections
from engine.declarations import Batch
from schema.fields import taken_id

LARGEST = 500

_KINDS: Mapping[str, tuple[str, Batch]] = {
    "generation": ("Generation", generations.by_id),
    "variant": ("Variant", variants.by_id),
    "shot": ("Shot", shots.by_id),
    "shot_entry": ("ShotEntry", shot_entries.by_id),
    "project": ("Project", projects.by_id),
    "run": ("Run", runs.by_id),
    "task": ("Task", tasks.by_id),
    "user": ("User", users.by_id),
}


async def node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its UUID.")]
) -> Any:
    """Anything by its id; null when there is no such thing for this viewer."""
    return await _found(info, taken_id("id", id))


async def all_nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 500 UUIDs.")],
) -> Any:
    """Many things by their ids, in the order of asking; null for each that is not there."""
    if len(ids) > LARGEST:
        raise BadInput(f"`ids` must be at most {LARGEST}.", "ids")
    taken = [taken_id("ids", id) for id in ids]
    return await asyncio.gather(*(_found(info, id) for id in taken))


async def referred(info: Info, reference: Any) -> Any:
    """The row that a reference, made of a kind and an id, speaks of."""
    name, function = _KINDS[reference.kind]
    columns = selections.columns_of(info, name)
    return await info.context.load(function, reference.id, columns, ())


async def _found(info: Info, id: str) -> Any:
    reference = await info.context.load(nodes.kinds, id, (), ())
    return None if reference is None else await referred(info, reference)
