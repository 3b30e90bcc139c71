"""Timelines: how people place entries on them and move them about."""

from collections.abc import Mapping
from dataclasses import dataclass

from db import shot_entries, timelines
from db.base import Id
from db.errors import BadInput, NotFound, Problem
from db.writing import Writing
from resolvers import checks, entry_metadata, items, mutations
from resolvers import shot_entries as entries
from resolvers.mutations import Outcome

LAST_FRAME = 1_000_000_000


@dataclass(frozen=True)
class EntryFrame:
    """An entry and the frame that it is to have; without one it is taken off the timeline."""

    id: Id
    frame: int | None = None
    expected_version: int | None = None


async def add_at_frame(
    session: Writing, shot_id: Id, generation_id: Id, frame: int, id: Id | None = None
) -> Outcome:
    """Put a generation at a frame of a shot's timeline, or at the nearest free one."""
    checks.check_range("frame", frame, 0, LAST_FRAME)
    await entries.held_shot(session, shot_id)
    entry = await entries.new_id(session, id)
    given = {"shot": shot_id, "generation": generation_id, "entry": entry}
    changed = await shot_entries.add_at_frame(session, **given, frame=frame)
    return entries.added(shot_id, entry, generation_id, changed)


async def move_to_frame(
    session: Writing, id: Id, frame: int, expected_version: int | None = None
) -> Outcome:
    """Move an entry to a frame, or to the nearest free one; one that is unpositioned is placed."""
    checks.check_range("frame", frame, 0, LAST_FRAME)
    entry = await entries.held(session, id)
    mutations.expect(entry, expected_version, entries.KIND, {"frame": frame})
    changed = await timelines.move_to_frame(session, entry=id, frame=frame)
    return entries.changed(entry.shot_id, changed)


async def move_to_position(
    session: Writing, id: Id, position: int, expected_version: int | None = None
) -> Outcome:
    """Move an entry to a position: the frames stay, and those between move up or down.
    An unpositioned entry gets a frame between its new neighbours instead.
    """
    checks.check_position(position)
    entry = await entries.held(session, id)
    mutations.expect(entry, expected_version, entries.KIND, {"position": position})
    changed = await timelines.move_to_position(session, entry=id, position=position)
    return entries.changed(entry.shot_id, changed)


async def move_to_midpoint(
    session: Writing,
    id: Id,
    after: Id | None = None,
    before: Id | None = None,
    expected_version: int | None = None,
) -> Outcome:
    """Move an entry halfway between two others; without one of them, next to the other."""
    if after is None and before is None:
        raise BadInput("There must be a neighbour.", "after")
    entry = await entries.held(session, id)
    mutations.expect(entry, expected_version, entries.KIND, {})
    changed = await timelines.move_to_midpoint(session, entry=id, after=after, before=before)
    return entries.changed(entry.shot_id, changed)


async def set_frames(
    session: Writing, shot_id: Id, frames: tuple[EntryFrame, ...], partial: bool = False
) -> Outcome:
    """Give entries these frames; they may exchange frames among themselves."""
    checks.check_number(frames, "frames")
    for index, one in enumerate(frames):
        checks.check_range(f"frames[{index}].frame", one.frame, 0, LAST_FRAME)
    await entries.held_shot(session, shot_id)
    faults: Mapping[str, Problem] = entries.NO_FAULTS
    if partial:
        frames, faults = await _possible(session, shot_id, frames)
    else:
        await _expect(session, frames)
    given = {"entries": [one.id for one in frames], "frames": [one.frame for one in frames]}
    changed = await timelines.set_frames(session, shot=shot_id, **given)
    return entries.changed(shot_id, changed, faults)


async def reorder(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...],
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Put entries in this order on the frames that they have; those that are not named stay.
    So the entries that are named exchange their frames, and no frame is lost or made.
    """
    checks.check_number(ids)
    await entries.held_shot(session, shot_id)
    if expected_versions is not None:
        found = await entries.held_in(session, shot_id, ids)
        items.expect(found, entries.KIND, ids, expected_versions, items.in_order(found, ids))
    changed = await timelines.reorder(session, shot=shot_id, entries=list(ids))
    return entries.changed(shot_id, changed)


async def swap(
    session: Writing,
    id: Id,
    other_id: Id,
    expected_version: int | None = None,
    other_expected_version: int | None = None,
) -> Outcome:
    """Let two entries of a timeline change places."""
    if id == other_id:
        raise BadInput("There must be two entries.", "otherId")
    places: dict[str, str] = {id: "id", other_id: "otherId"}
    found = await mutations.held(session, shot_entries.hold, entries.KIND, places)
    if found[id].shot_id != found[other_id].shot_id:
        raise BadInput("Both must be in one shot.", "otherId")
    mutations.expect(found[id], expected_version, entries.KIND, {})
    mutations.expect(found[other_id], other_expected_version, entries.KIND, {})
    for one, place in places.items():
        if found[one].frame is None:
            raise BadInput("This shot entry is not on the timeline.", place)
    changed = await timelines.swap(session, entry=id, other=other_id)
    return entries.changed(found[id].shot_id, changed)


async def unposition(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...],
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Take entries off the timeline, all of them or none; they stay in the shot."""
    found = await entries.held_in(session, shot_id, ids)
    items.expect(found, entries.KIND, ids, expected_versions)
    changed = await timelines.unposition(session, shot=shot_id, entries=list(found))
    return entries.changed(shot_id, changed)


async def initialise(
    session: Writing,
    shot_id: Id,
    gap: int = 81,
    smooth: bool = False,
    context_frames: int = 0,
    quantised: bool = False,
) -> Outcome:
    """Give the entries of a timeline even gaps, the first at frame 0; their order stays.
    Locked entries keep their frames: the gaps between them give or take, within 5 to 81 frames.
    """
    await entries.held_shot(session, shot_id)
    rules = {"smooth": smooth, "context_frames": context_frames, "quantised": quantised}
    changed = await timelines.initialise(session, shot=shot_id, gap=gap, **rules)
    return entries.changed(shot_id, changed)


async def fix_spacing(
    session: Writing,
    shot_id: Id,
    smooth: bool = False,
    context_frames: int = 0,
    quantised: bool = False,
) -> Outcome:
    """Bring the gaps of a timeline within what a video model can fill, the first entry to frame 0.
    Locked entries keep their frames: the gaps between them give or take.
    """
    await entries.held_shot(session, shot_id)
    rules = {"smooth": smooth, "context_frames": context_frames, "quantised": quantised}
    return entries.changed(shot_id, await timelines.fix_spacing(session, shot=shot_id, **rules))


async def lock(
    session: Writing,
    shot_id: Id,
    ids: tuple[Id, ...],
    locked: bool,
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Lock entries, so that reordering and spacing leave their frames alone, or unlock them."""
    found = await entries.held_in(session, shot_id, ids)
    if expected_versions is not None:
        now = await shot_entries.by_id(session, list(ids), ("id", "version", "metadata"))
        items.expect(now, entries.KIND, ids, expected_versions, _differs(locked))
    told = {"patch": {"locked": True}} if locked else {"unset": ["/locked"]}
    await entries.patch(session, [{"id": one, **told} for one in found], "ids")
    return entries.changed(shot_id, list(found))


def _differs(locked: bool) -> items.Differing:
    is_locked = entry_metadata.truth("locked")
    return lambda entry: [] if bool(is_locked(entry)) == locked else ["locked"]


async def _possible(
    session: Writing, shot_id: Id, frames: tuple[EntryFrame, ...]
) -> tuple[tuple[EntryFrame, ...], Mapping[str, Problem]]:
    """Those that can have their frames, and by their places why others cannot."""
    held = await shot_entries.hold(session, [one.id for one in frames])
    faults: dict[str, Problem] = {}
    chosen: dict[str, EntryFrame] = {}
    for index, one in enumerate(frames):
        entry, place = held.get(one.id), f"frames[{index}]"
        if entry is None or entry.shot_id != shot_id:
            faults[place] = NotFound("There is no such shot entry in this shot.", f"{place}.id")
        elif one.id in {other.id for other in chosen.values()}:
            faults[place] = BadInput("Each shot entry can be named only once.", f"{place}.id")
        elif one.expected_version not in (None, entry.version):
            changed = [] if entry.frame == one.frame else [f"{place}.frame"]
            faults[place] = mutations.conflict(entry, entries.KIND, changed)
        else:
            chosen[place] = one
    now = await timelines.frames(session, shot_id)
    while (taken := _first_taken(now, chosen)) is not None:
        faults[taken] = BadInput("This frame is taken.", f"{taken}.frame")
        del chosen[taken]
    return tuple(chosen.values()), faults


def _first_taken(now: Mapping[str, int], chosen: Mapping[str, EntryFrame]) -> str | None:
    """The first that would have the frame of another one."""
    moved = {one.id for one in chosen.values()}
    taken = {frame for id, frame in now.items() if id not in moved}
    for place, one in chosen.items():
        if one.frame in taken:
            return place
        if one.frame is not None:
            taken.add(one.frame)
    return None


async def _expect(session: Writing, frames: tuple[EntryFrame, ...]) -> None:
    expecting = [one.id for one in frames if one.expected_version is not None]
    found = await shot_entries.hold(session, expecting) if expecting else {}
    for index, one in enumerate(frames):
        entry = found.get(one.id)
        if entry is not None and one.expected_version not in (None, entry.version):
            changed = [] if entry.frame == one.frame else [f"frames[{index}].frame"]
            raise mutations.conflict(entry, entries.KIND, changed)
