"""Presses of the generate button."""

import strawberry

from db import generations, projects
from engine.declarations import column
from engine.relations import paged_by, related_by
from schema import refs
from schema.fields import Node, rows, unread
from schema.scalars import JSON, DateTime


@rows("run", "One press of the generate button.")
class Run(Node):
    id: strawberry.ID = column("Its UUID.")
    name: str | None = column("What people call it.")
    prompt: str | None = column("What was asked for.")
    model: str | None = column("The model that was asked.")
    image_count: int | None = column("How many were asked for.")
    status: str | None = column("How far it is.")
    settings_snapshot: JSON = unread(
        "settings_snapshot", "The settings it was made with, as they were then."
    )
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When the button was pressed.")
    updated_at: DateTime = column("When it last changed.")
    project: refs.Project = related_by(
        projects.by_id, key="project_id", description="The project it belongs to."
    )
    generations: refs.GenerationConnection = paged_by(
        generations.by_run, key="id", count=generations.count_by_run
    )
