"""A long random walk over every operation: the database agrees with a plain model at each step."""

import random
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.studio import Studio
from tests.timeline import Timeline
from tests.timeline_model import Model, RefusedError

STEPS = 400
REFUSALS = {"DL001", "22023", "23505"}


class Walk:
    """Does the same at random to a shot and to its model."""

    def __init__(self, timeline: Timeline, seed: int) -> None:
        self.timeline = timeline
        self.chance = random.Random(seed)
        self.model = Model()
        self.generations = [timeline.generation() for _ in range(4)]
        self.refused = 0

    def step(self) -> None:
        """One operation on both; both do it, or both refuse."""
        acts = [value for name, value in vars(Walk).items() if name.startswith("do_")]
        act, modelled = self.chance.choice(acts)(self)
        try:
            modelled()
        except RefusedError:
            self.refused += 1
            with pytest.raises(psycopg.Error) as error:
                act()
            assert error.value.sqlstate in REFUSALS
        else:
            act()
        self.check()

    def check(self) -> None:
        """Places, waiting entries and what generations know."""
        assert self.timeline.line() == self.model.line()
        entries = self.timeline.entries()
        assert {e["id"] for e in entries} == set(self.model.frames)
        for generation in self.generations:
            mine = [e["timeline_frame"] for e in entries if e["generation_id"] == generation]
            placed = [frame for frame in mine if frame is not None]
            (row,) = self.timeline.rows(
                "select shot_data from generations where id = %s", (generation,)
            )
            lowest = min(placed, default=None)
            assert row["shot_data"] == ({self.timeline.shot: lowest} if mine else {})

    def call(self, function: str, *arguments: Any) -> Callable[[], object]:
        return lambda: self.timeline.call(function, *arguments)

    def wrote(self, entry: str, **values: Any) -> Callable[[], object]:
        return lambda: self.timeline.write(entry, **values)

    def entry(self) -> str:
        return self.chance.choice([*self.model.frames] or [self.added()])

    def added(self) -> str:
        """An entry more, on both sides."""
        shot, generation = self.timeline.shot, self.chance.choice(self.generations)
        (row,) = self.timeline.call("add_generation_to_shot", shot, generation)
        self.model.append(row["id"])
        return str(row["id"])

    def frame(self) -> int:
        return self.chance.choice([self.chance.randrange(12), self.chance.randrange(400)])

    def some(self) -> list[str]:
        everybody = self.chance.random() < 0.2
        entries = [*self.model.frames] if everybody else self.model.order()
        return self.chance.sample(entries, min(len(entries), self.chance.randint(0, 12)))

    def do_append(self) -> Any:
        return self.added, lambda: None

    def do_add_waiting(self) -> Any:
        entry = self.added()
        act = self.call("unposition_entries", self.timeline.shot, [entry])
        return act, lambda: self.model.frames.update({entry: None})

    def do_add_at_frame(self) -> Any:
        entry, frame = self.added(), self.frame()
        act = self.call("move_entry_to_frame", entry, frame)
        return act, lambda: self.model.set_at(entry, frame)

    def do_move_to_frame(self) -> Any:
        entry, frame = self.entry(), self.frame()
        act = self.call("move_entry_to_frame", entry, frame)
        return act, lambda: self.model.set_at(entry, frame)

    def do_move_to_position(self) -> Any:
        entry, rank = self.entry(), self.chance.randrange(12)
        act = self.call("move_entry_to_position", entry, rank)
        return act, lambda: self.model.move_to_rank(entry, rank)

    def do_write_position(self) -> Any:
        entry, rank = self.entry(), self.chance.randrange(12)
        act = self.wrote(entry, position=rank)
        return act, lambda: self.model.move_to_rank(entry, rank)

    def do_write_frame(self) -> Any:
        entry, frame = self.entry(), self.chance.choice([None, self.frame()])
        act = self.wrote(entry, timeline_frame=frame)
        return act, lambda: self.model.set_frames({entry: frame})

    def do_write_null(self) -> Any:
        entry = self.entry()
        act = self.wrote(entry, position=None)
        return act, lambda: self.model.set_frames({entry: None})

    def do_reorder(self) -> Any:
        entries = self.some()
        act = self.call("reorder_entries", self.timeline.shot, entries)
        return act, lambda: self.model.permute(entries)

    def do_swap(self) -> Any:
        pair = [self.entry(), self.entry()]
        there = sorted(pair, key=lambda e: self.model.frames[e] or 0, reverse=True)
        return self.call("swap_entries", *pair), lambda: self.model.permute(there)

    def do_set_frames(self) -> Any:
        wanted = {entry: self.chance.choice([None, self.frame()]) for entry in self.some()}
        given = (self.timeline.shot, [*wanted], [*wanted.values()])
        statement = "select * from set_entry_frames(%s, %s::uuid[], %s::integer[])"
        return lambda: self.timeline.rows(statement, given), lambda: self.model.set_frames(wanted)

    def do_midpoint(self) -> Any:
        entry, after, before = self.entry(), *self.neighbours()
        act = self.call("move_entry_to_midpoint", entry, after, before)
        return act, lambda: self.model.move_between(entry, after, before)

    def neighbours(self) -> list[str | None]:
        order = [None, *self.model.order(), None]
        rank = self.chance.randrange(len(order) - 1)
        return order[rank : rank + 2]

    def do_space(self) -> Any:
        gap, smooth = self.chance.choice([None, 3, 40]), self.chance.random() < 0.5
        arguments = (smooth,) if gap is None else (gap, smooth)
        name = "fix_timeline_spacing" if gap is None else "initialise_frames"
        act = self.call(name, self.timeline.shot, *arguments)
        return act, lambda: self.model.space(gap, 77 if smooth else 81)

    def do_remove(self) -> Any:
        entry = self.entry()
        act = self.call("remove_entries", self.timeline.shot, [entry])
        return act, lambda: self.model.frames.pop(entry)

    def do_replace(self) -> Any:
        act = self.call("replace_in_shot", self.entry(), self.chance.choice(self.generations))
        return act, lambda: None

    def do_lock(self) -> Any:
        entry = self.entry()
        held = self.chance.random() < 0.3
        keep = self.model.locked.add if held else self.model.locked.discard
        act = self.wrote(entry, metadata=Jsonb({"locked": held}))
        return act, lambda: keep(entry)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_walk_keeps_every_rule(studio: Studio, seed: int) -> None:
    walk = Walk(Timeline(studio), seed)
    for _ in range(STEPS):
        walk.step()
    assert walk.refused > 10
