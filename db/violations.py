"""Violations: rules of the database that a write broke, told by the argument that broke them."""

from collections.abc import Mapping

import psycopg
from psycopg import errors

from db.errors import BadInput, Conflict, NotFound, Problem

# What a rule says, and the argument that breaks it where the database does not name one as the
# column; a rule that is not listed is broken by nobody but us.
RULES: Mapping[str, tuple[str, str]] = {
    "assets_pkey": ("id", "There is one with this id already."),
    "assets_project_id_fkey": ("projectId", "There is no such project."),
    "generation_variants_pkey": ("id", "There is one with this id already."),
    "generation_variants_project_id_generation_id_fkey": (
        "uploadId",
        "There is no such upload in its project.",
    ),
    "generations_no_circle": ("ids", "Nothing is a segment of itself."),
    "generations_pkey": ("id", "There is one with this id already."),
    "generations_project_id_based_on_fkey": ("basedOnId", "There is no such generation in it."),
    "generations_project_id_fkey": ("projectId", "There is no such project."),
    "generations_project_id_parent_generation_id_fkey": (
        "parentId",
        "There is no such generation in it.",
    ),
    "generations_project_id_run_id_fkey": ("runId", "There is no such run in it."),
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
