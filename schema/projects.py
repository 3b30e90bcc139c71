"""One studio's work."""

import strawberry

from db import generations, runs, shots
from engine.declarations import column, paged_by, related_by
from schema import refs
from schema.fields import Node, rows
from schema.scalars import DateTime


@rows("project", "One studio's work: its generations, shots and settings.")
class Project(Node):
    id: strawberry.ID = column("Its UUID.")
    name: str = column("What people call it.")
    aspect_ratio: str | None = column("The shape of its pictures, such as 16:9.")
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When it was begun.")
    updated_at: DateTime = column("When people last changed it.")
    thumbnail: refs.Generation | None = related_by(
        generations.by_id,
        key="thumbnail_generation_id",
        description="The generation that stands for it in lists.",
    )
    runs: refs.RunConnection = paged_by(runs.by_project, "id", runs.count_by_project)
    shots: refs.ShotConnection = paged_by(shots.by_project, "id", shots.count_by_project)
