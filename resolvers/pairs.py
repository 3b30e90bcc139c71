"""Pairs: how people prompt the transitions of a timeline, and set them up each for itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from db import shot_entries
from db.base import Id, Json
from db.errors import BadInput
from db.rows import Row
from db.writing import Writing
from engine.arguments import shown
from resolvers import cascade, entry_metadata, items, mutations, revisions
from resolvers import shot_entries as entries
from resolvers.mutations import Outcome

# The keys of an entry's metadata under which its pair's prompts are kept.
KEYS = {
    "prompt": "pair_prompt",
    "negative_prompt": "pair_negative_prompt",
    "enhanced_prompt": "enhanced_prompt",
}


class Overrides(Enum):
    """The keys under which an entry keeps settings of its own; the first is the one in use."""

    SEGMENT = ("segmentOverrides", "segment_overrides")
    IMAGE = ("user_overrides",)


@dataclass(frozen=True)
class PairPrompts:
    """The prompts of the pair that begins with an entry; those left out stay as they are."""

    id: Id
    prompt: str | None = None
    negative_prompt: str | None = None
    enhanced_prompt: str | None = None
    expected_version: int | None = None


def pair(slot: Row) -> Row:
    """The two images between which the segment plays, and its prompts."""
    return slot


async def set_prompts(session: Writing, shot_id: Id, pairs: tuple[PairPrompts, ...]) -> Outcome:
    """Prompt pairs of a timeline, all of them or none.
    A pair is named by the entry that it begins with. Prompts that are left out stay, and an empty
    one takes the prompt away, so that what the shot says holds again.
    """
    found = await entries.held_in(session, shot_id, [one.id for one in pairs], "pairs[{}].id")
    if len(found) < len(pairs):
        raise BadInput("Each pair can be named only once.", "pairs")
    for index, one in enumerate(pairs):
        await _refuse_other_version(session, found[one.id], one, f"pairs[{index}]")
    await entries.patch(session, [_patch(one) for one in pairs], "pairs")
    return entries.changed(shot_id, list(found))


async def clear_enhanced(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...] | None = None,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Forget the enhanced prompts of a shot: those of the pairs that are named, else all of them.
    What people wrote themselves stays.
    """
    return await _forgotten(session, shot_id, ids, expected_versions, [KEYS["enhanced_prompt"]])


async def reset(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...] | None = None,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Forget all prompts of pairs, negative and enhanced ones too, so that the shot's own hold.
    It is done with the pairs that are named, else with all of the shot.
    """
    return await _forgotten(session, shot_id, ids, expected_versions, list(KEYS.values()))


async def update_overrides(
    session: Writing,
    id: Id,
    of: Overrides = Overrides.SEGMENT,
    patch: Json | None = None,
    unset: tuple[str, ...] | None = None,
    expected_version: int | None = None,
) -> Outcome:
    """Change the settings that an entry has of its own; those not named keep what they have."""
    given, pointers = revisions.checked(patch, unset)
    entry = await entries.held(session, id)
    now = await entries.kept(session, id)
    if expected_version not in (None, entry.version):
        overrides = entry_metadata.anything(*of.value)(now)
        differing = cascade.differing(given, pointers, overrides)
        raise mutations.conflict(entry, entries.KIND, list(differing))
    in_use = next(
        (key for key in of.value if entry_metadata.anything(key)(now) is not None), of.value[0]
    )
    inside = None if given is None else {in_use: given}
    places = [f"/{key}{pointer}" for key in of.value for pointer in pointers]
    return await entries.patched(session, entry, inside, places)


async def _forgotten(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...] | None,
    versions: tuple[int, ...] | None,
    keys: Sequence[str],
) -> Outcome:
    found: Mapping[str, Row] = {}
    if ids is None:
        await entries.held_shot(session, shot_id)
    else:
        found = await entries.held_in(session, shot_id, ids)
    items.expect(found, entries.KIND, ids or (), versions)
    return entries.changed(shot_id, await shot_entries.forget(session, shot_id, ids, keys))


async def _refuse_other_version(
    session: Writing, entry: Row, given: PairPrompts, place: str
) -> None:
    if given.expected_version in (None, entry.version):
        return
    now = await entries.kept(session, entry.id)
    changed = [
        f"{place}.{shown(name)}"
        for name, sent in _sent(given)
        if (entry_metadata.text(KEYS[name])(now) or "") != sent
    ]
    raise mutations.conflict(entry, entries.KIND, changed)


def _patch(given: PairPrompts) -> Mapping[str, Any]:
    """Texts are merged in; empty ones take their keys out."""
    sent = list(_sent(given))
    return {
        "id": given.id,
        "patch": {KEYS[name]: text for name, text in sent if text},
        "unset": [f"/{KEYS[name]}" for name, text in sent if not text],
    }


def _sent(given: PairPrompts) -> Iterator[tuple[str, str]]:
    for name in KEYS:
        text = getattr(given, name)
        if text is not None:
            yield name, text
