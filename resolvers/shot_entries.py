"""Shot entries: how people put generations in shots, describe them there, and take them out."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from db import generations, shot_entries, shots
from db.base import Id, Json
from db.errors import BadInput, NotFound, Problem
from db.rows import Row
from db.writing import Writing
from resolvers import cascade, checks, items, mutations, revisions
from resolvers.mutations import Outcome

KIND = "shot_entry"
NO_FAULTS: Mapping[str, Problem] = {}


async def add(
    session: Writing,
    shot_id: Id,
    generation_id: Id,
    id: Id | None = None,
    position: int | None = None,
    placed: bool = True,
) -> Outcome:
    """Put a generation in a shot: at a position, at the end of the timeline, or unpositioned."""
    if position is not None and not placed:
        raise BadInput("What has a position is placed.", "position")
    checks.check_position(position)
    await held_shot(session, shot_id)
    entry = await new_id(session, id)
    given = {"shot": shot_id, "generation": generation_id, "entry": entry}
    if position is None:
        changed = await shot_entries.add(session, **given, placed=placed)
    else:
        changed = await shot_entries.add_at_position(session, **given, position=position)
    return added(shot_id, entry, generation_id, changed)


async def add_many(
    session: Writing,
    shot_id: Id,
    generation_ids: tuple[Id, ...],
    ids: tuple[Id, ...] | None = None,
    placed: bool = True,
    partial: bool = False,
) -> Outcome:
    """Put generations in a shot, one after another at the end of the timeline or unpositioned."""
    checks.check_number(generation_ids, "generationIds")
    if ids is not None and not len(ids) == len(set(ids)) == len(generation_ids):
        raise BadInput("There must be a new id for each generation.", "ids")
    await held_shot(session, shot_id)
    entries = await new_ids(session, ids, len(generation_ids))
    faults = await _strangers(session, shot_id, generation_ids) if partial else {}
    pairs = zip(generation_ids, entries, strict=True)
    kept = [pair for index, pair in enumerate(pairs) if f"generationIds[{index}]" not in faults]
    given = {"generations": [one for one, _ in kept], "entries": [one for _, one in kept]}
    await shot_entries.add_many(session, shot=shot_id, **given, placed=placed)
    told = {"entry_ids": given["entries"], "left": items.left_out(faults)}
    return Outcome("ShotEntriesAdded", {**told, "shot_id": shot_id})


async def remove(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...],
    partial: bool = False,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Take entries out of their shot; the rest closes up."""
    found, faults = await found_in(session, shot_id, ids, "ids[{}]")
    places = items.places_of(ids)
    for one, conflict in items.conflicts(found, KIND, ids, expected_versions).items():
        faults[places[one]] = conflict
        del found[one]
    if not partial:
        raise_first(faults)
    closed_up = await shot_entries.remove(session, shot=shot_id, entries=list(found))
    theirs = list(dict.fromkeys(entry.generation_id for entry in found.values()))
    told = {"deleted_ids": list(found), "entry_ids": closed_up, "generation_ids": theirs}
    left = items.left_out(faults)
    return Outcome("ShotEntriesRemoved", {**told, "shot_id": shot_id, "left": left})


async def replace(
    session: Writing, id: Id, generation_id: Id, expected_version: int | None = None
) -> Outcome:
    """Let another generation take the place, the frame and the metadata of an entry."""
    entry = await held(session, id)
    mutations.expect(entry, expected_version, KIND, {"generation_id": generation_id})
    await shot_entries.replace(session, entry=id, generation=generation_id)
    both = list(dict.fromkeys((generation_id, entry.generation_id)))
    told = {"entry_id": id, "generation_ids": both, "shot_id": entry.shot_id}
    return Outcome("ShotEntryReplaced", told)


async def duplicate(session: Writing, id: Id, copy_id: Id | None = None) -> Outcome:
    """Put the generation of an entry in its shot once more, right behind it, without metadata."""
    entry = await held(session, id)
    copy = await new_id(session, copy_id)
    changed = await shot_entries.duplicate(session, entry=id, copy=copy)
    return added(entry.shot_id, copy, entry.generation_id, changed)


async def duplicate_as_new_generation(
    session: Writing, id: Id, copy_id: Id | None = None, generation_id: Id | None = None
) -> Outcome:
    """Copy the generation of an entry, based on it, and put the copy right behind the entry."""
    entry = await held(session, id)
    copy = await new_id(session, copy_id)
    if generation_id is not None:
        await mutations.refuse_known(session, generations.by_id, "generation", generation_id)
    made = generation_id or str(uuid4())
    given = {"entry": id, "generation": made, "copy": copy}
    changed = await shot_entries.duplicate_as_new_generation(session, **given)
    return added(entry.shot_id, copy, made, changed)


async def update_metadata(
    session: Writing,
    id: Id,
    patch: Json | None = None,
    unset: tuple[str, ...] | None = None,
    expected_version: int | None = None,
) -> Outcome:
    """Change what is kept with an entry; keys that are not named keep what they have."""
    given, pointers = revisions.checked(patch, unset)
    entry = await held(session, id)
    if expected_version not in (None, entry.version):
        now = await kept(session, id)
        raise mutations.conflict(entry, KIND, [*cascade.differing(given, pointers, now.metadata)])
    return await patched(session, entry, given, pointers)


async def held(session: Writing, id: Id, argument: str = "id") -> Row:
    """An entry that is to be changed, once it is clear that the viewer may do that."""
    return await mutations.held_one(session, shot_entries.hold, KIND, id, argument)


async def held_shot(session: Writing, id: Id) -> None:
    """Keep a shot as it is until this is done, once it is clear that the viewer may change it."""
    await mutations.held_one(session, shots.hold, "shot", id, "shotId")


async def held_in(
    session: Writing, shot_id: Id, ids: Sequence[Id], place: str = "ids[{}]"
) -> Mapping[str, Row]:
    """Entries of a shot that are to be changed; `place` is how the argument names each."""
    found, faults = await found_in(session, shot_id, ids, place)
    raise_first(faults)
    return found


async def found_in(
    session: Writing, shot_id: Id, ids: Sequence[Id], place: str
) -> tuple[dict[str, Row], dict[str, Problem]]:
    """Those that are in the shot, and by their places why others are not."""
    checks.check_number(ids, place.partition("[")[0])
    await held_shot(session, shot_id)
    held = await shot_entries.hold(session, ids)
    found: dict[str, Row] = {
        one: held[one] for one in ids if one in held and held[one].shot_id == shot_id
    }
    return found, {
        place.format(index): NotFound(
            "There is no such shot entry in this shot.", place.format(index)
        )
        for index, one in enumerate(ids)
        if one not in found
    }


def raise_first(faults: Mapping[str, Problem]) -> None:
    """Refuse all because of one."""
    for fault in faults.values():
        raise fault


async def patch(session: Writing, patches: Sequence[Mapping[str, Any]], argument: str) -> None:
    """Patch the metadata of entries, unless that makes one of them too large."""
    if await shot_entries.patch(session, patches) > checks.LARGEST_JSON:
        raise BadInput("The metadata of a shot entry is at most 256 KiB.", argument)


async def _strangers(session: Writing, shot_id: Id, ids: Sequence[Id]) -> dict[str, Problem]:
    """Generations that cannot be in a shot, by their places: they are not of its project."""
    (shot,) = (await shots.by_id(session, [shot_id], ("project_id",))).values()
    found = await generations.by_id(session, list(ids), ("project_id",))
    message = "There is no such generation in the project of the shot."
    return {
        place: NotFound(message, place)
        for place, one in ((f"generationIds[{index}]", one) for index, one in enumerate(ids))
        if one not in found or found[one].project_id != shot.project_id
    }


async def kept(session: Writing, id: str) -> Row:
    """An entry with its metadata as it is now."""
    return (await shot_entries.by_id(session, [id], ("metadata",)))[id]


def changed(shot_id: str, ids: Sequence[str], faults: Mapping[str, Problem] = NO_FAULTS) -> Outcome:
    """That entries of a shot were changed, and by their places why others were not."""
    told = {"entry_ids": ids, "shot_id": shot_id, "left": items.left_out(faults)}
    return Outcome("ShotEntriesChanged", told)


async def new_ids(session: Writing, ids: Sequence[Id] | None, number: int) -> list[str]:
    """The ids that a client chose for new entries, else so many random ones."""
    if ids is None:
        return [str(uuid4()) for _ in range(number)]
    await mutations.refuse_known(session, shot_entries.by_id, KIND, *ids)
    return list(ids)


async def new_id(session: Writing, id: Id | None) -> str:
    """The id that a client chose for a new entry, else a random one."""
    (one,) = await new_ids(session, None if id is None else [id], 1)
    return one


def added(shot_id: str, id: str, generation_id: str, changed: Sequence[str]) -> Outcome:
    """That an entry was added to a shot, and which ones were changed by that."""
    told = {"entry_id": id, "generation_id": generation_id, "entry_ids": changed}
    return Outcome("ShotEntryAdded", {**told, "shot_id": shot_id})


async def patched(session: Writing, entry: Row, given: Any, pointers: Sequence[str]) -> Outcome:
    told = {"unset": list(pointers)} | ({} if given is None else {"patch": given})
    await patch(session, [{"id": entry.id, **told}], "patch")
    return Outcome("ShotEntryChanged", {"entry_id": entry.id, "shot_id": entry.shot_id})
