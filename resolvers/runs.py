"""Runs: how people begin them, name them, and how they end."""

from uuid import uuid4

import orjson

from db import projects, runs
from db.base import Id, Json
from db.errors import BadInput, Conflict, Reference
from db.runs import NewRun, RunEnd
from db.writing import Writing
from resolvers import checks, mutations
from resolvers.mutations import Outcome

KIND = "run"
LONGEST_PROMPT = 100_000
LARGEST_SNAPSHOT = 256 * 1024
MOST_IMAGES = 10_000


async def create(
    session: Writing,
    project_id: Id,
    prompt: str | None = None,
    model: str | None = None,
    image_count: int | None = None,
    name: str | None = None,
    settings_snapshot: Json | None = None,
    id: Id | None = None,
) -> Outcome:
    """Note that the generate button was pressed: what was asked for, and with which settings."""
    checks.check_name(name)
    checks.check_length("prompt", prompt, LONGEST_PROMPT)
    checks.check_length("model", model, checks.LONGEST_NAME)
    _check_number(image_count)
    _check_snapshot(settings_snapshot)
    await mutations.held_one(session, projects.writable, "project", project_id, "projectId")
    made = id or str(uuid4())
    run = NewRun(made, project_id, name, prompt, model, image_count, settings_snapshot)
    if not await runs.create(session, run):
        raise mutations.taken(KIND, made)
    return Outcome("RunCreated", {"run_id": made})


async def finish(session: Writing, id: Id, status: RunEnd) -> Outcome:
    """Note how a run ended; that is said once, and saying the same again changes nothing."""
    run = await mutations.held_one(session, runs.hold, KIND, id)
    if run.status not in (status.value, *_ENDS):
        await runs.write(session, [id], status=status.value)
    elif run.status != status.value:
        message = f"It has ended already: it is {run.status}."
        raise Conflict(message, Reference(KIND, id), ["status"])
    return Outcome("RunChanged", {"run_id": id})


async def rename(
    session: Writing, id: Id, name: str | None = None, expected_version: int | None = None
) -> Outcome:
    """Give a run a name, or take it away."""
    checks.check_name(name)
    run = await mutations.held_one(session, runs.hold, KIND, id)
    mutations.expect(run, expected_version, KIND, {"name": name})
    await runs.write(session, [id], name=name)
    return Outcome("RunChanged", {"run_id": id})


_ENDS = tuple(end.value for end in RunEnd)


def _check_number(count: int | None) -> None:
    if count is not None and not 0 < count <= MOST_IMAGES:
        raise BadInput(f"`imageCount` must be 1 to {MOST_IMAGES:,}.", "imageCount")


def _check_snapshot(given: Json | None) -> None:
    if given is None:
        return
    if len(given.encode()) > LARGEST_SNAPSHOT:
        raise BadInput("The settings of a run are at most 256 KiB.", "settingsSnapshot")
    if not isinstance(orjson.loads(given), dict):
        raise BadInput("The settings of a run must be an object.", "settingsSnapshot")
