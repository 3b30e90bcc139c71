"""Generation work for workers."""

import strawberry

from db import projects
from db.tasks import TaskStatus
from engine.declarations import column, resolved_by
from engine.relations import related_by
from resolvers import tasks
from schema import refs
from schema.fields import Node, choices, rows, unread
from schema.scalars import JSON, DateTime

choices(
    TaskStatus,
    "How far a task is.",
    queued="Waits for a worker.",
    in_progress="A worker is at it.",
    complete="Its result is there.",
    failed="It ended without a result.",
    cancelled="Nobody wants it any more.",
)


@rows("task", "Generation work for a worker.")
class Task(Node):
    id: strawberry.ID = column("Its UUID.")
    type: str = resolved_by(tasks.type, reads=("task_type",))
    status: TaskStatus = column("How far it is.")
    params: JSON | None = unread("params", "What the worker is told.")
    progress: float | None = column("How much is done, in per cent.")
    attempts: int = column("How often a worker has tried.")
    output_location: str | None = column("Where the result is, as stored.")
    result_data: JSON | None = unread("result_data", "What the worker said of the result.")
    error_message: str | None = column("Why it failed.")
    version: int = column("Goes up by one whenever it changes.")
    created_at: DateTime = column("When it was asked for.")
    updated_at: DateTime = column("When it last changed.")
    generation_started_at: DateTime | None = column("When a worker began.")
    generation_processed_at: DateTime | None = column("When a worker ended.")
    project: refs.Project = related_by(
        projects.by_id, key="project_id", description="The project it belongs to."
    )
