"""Generations: how people make, name, mark, describe and delete them."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from db import generations, projects, shots
from db.base import Id, Json
from db.errors import BadInput, NotFound
from db.rows import Row
from db.writing import Writing
from resolvers import assets, cascade, checks, items, mutations, revisions
from resolvers.context import Context
from resolvers.media import NewFile
from resolvers.mutations import Outcome

KIND = "generation"
LONGEST_WORD = 200
LAST_CHILD = 1_000_000


@dataclass(frozen=True)
class NewGeneration:
    """What is told of a new generation."""

    name: str | None = None
    type: str | None = None
    params: Json | None = None
    tool_type: str | None = None
    model: str | None = None
    prompt: str | None = None
    run_id: Id | None = None
    based_on_id: Id | None = None
    parent_id: Id | None = None
    child_order: int | None = None


async def create(
    session: Writing,
    context: Context,
    project_id: Id,
    file: NewFile,
    about: NewGeneration,
    id: Id | None = None,
) -> Outcome:
    """Make a generation out of a file, with its original take."""
    made = {"id": id or str(uuid4()), "project_id": project_id} | _described(about)
    if made["id"] in (about.based_on_id, about.parent_id):
        raise BadInput("Nothing is made from itself, nor a segment of itself.", "id")
    shown, home = await assets.file_of(session, context, file)
    if home and home != project_id:
        raise NotFound("There is no such upload in its project.", "uploadId")
    made["type"] = assets.type_of(shown, about.type)
    await mutations.held_one(session, projects.writable, "project", project_id, "projectId")
    await mutations.refuse_known(session, generations.by_id, KIND, id)
    await generations.make(session, **made, **shown)
    return created(made["id"])


def created(id: str) -> Outcome:
    """That a generation was made."""
    return Outcome("GenerationCreated", {"generation_id": id})


async def rename(
    session: Writing, id: Id, name: str | None, expected_version: int | None = None
) -> Outcome:
    """Give a generation a name, or take it away."""
    checks.check_name(name)
    generation = await held(session, id)
    mutations.expect(generation, expected_version, KIND, {"name": name})
    await generations.write(session, [id], name=name)
    return changed(id)


async def star(
    session: Writing,
    ids: tuple[Id, ...],
    starred: bool,
    partial: bool = False,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Mark generations as favourites, or no longer."""
    some = await items.held(
        session,
        generations.hold,
        KIND,
        ids,
        partial,
        expected_versions,
        lambda row: mutations.differing(row, {"starred": starred}),
    )
    await generations.write(session, some.ids, starred=starred)
    return Outcome("GenerationsChanged", {"generation_ids": some.ids, "left": some.left})


async def patch_params(
    session: Writing,
    id: Id,
    patch: Json | None = None,
    unset: tuple[str, ...] | None = None,
    expected_version: int | None = None,
) -> Outcome:
    """Change what a generation's params say; keys that are not named keep what they have."""
    given, pointers = revisions.checked(patch, unset)
    generation = await held(session, id)
    if expected_version not in (None, generation.version):
        (now,) = (await generations.by_id(session, [id], ("params",))).values()
        differing = cascade.differing(given, pointers, now.params)
        raise mutations.conflict(generation, KIND, list(differing))
    if await generations.patch_params(session, id, patch, pointers) > checks.LARGEST_JSON:
        raise BadInput("The params of a generation are at most 256 KiB.", "patch")
    return changed(id)


async def delete(
    session: Writing,
    ids: tuple[Id, ...],
    partial: bool = False,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Delete generations with their takes and segments."""
    checks.check_number(ids)
    await shots.hold_of_generations(session, ids)
    some = await items.held(session, generations.hold, KIND, ids, partial, expected_versions)
    await generations.remove(session, some.ids)
    return Outcome("GenerationsDeleted", {"deleted_ids": some.ids, "left": some.left})


async def held(session: Writing, id: Id, argument: str = "id") -> Row:
    """A generation that is to be changed, once it is clear that the viewer may do that."""
    return await mutations.held_one(session, generations.hold, KIND, id, argument)


def changed(id: str) -> Outcome:
    """That a generation was changed."""
    return Outcome("GenerationChanged", {"generation_id": id})


def _described(about: NewGeneration) -> dict[str, Any]:
    checks.check_name(about.name)
    checks.check_object("params", about.params)
    words = {"type": about.type, "toolType": about.tool_type, "model": about.model}
    for argument, word in words.items():
        checks.check_length(argument, word, LONGEST_WORD)
    checks.check_length("prompt", about.prompt, checks.LONGEST_PROMPT)
    checks.check_range("childOrder", about.child_order, 0, LAST_CHILD)
    given = asdict(about)
    renamed = {"based_on_id": "based_on", "parent_id": "parent_generation_id"}
    return {renamed.get(name, name): value for name, value in given.items()}
