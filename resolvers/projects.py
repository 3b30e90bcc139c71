"""Projects: how people begin, change and delete them."""

from uuid import uuid4

from db import projects
from db.base import Id
from db.errors import NotFound
from db.projects import NewProject
from db.writing import Writing
from engine.arguments import LEFT_OUT, LeftOut, wanted
from resolvers import checks, mutations
from resolvers.mutations import Outcome

KIND = "project"
FIRST_SHOT = "Shot 1"


async def create(
    session: Writing,
    name: str,
    aspect_ratio: str | None = None,
    settings_from: Id | None = None,
    shot_name: str | None = None,
    id: Id | None = None,
    shot_id: Id | None = None,
) -> Outcome:
    """Begin a project of the viewer's own, with a first shot."""
    checks.check_title(name)
    checks.check_title(shot_name, "shotName")
    checks.check_aspect_ratio(aspect_ratio)
    if settings_from and not await projects.by_id(session, [settings_from], ("id",)):
        raise NotFound("There is no such project.", "settingsFrom")
    ids = {"id": id or str(uuid4()), "shot_id": shot_id or str(uuid4())}
    project = NewProject(
        **ids,
        name=name,
        aspect_ratio=aspect_ratio,
        settings_from=settings_from,
        shot_name=shot_name or FIRST_SHOT,
    )
    if taken := await projects.create(session, project):
        raise mutations.taken(taken, ids["id" if taken == KIND else "shot_id"])
    return Outcome("ProjectCreated", {"project_id": ids["id"], "shot_id": ids["shot_id"]})


async def update(
    session: Writing,
    id: Id,
    name: str | None = None,
    aspect_ratio: str | LeftOut | None = LEFT_OUT,
    thumbnail_generation_id: Id | LeftOut | None = LEFT_OUT,
    expected_version: int | None = None,
) -> Outcome:
    """Give a project another name, shape or thumbnail."""
    checks.check_title(name)
    given = wanted(
        name=name or LEFT_OUT,
        aspect_ratio=aspect_ratio,
        thumbnail_generation_id=thumbnail_generation_id,
    )
    checks.check_aspect_ratio(given.get("aspect_ratio"))
    project = await mutations.held_one(session, projects.hold, KIND, id)
    mutations.expect(project, expected_version, KIND, given)
    if given:
        await projects.write(session, [id], **given)
    return Outcome("ProjectChanged", {"project_id": id})


async def delete(session: Writing, id: Id, expected_version: int | None = None) -> Outcome:
    """Delete a project with all that is in it."""
    project = await mutations.held_one(session, projects.hold, KIND, id)
    mutations.expect(project, expected_version, KIND, {})
    await projects.remove(session, id)
    return Outcome("ProjectDeleted", {"deleted_id": id})
