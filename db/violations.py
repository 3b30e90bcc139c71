"""Violations: rules of the database that a write broke, told by the argument that broke them."""

from collections.abc import Mapping

import psycopg
from psycopg import errors

from db.errors import BadInput, Conflict, NotFound, Problem

# What a rule says, and the argument that breaks it where the database does not name one as the
# column; a rule that is not listed is broken by nobody but us.
RULES: Mapping[str, tuple[str, str]] = {
    "projects_id_thumbnail_generation_id_fkey": (
        "thumbnailGenerationId",
        "There is no such generation in this project.",
    ),
    "runs_project_id_fkey": ("projectId", "There is no such project."),
    "shots_project_id_fkey": ("projectId", "There is no such project."),
    "shots_images_known": ("generationIds", "There is no such generation in this project."),
    "tool_settings_size": ("patch", "The settings of a tool are at most 256 KiB."),
}


def explained(error: psycopg.Error) -> Problem | None:
    """The problem that a client can act on, if the error is about something that was sent."""
    rule = RULES.get(error.diag.constraint_name or "")
    if rule is None:
        return None
    argument, message = error.diag.column_name or rule[0], rule[1]
    if isinstance(error, errors.UniqueViolation):
        return Conflict(message, argument=argument)
    if isinstance(error, errors.ForeignKeyViolation):
        return NotFound(message, argument)
    return BadInput(message, argument)
