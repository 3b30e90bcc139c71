"""What a shot should look like after each operation, in plain Python and with no database."""

from collections.abc import Iterable
from copy import deepcopy
from itertools import pairwise
from typing import Any

PROMPTS = ("pair_prompt", "pair_negative_prompt", "enhanced_prompt")


class RefusedError(Exception):
    """The operation cannot be done; nothing has changed."""


class Model:
    """The frames of a shot's entries, None for those that wait."""

    def __init__(self) -> None:
        self.frames: dict[str, int | None] = {}
        self.locked: set[str] = set()

    def line(self) -> list[tuple[str, int]]:
        """Placed entries in order with their frames."""
        placed = [(e, f) for e, f in self.frames.items() if f is not None]
        return sorted(placed, key=lambda pair: pair[1])

    def order(self) -> list[str]:
        """Placed entries in order."""
        return [entry for entry, _ in self.line()]

    def taken(self) -> list[int]:
        """Frames in order."""
        return [frame for _, frame in self.line()]

    def append(self, entry: str) -> None:
        """Behind the last, at the pace of the others."""
        self.frames[entry] = behind(self.taken())

    def set_at(self, entry: str, frame: int) -> None:
        """At a frame or the nearest free one, later first."""
        others = {f for e, f in self.line() if e != entry}
        free = (f for f in range(frame + len(others) + 2) if f not in others)
        self.frames[entry] = min(free, key=lambda f: (abs(f - frame), -f))

    def set_frames(self, wanted: dict[str, int | None]) -> None:
        """All of these, unless two would meet."""
        frames = [f for f in (self.frames | wanted).values() if f is not None]
        refuse_if(len(frames) != len(set(frames)))
        self.frames |= wanted

    def permute(self, entries: list[str]) -> None:
        """In this order on the frames that they have."""
        mine = {e: f for e, f in self.frames.items() if e in entries}
        refuse_if(len(mine) != len(entries) or None in mine.values())
        wanted = dict(zip(entries, sorted(f for f in mine.values() if f is not None), strict=True))
        refuse_if(any(self.frames[e] != f for e, f in wanted.items() if e in self.locked))
        self.frames |= wanted

    def move_to_rank(self, entry: str, rank: int) -> None:
        """On the line over its frames, around locked ones; from outside between neighbours."""
        order = self.order()
        if entry not in order:
            self.insert(entry, rank)
            return
        rank = min(rank, len(order) - 1)
        if order[rank] == entry:
            return
        refuse_if(entry in self.locked or order[rank] in self.locked)
        loose = [e for e in order if e not in self.locked and e != entry]
        seats = [e if e in self.locked else None for e in order]
        seats[rank] = entry
        self.permute([seat or loose.pop(0) for seat in seats])

    def insert(self, entry: str, rank: int) -> None:
        """At a rank, halfway between its neighbours, or where the fewest have to move."""
        taken, order = self.taken(), self.order()
        if rank >= len(taken):
            self.append(entry)
            return
        low, high = (taken[rank - 1] if rank else -1), taken[rank]
        if high - low > 1:
            self.frames[entry] = (max(low, 0) + high) // 2
            return
        runs = [run for run in self.runs(rank) if not self.locked & {order[i] for i in run[0]}]
        refuse_if(not runs)
        moved, step, frame = min(runs, key=lambda run: (len(run[0]), -run[1]))
        self.frames |= {order[i]: taken[i] + step for i in moved} | {entry: frame}

    def runs(self, rank: int) -> list[tuple[list[int], int, int]]:
        """The ranks that would make room, later and earlier: how they move, the frame they free."""
        taken = self.taken()
        later, earlier = [rank], [rank - 1]
        while later[-1] + 1 < len(taken) and taken[later[-1] + 1] == taken[later[-1]] + 1:
            later.append(later[-1] + 1)
        while earlier[-1] > 0 and taken[earlier[-1] - 1] == taken[earlier[-1]] - 1:
            earlier.append(earlier[-1] - 1)
        found = [(later, 1, taken[rank])]
        if rank and taken[earlier[-1]] > 0:
            found.append((earlier, -1, taken[rank - 1]))
        return found

    def move_between(self, entry: str, after: str | None, before: str | None) -> None:
        """Right behind the one, or in front of the other."""
        refuse_if(entry in self.locked)
        order = [e for e in self.order() if e != entry]
        named = [e for e in (after, before) if e is not None]
        refuse_if(not named or any(e not in order for e in named))
        refuse_if(len(named) == 2 and order.index(named[0]) >= order.index(named[1]))
        rank = order.index(after) + 1 if after else order.index(named[0])
        was = self.frames.pop(entry)
        try:
            self.insert(entry, rank)
        except RefusedError:
            self.frames[entry] = was
            raise

    def space(self, gap: int | None, longest: int) -> None:
        """Gaps within 5 and the longest, locked entries where they are."""
        order, taken = self.order(), self.taken()
        gaps = [max(5, min(longest, gap or b - a)) for a, b in pairwise(taken)]
        start = taken[0] if order and order[0] in self.locked else 0
        spaced, anchor = [start, *gaps], 0
        for i, entry in enumerate(order):
            if i and entry in self.locked:
                missing = taken[i] - sum(spaced[: i + 1])
                for j in range(anchor + 1, i + 1):
                    share = max(5, min(longest, spaced[j] + missing)) - spaced[j]
                    spaced[j], missing = spaced[j] + share, missing - share
                refuse_if(missing != 0)
                anchor = i
        self.frames |= {e: sum(spaced[: i + 1]) for i, e in enumerate(order)}


class Shot(Model):
    """The same with all that is kept with entries, and with the generations of the project."""

    def __init__(self, generations: Iterable[str]) -> None:
        super().__init__()
        self.known = list(generations)
        self.generations: dict[str, str] = {}
        self.metadata: dict[str, dict[str, Any]] = {}

    def copy(self) -> "Shot":
        """The same to try something on."""
        return deepcopy(self)

    def state(self) -> dict[str, tuple[int | None, str, dict[str, Any]]]:
        """Frame, generation and metadata of every entry."""
        return {
            entry: (frame, self.generations[entry], self.metadata[entry] | self.lock_of(entry))
            for entry, frame in self.frames.items()
        }

    def lock_of(self, entry: str) -> dict[str, Any]:
        """What metadata say of a lock."""
        return {"locked": True} if entry in self.locked else {}

    def find(self, *entries: str) -> None:
        """All of these must be there."""
        refuse_if(not set(entries) <= set(self.frames))

    def add(self, entry: str, generation: str) -> None:
        """A generation more, which waits."""
        refuse_if(generation not in self.known)
        self.frames[entry], self.generations[entry] = None, generation
        self.metadata[entry] = {}

    def remove(self, entries: Iterable[str]) -> None:
        """These are gone, and with them their locks."""
        for entry in entries:
            del self.frames[entry], self.generations[entry], self.metadata[entry]
            self.locked.discard(entry)

    def duplicate(self, entry: str, copy: str, generation: str) -> None:
        """A generation right behind an entry, or waiting as it does."""
        self.add(copy, generation)
        if entry in self.order():
            self.insert(copy, self.order().index(entry) + 1)

    def delete(self, generation: str) -> None:
        """A generation is gone from the project, and so from the shot."""
        refuse_if(generation not in self.known)
        self.known.remove(generation)
        self.remove([e for e, g in self.generations.items() if g == generation])

    def forget(self, entries: Iterable[str], keys: Iterable[str]) -> None:
        """Keys are gone from the metadata of entries."""
        for entry in entries:
            for key in keys:
                self.metadata[entry].pop(key, None)


def behind(taken: list[int]) -> int:
    """The frame that an append gets."""
    if not taken:
        return 0
    if len(taken) == 1:
        return taken[0] + 81
    whole, steps = taken[-1] - taken[0], len(taken) - 1
    return taken[-1] + max(10, min(81, (2 * whole + steps) // (2 * steps)))


def refuse_if(wrong: bool) -> None:
    """Stops an operation that breaks a rule."""
    if wrong:
        raise RefusedError
