"""Everything that people do to the entries of a shot: as a mutation, and as the model does it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from tests.timeline_model import PROMPTS, Shot, refuse_if

Dice = tuple[int, ...]


@dataclass(frozen=True)
class Act:
    """A mutation, what it does to the model, and which entries it lets go from their frames."""

    name: str
    given: dict[str, Any]
    apply: Callable[[Shot], None]
    named: set[str] = field(default_factory=set)


class Acts:
    """Makes acts of thrown dice: each number picks something from what there is at that moment."""

    def __init__(self, shot: str) -> None:
        self.shot = shot
        self.count = 0

    def act(self, model: Shot, kind: str, dice: Dice) -> Act:
        """An act of a kind."""
        made: Act = getattr(self, kind)(Throw(model, dice))
        return made

    def new(self) -> str:
        """An id that nothing has yet."""
        self.count += 1
        return str(uuid5(NAMESPACE_OID, f"{self.shot} {self.count}"))

    def of_shot(self, name: str, apply: Callable[[Shot], None], **given: Any) -> Act:
        """An act on entries of the shot."""
        return Act(name, {"shotId": self.shot, **given}, apply)

    def add(self, throw: "Throw") -> Act:
        """At the end, or waiting."""
        entry, generation, placed = self.new(), throw.generation(), throw.chance(4)

        def apply(model: Shot) -> None:
            model.add(entry, generation)
            if placed:
                model.append(entry)

        given = {"generationId": generation, "id": entry, "placed": placed}
        return self.of_shot("addToShot", apply, **given)

    def add_at_position(self, throw: "Throw") -> Act:
        entry, generation, rank = self.new(), throw.generation(), throw.rank()

        def apply(model: Shot) -> None:
            model.add(entry, generation)
            model.insert(entry, rank)

        given = {"generationId": generation, "id": entry, "position": rank}
        return self.of_shot("addToShot", apply, **given)

    def add_at_frame(self, throw: "Throw") -> Act:
        entry, generation, frame = self.new(), throw.generation(), throw.frame()

        def apply(model: Shot) -> None:
            model.add(entry, generation)
            model.set_at(entry, frame)

        given = {"generationId": generation, "id": entry, "frame": frame}
        return self.of_shot("addToShotAtFrame", apply, **given)

    def add_many(self, throw: "Throw") -> Act:
        generations = [throw.generation() for _ in range(1 + throw.next() % 3)]
        entries, placed = [self.new() for _ in generations], throw.chance(3)

        def apply(model: Shot) -> None:
            for entry, generation in zip(entries, generations, strict=True):
                model.add(entry, generation)
                if placed:
                    model.append(entry)

        given = {"generationIds": generations, "ids": entries, "placed": placed}
        return self.of_shot("addManyToShot", apply, **given)

    def remove(self, throw: "Throw") -> Act:
        entries = throw.some(2)

        def apply(model: Shot) -> None:
            model.find(*entries)
            model.remove(entries)

        return self.of_shot("removeFromShot", apply, ids=entries)

    def replace(self, throw: "Throw") -> Act:
        entry, generation = throw.entry(), throw.generation()

        def apply(model: Shot) -> None:
            model.find(entry)
            refuse_if(generation not in model.known)
            model.generations[entry] = generation

        return Act("replaceInShot", {"id": entry, "generationId": generation}, apply)

    def duplicate(self, throw: "Throw") -> Act:
        entry, copy = throw.entry(), self.new()

        def apply(model: Shot) -> None:
            model.find(entry)
            model.duplicate(entry, copy, model.generations[entry])

        return Act("duplicateEntry", {"id": entry, "copyId": copy}, apply)

    def duplicate_as_new(self, throw: "Throw") -> Act:
        entry, copy, generation = throw.entry(), self.new(), self.new()

        def apply(model: Shot) -> None:
            model.find(entry)
            model.known.append(generation)
            model.duplicate(entry, copy, generation)

        given = {"id": entry, "copyId": copy, "generationId": generation}
        return Act("duplicateAsNewGeneration", given, apply)

    def move_to_frame(self, throw: "Throw") -> Act:
        entry, frame = throw.entry(), throw.frame()

        def apply(model: Shot) -> None:
            model.find(entry)
            model.set_at(entry, frame)

        return Act("moveEntryToFrame", {"id": entry, "frame": frame}, apply, {entry})

    def move_to_position(self, throw: "Throw") -> Act:
        entry, rank = throw.entry(), throw.rank()

        def apply(model: Shot) -> None:
            model.find(entry)
            model.move_to_rank(entry, rank)

        # One that waits may be locked: it has no frame to keep.
        return Act("moveEntryToPosition", {"id": entry, "position": rank}, apply)

    def move_between(self, throw: "Throw") -> Act:
        entry, after, before = throw.entry(), *throw.neighbours()

        def apply(model: Shot) -> None:
            model.find(entry)
            model.move_between(entry, after, before)

        given = {"id": entry, "after": after, "before": before}
        return Act("moveEntryToMidpoint", given, apply)

    def set_frames(self, throw: "Throw") -> Act:
        entries = throw.some(4)
        frames = [None if throw.next() % 5 == 0 else throw.frame() for _ in entries]
        wanted = dict(zip(entries, frames, strict=True))

        def apply(model: Shot) -> None:
            model.find(*wanted)
            model.set_frames(wanted)

        given = [{"id": entry, "frame": frame} for entry, frame in wanted.items()]
        act = self.of_shot("setEntryFrames", apply, frames=given)
        return Act(act.name, act.given, apply, set(wanted))

    def exchange(self, throw: "Throw") -> Act:
        """The same with the frames that the entries have."""
        entries = throw.placed()
        frames = [throw.model.frames.get(entry) for entry in entries]
        wanted = dict(zip(entries, frames[1:] + frames[:1], strict=True))

        def apply(model: Shot) -> None:
            model.find(*wanted)
            model.set_frames(wanted)

        given = [{"id": entry, "frame": frame} for entry, frame in wanted.items()]
        act = self.of_shot("setEntryFrames", apply, frames=given)
        return Act(act.name, act.given, apply, set(wanted))

    def reorder(self, throw: "Throw") -> Act:
        entries = throw.placed()

        def apply(model: Shot) -> None:
            model.permute(entries)

        return self.of_shot("reorderEntries", apply, ids=entries)

    def swap(self, throw: "Throw") -> Act:
        one, other = throw.entry(), throw.entry()

        def apply(model: Shot) -> None:
            model.find(one, other)
            refuse_if(one == other)
            model.permute(sorted((one, other), key=lambda e: model.frames[e] or 0, reverse=True))

        return Act("swapEntries", {"id": one, "otherId": other}, apply)

    def unposition(self, throw: "Throw") -> Act:
        entries = throw.some(2)

        def apply(model: Shot) -> None:
            model.find(*entries)
            model.set_frames(dict.fromkeys(entries))

        act = self.of_shot("unpositionEntries", apply, ids=entries)
        return Act(act.name, act.given, apply, set(entries))

    def initialise(self, throw: "Throw") -> Act:
        return self.space(throw, "initialiseFrames", (3, 30, 200)[throw.next() % 3])

    def fix_spacing(self, throw: "Throw") -> Act:
        return self.space(throw, "fixTimelineSpacing", None)

    def space(self, throw: "Throw", name: str, gap: int | None) -> Act:
        smooth, context = throw.chance(2), (0, 8, 39)[throw.next() % 3]
        longest = (77 if smooth else 81) - 2 * context

        def apply(model: Shot) -> None:
            refuse_if(longest < 5)
            model.space(gap, longest)

        given = {"smooth": smooth, "contextFrames": context}
        return self.of_shot(name, apply, **given | ({} if gap is None else {"gap": gap}))

    def lock(self, throw: "Throw") -> Act:
        entries, locked = throw.some(2), throw.chance(3)

        def apply(model: Shot) -> None:
            model.find(*entries)
            keep = model.locked.update if locked else model.locked.difference_update
            keep(entries)

        act = self.of_shot("lockEntries", apply, ids=entries, locked=locked)
        return Act(act.name, act.given, apply, set() if locked else set(entries))

    def update_metadata(self, throw: "Throw") -> Act:
        entry, key, number = throw.entry(), f"key {throw.next() % 3}", throw.next()
        unset = f"key {throw.next() % 3}"

        def apply(model: Shot) -> None:
            model.find(entry)
            model.forget([entry], [unset])
            model.metadata[entry][key] = number

        given = {"id": entry, "patch": {key: number}, "unset": [f"/{unset}"]}
        return Act("updateEntryMetadata", given, apply)

    def set_prompts(self, throw: "Throw") -> Act:
        entries = throw.some(3)
        prompts = {entry: ("", f"slow {throw.next()}")[throw.next() % 2] for entry in entries}

        def apply(model: Shot) -> None:
            model.find(*entries)
            for entry, prompt in prompts.items():
                model.metadata[entry] |= {"pair_prompt": prompt, "enhanced_prompt": "better"}
                model.forget([entry], [] if prompt else ["pair_prompt"])

        pairs = [
            {"id": entry, "prompt": prompt, "enhancedPrompt": "better"}
            for entry, prompt in prompts.items()
        ]
        return self.of_shot("setPairPrompts", apply, pairs=pairs)

    def clear_enhanced(self, throw: "Throw") -> Act:
        return self.forget(throw, "clearEnhancedPrompts", PROMPTS[2:])

    def reset_pairs(self, throw: "Throw") -> Act:
        return self.forget(throw, "resetPairs", PROMPTS)

    def forget(self, throw: "Throw", name: str, keys: tuple[str, ...]) -> Act:
        entries = throw.some(2) if throw.chance(2) else None

        def apply(model: Shot) -> None:
            model.find(*entries or ())
            model.forget(model.frames if entries is None else entries, keys)

        return self.of_shot(name, apply, **({} if entries is None else {"ids": entries}))

    def update_overrides(self, throw: "Throw") -> Act:
        entry, number = throw.entry(), throw.next()

        def apply(model: Shot) -> None:
            model.find(entry)
            model.metadata[entry].setdefault("segmentOverrides", {})["seed"] = number

        return Act("updateEntryOverrides", {"id": entry, "patch": {"seed": number}}, apply)

    def delete_generation(self, throw: "Throw") -> Act:
        """Not an act on entries, but it takes them along; seldom, for few are made."""
        if throw.chance(2):
            return self.duplicate_as_new(throw)
        generation = throw.generation()
        return Act(
            "deleteGenerations", {"ids": [generation]}, lambda model: model.delete(generation)
        )


KINDS = sorted(
    name
    for name in vars(Acts)
    if not name.startswith("_") and name not in ("act", "new", "of_shot", "space", "forget")
)


class Throw:
    """Dice that pick from what is there; with nothing there they pick what never was."""

    def __init__(self, model: Shot, dice: Dice) -> None:
        self.model = model
        self.dice = list(dice)

    def next(self) -> int:
        """The next number; they begin anew when all are used."""
        self.dice.append(self.dice.pop(0))
        return self.dice[-1]

    def chance(self, of: int) -> bool:
        """True except once in so many."""
        return self.next() % of > 0

    def generation(self) -> str:
        """One of the project, or one that is gone."""
        known = self.model.known or [str(uuid5(NAMESPACE_OID, "nothing"))]
        return known[self.next() % len(known)]

    def entry(self) -> str:
        """One of the shot."""
        return self.pick([*self.model.frames])

    def pick(self, entries: list[str]) -> str:
        """One of these."""
        there = entries or [str(uuid5(NAMESPACE_OID, "nothing"))]
        return there[self.next() % len(there)]

    def some(self, most: int) -> list[str]:
        """One or a few different ones of the shot."""
        return list(dict.fromkeys(self.entry() for _ in range(1 + self.next() % most)))

    def placed(self) -> list[str]:
        """Different ones on the timeline, in any order, and seldom one that is not."""
        order = self.model.order()
        picked = [self.pick(order) for _ in range(1 + self.next() % 6)]
        return list(dict.fromkeys(picked + ([] if self.chance(8) else [self.entry()])))

    def neighbours(self) -> tuple[str | None, str | None]:
        """Two that stand side by side, or an end."""
        order = [None, *self.model.order(), None]
        rank = self.next() % (len(order) - 1)
        return order[rank], order[rank + 1]

    def rank(self) -> int:
        return self.next() % 8

    def frame(self) -> int:
        """Mostly where others are."""
        return self.next() % (12 if self.chance(2) else 300)
