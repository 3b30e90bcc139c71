"""Runs: how people begin them, name them, and how they end."""

from uuid import uuid4

from db import projects, runs
from db.base import Id, Json
from db.errors import Conflict, Reference
from db.runs import NewRun, RunEnd
from db.writing import Writing
from resolvers import checks, mutations
from resolvers.mutations import Outcome

KIND = "run"
MOST_IMAGES = 10_000

_ENDS = tuple(end.value for end in RunEnd)


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
    checks.check_length("prompt", prompt, checks.LONGEST_PROMPT)
    checks.check_length("model", model, checks.LONGEST_NAME)
    checks.check_range("imageCount", image_count, 1, MOST_IMAGES)
    checks.check_object("settingsSnapshot", settings_snapshot)
    await mutations.held_one(session, projects.writable, "project", project_id, "projectId")
    made = id or str(uuid4())
    run = NewRun(made, project_id, name, prompt, model, image_count, settings_snapshot)
    if not await runs.create(session, run):
        raise mutations.taken(KIND, made)
    return Outcome("RunCreated", {"run_id": made})


async def finish(
    session: Writing, id: Id, status: RunEnd, expected_version: int | None = None
) -> Outcome:
    """Note how a run ended; that is said once, and saying the same again changes nothing."""
    run = await mutations.held_one(session, runs.hold, KIND, id)
    mutations.expect(run, expected_version, KIND, {"status": status.value})
    if run.status not in _ENDS:
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
