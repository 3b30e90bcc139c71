"""Presses of the generate button."""

import strawberry

from db import generations, projects, runs
from db.runs import RunEnd
from engine.declarations import column
from engine.relations import paged_by, related_by
from resolvers import runs as changes
from schema import refs
from schema.fields import Node, choices, outcome, rows, unread
from schema.mutations import changed_by, edge_by, expected, new_id, one_by
from schema.scalars import JSON, DateTime

ID = "The UUID of the run."
VERSION = expected("run")

choices(
    RunEnd,
    "How a run ended.",
    complete="All that was asked for was made.",
    failed="Something went wrong.",
    cancelled="Somebody stopped it.",
)


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


@outcome("A run was begun.")
class RunCreated:
    run: refs.Run | None = one_by(runs.by_id, "run_id")
    run_edge: refs.RunEdge | None = edge_by(runs.edge, "run_id")


@outcome("A run was changed.")
class RunChanged:
    run: refs.Run | None = one_by(runs.by_id, "run_id")


@strawberry.type
class RunMutations:
    create_run = changed_by(
        changes.create,
        "CreateRun",
        RunCreated,
        {
            "project_id": "The UUID of the project.",
            "prompt": "What is asked for, at most 100,000 characters.",
            "model": "The model that is asked, at most 500 characters.",
            "image_count": "How many are asked for, 1 to 10,000.",
            "name": "What it is called, at most 500 characters.",
            "settings_snapshot": "The settings as they are now: an object of at most 256 KiB.",
            "id": new_id("run"),
        },
        "run-create",
        ("METADATA",),
    )
    finish_run = changed_by(
        changes.finish,
        "FinishRun",
        RunChanged,
        {"id": ID, "status": "How it ended.", "expected_version": VERSION},
        "run-update",
        ("METADATA",),
    )
    rename_run = changed_by(
        changes.rename,
        "RenameRun",
        RunChanged,
        {
            "id": ID,
            "name": "What it is called from now on, at most 500 characters; nothing when it is"
            " left out.",
            "expected_version": VERSION,
        },
        "run-update",
        ("METADATA",),
    )
