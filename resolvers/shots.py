"""Shots: how people make scenes, name them, copy them, delete them and put them in order."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

from db import projects, shots
from db.base import Id
from db.errors import BadInput, NotFound
from db.rows import Row
from db.shots import NewShot
from db.writing import Writing
from engine.arguments import LEFT_OUT, LeftOut, wanted
from resolvers import checks, items, mutations
from resolvers.mutations import Outcome

KIND = "shot"


async def create(
    session: Writing,
    project_id: Id,
    name: str,
    id: Id | None = None,
    position: int | None = None,
    aspect_ratio: str | None = None,
    generation_ids: tuple[Id, ...] | None = None,
) -> Outcome:
    """Make a shot, with generations that follow one another on its timeline where they are given.

    It begins with the settings of the project's latest shot, without their content.
    """
    checks.check_title(name)
    checks.check_aspect_ratio(aspect_ratio)
    checks.check_position(position)
    images = generation_ids or ()
    if len(images) > checks.MOST:
        raise BadInput(f"`generationIds` must be at most {checks.MOST}.", "generationIds")
    await mutations.held_one(session, projects.writable, "project", project_id, "projectId")
    made = id or str(uuid4())
    shot = NewShot(project_id, made, name, position, aspect_ratio, images)
    return _created(made, await shots.create(session, shot))


async def duplicate(
    session: Writing, id: Id, placed_only: bool = False, copy_id: Id | None = None
) -> Outcome:
    """Copy a shot right behind itself, with its entries and settings."""
    await mutations.held_one(session, shots.hold_in_order, KIND, id)
    copy = copy_id or str(uuid4())
    return _created(copy, await shots.duplicate(session, id, placed_only, copy))


async def update(
    session: Writing,
    id: Id,
    name: str | None = None,
    aspect_ratio: str | LeftOut | None = LEFT_OUT,
    expected_version: int | None = None,
) -> Outcome:
    """Give a shot another name or shape."""
    checks.check_title(name)
    given = wanted(name=name or LEFT_OUT, aspect_ratio=aspect_ratio)
    checks.check_aspect_ratio(given.get("aspect_ratio"))
    shot = await mutations.held_one(session, shots.hold, KIND, id)
    mutations.expect(shot, expected_version, KIND, given)
    if given:
        await shots.write(session, [id], **given)
    return Outcome("ShotChanged", {"shot_id": id})


async def move(
    session: Writing, id: Id, position: int, expected_version: int | None = None
) -> Outcome:
    """Put a shot at another position of its project; the shots between make room."""
    checks.check_position(position)
    shot = await mutations.held_one(session, shots.hold_in_order, KIND, id)
    mutations.expect(shot, expected_version, KIND, {"position": position})
    return _moved(await shots.move(session, id, position))


async def reorder(
    session: Writing,
    project_id: Id,
    ids: tuple[Id, ...],
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Put shots of a project in this order; shots that are not named keep their positions."""
    if len(set(ids)) < len(ids):
        raise BadInput("`ids` must name each shot once.", "ids")
    await mutations.held_one(session, projects.writable, "project", project_id, "projectId")
    found = await mutations.held(session, shots.hold_in_order, KIND, items.places_of(ids))
    _check_in_project(project_id, found.values())
    items.expect(found, KIND, ids, expected_versions, items.in_order(found, ids))
    return _moved(await shots.reorder(session, project_id, ids))


async def delete(
    session: Writing,
    ids: tuple[Id, ...],
    partial: bool = False,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Delete shots with their entries; their generations stay."""
    some = await items.held(session, shots.hold_in_order, KIND, ids, partial, expected_versions)
    moved = await shots.remove(session, some.ids)
    values = {"deleted_ids": some.ids, "moved_ids": moved, "left": some.left}
    return Outcome("ShotsDeleted", values)


def _check_in_project(project_id: str, found: Iterable[Row]) -> None:
    for index, shot in enumerate(found):
        if shot.project_id != project_id:
            raise NotFound("There is no such shot.", f"ids[{index}]")


def _created(id: str, touched: Sequence[str]) -> Outcome:
    if not touched:
        raise mutations.taken(KIND, id)
    return Outcome("ShotCreated", {"shot_id": id, "moved_ids": list(touched)})


def _moved(touched: Sequence[str]) -> Outcome:
    return Outcome("ShotsMoved", {"moved_ids": list(touched)})
