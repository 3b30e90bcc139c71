"""What was made from what."""

import strawberry

from db.lineage import LineageDirection
from engine.declarations import attribute, column, part
from schema import refs
from schema.fields import choices

choices(
    LineageDirection,
    "Which way lineage is followed.",
    called="LineageDirection",
    ancestors="What it was made from, and what that was made from.",
    descendants="What was made from it, and what was made from that.",
    both="Everything that is connected to it.",
)


@strawberry.type(description="One generation was made from another.")
class LineageEdge:
    source: strawberry.ID = column("The id of what it was made from.")
    target: strawberry.ID = column("The id of what was made.")


@strawberry.type(description="Generations and what was made from what.")
class Lineage:
    nodes: list[refs.Generation] = part("The generations, the nearest first.")
    edges: list[LineageEdge] = attribute("What was made from what, among these generations.")
    truncated: bool = attribute("Whether there are more than are shown.")
