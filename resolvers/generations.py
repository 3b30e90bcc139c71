"""Generations: how people name, mark, describe and delete what they have made."""

from db import generations, shots
from db.base import Id, Json
from db.errors import BadInput
from db.rows import Row
from db.writing import Writing
from resolvers import cascade, items, mutations, revisions
from resolvers.mutations import Outcome

KIND = "generation"
LARGEST_PARAMS = 256 * 1024


async def rename(
    session: Writing, id: Id, name: str | None = None, expected_version: int | None = None
) -> Outcome:
    """Give a generation a name, or take it away."""
    mutations.check_name(name)
    generation = await held(session, id)
    mutations.expect(generation, expected_version, KIND, {"name": name})
    await generations.write(session, [id], name=name)
    return changed(id)


async def star(
    session: Writing, ids: tuple[Id, ...], starred: bool, partial: bool = False
) -> Outcome:
    """Mark generations as favourites, or no longer."""
    some = await items.held(session, generations.hold, KIND, ids, partial)
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
    if await generations.patch_params(session, id, patch, pointers) > LARGEST_PARAMS:
        raise BadInput("The params of a generation are at most 256 KiB.", "patch")
    return changed(id)


async def delete(session: Writing, ids: tuple[Id, ...], partial: bool = False) -> Outcome:
    """Delete generations with their takes and segments."""
    mutations.check_number(ids)
    await shots.hold_of_generations(session, ids)
    some = await items.held(session, generations.hold, KIND, ids, partial)
    await generations.remove(session, some.ids)
    return Outcome("GenerationsDeleted", {"deleted_ids": some.ids, "left": some.left})


async def held(session: Writing, id: Id, argument: str = "id") -> Row:
    """A generation that is to be changed, once it is clear that the viewer may do that."""
    return await mutations.held_one(session, generations.hold, KIND, id, argument)


def changed(id: str) -> Outcome:
    """That a generation was changed."""
    return Outcome("GenerationChanged", {"generation_id": id})
