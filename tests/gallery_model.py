"""What a gallery should answer, in plain Python and with no database."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Filter = dict[str, Any]
Frames = dict[str, int | None]
EDGES = ("after", "before")


@dataclass
class Item:
    """A generation: its columns as they are inserted, the takes of it, its places in shots."""

    columns: dict[str, Any]
    takes: list[bool] = field(default_factory=list)
    frames: Frames = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def kind(self) -> str:
        """Whether it is an image or a video."""
        return "VIDEO" if (self.type or "").lower().startswith("video") else "IMAGE"

    @property
    def words(self) -> list[str]:
        """The words of its prompt and its name."""
        return words(f"{self.prompt or ''} {self.name or ''}")

    def placed(self, shots: Sequence[str] | None) -> bool:
        """Whether it has a place in one of the shots, or in any."""
        known = self.frames if shots is None else {s: self.frames.get(s) for s in shots}
        return any(frame is not None for frame in known.values())


def words(text: str) -> list[str]:
    """The words of a text, small and without what divides them."""
    return re.findall(r"\w+", text.lower().replace("_", " "))


def gallery(items: Sequence[Item], given: Filter, shot: str | None = None) -> list[Item]:
    """What of a project, or of a shot, passes the filter."""
    mine = [item for item in items if shot is None or shot in item.frames]
    shown = [item for item in mine if item.location is not None]
    if not wants_children(given):
        shown = [item for item in shown if item.parent_generation_id is None]
    return [item for item in shown if passes(given, item, None if shot is None else [shot])]


def wants_children(given: Filter) -> bool:
    """Whether children are asked for, here or in what must or may hold as well."""
    if given.get("parent") or given.get("includeChildren"):
        return True
    return any(map(wants_children, [*(given.get("and") or []), *(given.get("or") or [])]))


def passes(given: Filter, item: Item, shots: Sequence[str] | None) -> bool:
    """Whether an item passes a filter that looks into these shots, or into all."""
    named = given.get("shots")
    inside = shots if named is None else named
    asked = [(name, value) for name, value in given.items() if value is not None]
    return all(CONDITIONS[name](value, item, inside) for name, value in asked)


def found(typed: str, item: Item) -> bool:
    """Whether its words are all that was typed, the last one maybe unfinished."""
    *whole, begun = words(typed) or [""]
    complete = all(word in item.words for word in whole)
    return complete and (not begun or any(word.startswith(begun) for word in item.words))


CONDITIONS: dict[str, Callable[[Any, Item, Sequence[str] | None], bool]] = {
    "mediaType": lambda value, item, _: item.kind == value,
    "toolTypes": lambda value, item, _: item.tool_type in value,
    "models": lambda value, item, _: item.model in value,
    "starred": lambda value, item, _: item.starred == value,
    "edits": lambda value, item, _: (item.based_on is not None) == value,
    "shots": lambda value, item, _: any(shot in item.frames for shot in value),
    "noShot": lambda value, item, _: (not item.frames) == value,
    "positioned": lambda value, item, shots: item.placed(shots) == value,
    "search": lambda value, item, _: found(value, item),
    "run": lambda value, item, _: item.run_id == value,
    "task": lambda value, item, _: item.task_id == value,
    "parent": lambda value, item, _: item.parent_generation_id == value,
    "includeChildren": lambda *_: True,
    "createdAfter": lambda value, item, _: item.created_at >= datetime.fromisoformat(value),
    "createdBefore": lambda value, item, _: item.created_at < datetime.fromisoformat(value),
    "hasUnviewedVariants": lambda value, item, _: (False in item.takes) == value,
    "and": lambda value, item, shots: all(passes(each, item, shots) for each in value),
    "or": lambda value, item, shots: any(passes(each, item, shots) for each in value),
    "not": lambda value, item, shots: not passes(value, item, shots),
}


def ordered(items: list[Item], order: dict[str, str], shot: str) -> list[str]:
    """The ids in order; frames are those of the shot."""
    by, direction = order["by"], order.get("direction")
    downward = direction == "DESC" if direction else by not in ("NAME", "TIMELINE_FRAME")
    sign = 1 if downward else -1

    def place(item: Item) -> tuple[Any, ...]:
        frame = item.frames.get(shot)
        keys: dict[str, tuple[Any, ...]] = {
            "CREATED_AT": (item.created_at,),
            "UPDATED_AT": (item.updated_at,),
            "NAME": (sign * bool(item.name), item.name or ""),
            "STARRED_FIRST": (item.starred, item.created_at),
            "TIMELINE_FRAME": (sign * (frame is not None), frame or 0),
        }
        return (*keys[by], item.id)

    return [item.id for item in sorted(items, key=place, reverse=downward)]


def page(whole: list[str], asked: dict[str, Any]) -> tuple[list[str], bool, bool]:
    """The ids of a page, and whether there is more before and behind; cursors are ids here."""
    size = next((asked[n] for n in ("first", "last") if asked.get(n) is not None), 50)
    if "around" in asked:
        place = whole.index(asked["around"])
        start = max(0, min(place - max(0, size - 1) // 2, len(whole) - size))
        return window(whole, start if size else place, size)
    if "offset" in asked:
        return window(whole, asked["offset"], size)
    after, before = (asked.get(name) for name in EDGES)
    low = 0 if after is None else whole.index(after) + 1
    high = len(whole) if before is None else whole.index(before)
    part = whole[low:high]
    if asked.get("last") is not None:
        return part[len(part) - min(size, len(part)) :], len(part) > size, before is not None
    return part[:size], after is not None, len(part) > size


def window(whole: list[str], start: int, size: int) -> tuple[list[str], bool, bool]:
    """So many from a place on, and whether there is more before and behind."""
    return whole[start : start + size], start > 0, start + size < len(whole)


def facets(items: list[Item]) -> dict[str, Any]:
    """How many there are of each kind."""
    kinds: dict[str, Callable[[Item], Any]] = {
        "mediaTypes": lambda item: item.kind,
        "toolTypes": lambda item: item.tool_type,
        "models": lambda item: item.model,
        "starred": lambda item: item.starred,
        "unpositioned": lambda item: not item.placed(None),
        "days": lambda item: item.created_at.date().isoformat(),
    }
    counted = {name: Counter(map(kind, items)) for name, kind in kinds.items()}
    shown = {name: facet(counts, newest=name == "days") for name, counts in counted.items()}
    return {"total": len(items)} | shown


def facet(counts: Counter[Any], newest: bool) -> list[dict[str, Any]]:
    """The most frequent first, days the newest first."""
    known = [(value, count) for value, count in counts.items() if value is not None]
    known.sort(key=lambda pair: (0 if newest else -pair[1], pair[0]))
    shown = [{"value": value, "count": count} for value, count in known]
    return shown[::-1] if newest else shown
