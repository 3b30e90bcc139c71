"""Violations: rules of the database that a write broke, told by the argument that broke them."""

from collections.abc import Mapping

import psycopg
from psycopg import errors

from db.errors import BadInput, Conflict, NotFound, Problem, Reason, Reference, Refused

# What a rule says, and the argument that breaks it where the database does not name one as the
# column; a rule that is not listed is broken by nobody but us.
RULES: Mapping[str, tuple[str, str]] = {
    "assets_pkey": ("id", "There is something with this id already."),
    "assets_project_id_fkey": ("projectId", "There is no such project."),
    "generation_variants_pkey": ("id", "There is something with this id already."),
    "generation_variants_project_id_generation_id_fkey": (
        "uploadId",
        "There is no such upload in its project.",
    ),
    "generations_no_circle": ("ids", "Nothing is a segment of itself."),
    "generations_pkey": ("id", "There is something with this id already."),
    "generations_project_id_based_on_fkey": ("basedOnId", "There is no such generation in it."),
    "generations_project_id_fkey": ("projectId", "There is no such project."),
    "generations_project_id_parent_generation_id_fkey": (
        "parentId",
        "There is no such generation in it.",
    ),
    "generations_project_id_run_id_fkey": ("runId", "There is no such run in it."),
    "projects_id_thumbnail_generation_id_fkey": (
        "thumbnailGenerationId",
        "There is no such generation in this project.",
    ),
    "runs_project_id_fkey": ("projectId", "There is no such project."),
    "shots_project_id_fkey": ("projectId", "There is no such project."),
    "shots_images_known": ("generationIds", "There is no such generation in this project."),
    "tool_settings_size": ("patch", "The settings of a tool are at most 256 KiB."),
    "shot_generations_pkey": ("id", "There is something with this id already."),
    "shot_generations_project_id_generation_id_fkey": (
        "generationId",
        "There is no such generation in the project of the shot.",
    ),
    "shot_entries_generations": (
        "generationIds",
        "There is no such generation in the project of the shot.",
    ),
    "shot_entries_known": ("id", "There is no such shot entry."),
    "shot_entries_once": ("ids", "Each shot entry can be named only once."),
    "shot_entries_placed": ("ids", "This shot entry is not on the timeline."),
    "shot_entries_frames": ("frames", "This frame is taken."),
    "shot_entries_neighbours": (
        "after",
        "The new neighbours must be on the timeline of this shot, `after` before `before`.",
    ),
    "shot_entries_spacing": (
        "contextFrames",
        "Context frames are not negative, and leave gaps of 5 frames or more.",
    ),
}
# Rules by which a row stands in the way: its kind; the database names its id as the detail.
OBSTACLES: Mapping[str, tuple[Reason, str, str]] = {
    "shot_entries_locked": (Reason.LOCKED, "shot_entry", "A locked shot entry keeps its frame."),
}


def explained(error: psycopg.Error) -> Problem | None:
    """The problem that a client can act on, if the error is about something that was sent."""
    name = error.diag.constraint_name or ""
    if name in OBSTACLES:
        reason, kind, message = OBSTACLES[name]
        return Refused(reason, message, obstacle=Reference(kind, error.diag.message_detail or ""))
    rule = RULES.get(name)
    if rule is None:
        return None
    argument, message = error.diag.column_name or rule[0], rule[1]
    if isinstance(error, errors.UniqueViolation):
        return Conflict(message, argument=argument)
    if isinstance(error, errors.ForeignKeyViolation | errors.NoDataFound):
        return NotFound(message, argument)
    return BadInput(message, argument)
