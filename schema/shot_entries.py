"""Places of generations in shots."""

import strawberry

from db import generations, shots
from engine.declarations import column, related_by
from schema import refs
from schema.fields import Node, rows


@rows("shot_entry", "One place of a generation in a shot.")
class ShotEntry(Node):
    id: strawberry.ID = column("Its UUID.")
    position: int | None = column("Rank in the shot's ordered list, from 0; null when unplaced.")
    timeline_frame: int | None = column("Frame number on the shot's timeline.")
    generation: refs.Generation = related_by(
        generations.by_id, key="generation_id", joined="generation"
    )
    shot: refs.Shot = related_by(shots.by_id, key="shot_id", joined="shot")
