"""Variants: how people make takes of a generation, and choose among them."""

from datetime import UTC, datetime
from uuid import uuid4

from db import generations as db_generations
from db import variants
from db.base import Id, Json
from db.rows import Row
from db.writing import Writing
from resolvers import assets, checks, generations, items, mutations
from resolvers.context import Context
from resolvers.media import NewFile
from resolvers.mutations import Outcome

KIND = "variant"


async def create(
    session: Writing,
    context: Context,
    generation_id: Id,
    file: NewFile,
    variant_type: str | None = None,
    name: str | None = None,
    params: Json | None = None,
    make_primary: bool = False,
    id: Id | None = None,
) -> Outcome:
    """Make another take of a generation out of a file."""
    checks.check_length("variantType", variant_type, generations.LONGEST_WORD)
    checks.check_name(name)
    checks.check_object("params", params)
    shown, home = await assets.file_of(session, context, file)
    await generations.held(session, generation_id, "generationId")
    await mutations.refuse_known(session, variants.by_id, KIND, id)
    made = {"id": id or str(uuid4()), "generation_id": generation_id, "is_primary": make_primary}
    about = {"variant_type": variant_type, "name": name, "params": params}
    # What somebody has uploaded is not new to them.
    seen = {"project_id": home, "viewed_at": datetime.now(UTC)} if home else {}
    await variants.make(session, **made, **about, **shown, **seen)
    return Outcome("VariantCreated", {"variant_id": made["id"], "generation_id": generation_id})


async def promote(session: Writing, id: Id, new_id: Id | None = None) -> Outcome:
    """Make a generation of its own out of a take, based on the take's generation."""
    await _held(session, id)
    await mutations.refuse_known(session, db_generations.by_id, generations.KIND, new_id)
    made = new_id or str(uuid4())
    await variants.promote(session, id, made)
    return generations.created(made)


async def set_primary(session: Writing, id: Id, expected_version: int | None = None) -> Outcome:
    """Make a take the one that its generation shows."""
    variant = await _held(session, id)
    mutations.expect(variant, expected_version, KIND, {})
    await variants.write(session, [id], is_primary=True)
    return _changed(variant)


async def rename(
    session: Writing, id: Id, name: str | None, expected_version: int | None = None
) -> Outcome:
    """Give a take a name, or take it away; a primary one's is its generation's too."""
    checks.check_name(name)
    variant = await _held(session, id)
    mutations.expect(variant, expected_version, KIND, {"name": name})
    await variants.write(session, [id], name=name)
    return _changed(variant)


async def star(
    session: Writing, id: Id, starred: bool, expected_version: int | None = None
) -> Outcome:
    """Mark a take as a favourite, or no longer."""
    variant = await _held(session, id)
    mutations.expect(variant, expected_version, KIND, {"starred": starred})
    await variants.write(session, [id], starred=starred)
    return _changed(variant)


async def mark_viewed(
    session: Writing,
    ids: tuple[Id, ...],
    partial: bool = False,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Note that somebody has looked at takes; the first time is kept."""
    some = await items.held(session, variants.hold, KIND, ids, partial, expected_versions)
    await variants.view(session, some.ids)
    return Outcome("VariantsChanged", {"variant_ids": some.ids, "left": some.left})


async def mark_all_viewed(
    session: Writing, generation_id: Id, expected_version: int | None = None
) -> Outcome:
    """Note that somebody has looked at all takes of a generation; the first time is kept."""
    generation = await generations.held(session, generation_id, "generationId")
    mutations.expect(generation, expected_version, generations.KIND, {})
    await variants.view_all(session, generation_id)
    return generations.changed(generation_id)


async def delete(session: Writing, id: Id, expected_version: int | None = None) -> Outcome:
    """Delete a take; if it was primary, the newest of the others is from then on."""
    variant = await _held(session, id)
    mutations.expect(variant, expected_version, KIND, {})
    await variants.remove(session, [id])
    return Outcome("VariantDeleted", {"deleted_id": id, "generation_id": variant.generation_id})


async def _held(session: Writing, id: Id) -> Row:
    return await mutations.held_one(session, variants.hold, KIND, id)


def _changed(variant: Row) -> Outcome:
    values = {"variant_id": variant.id, "generation_id": variant.generation_id}
    return Outcome("VariantChanged", values)
