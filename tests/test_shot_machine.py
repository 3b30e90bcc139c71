"""Whatever several people do to a shot, one after another or at once: it is as the model says."""

import asyncio
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from db.cursors import Cursors
from db.session import Database
from tests.asking import Asking
from tests.placing import SHOWN, Placing
from tests.shot_acts import KINDS, Act, Acts, Dice
from tests.studio import Studio
from tests.test_places_together import wrong_shot_data
from tests.timeline_model import RefusedError, Shot

PEOPLE = 3
GENERATIONS = 3
DICE = some.tuples(*[some.integers(0, 999)] * 6)
THROWS = some.tuples(some.sampled_from(KINDS), DICE, some.integers(0, PEOPLE - 1))
PROBLEMS = ("ValidationFailed", "NotFound", "Conflict", "Refused")

Throws = tuple[str, Dice, int]


class Stage:
    """Where machines run: a loop, and the connections of the gateway."""

    def __init__(self, gateway_url: str, studio: Studio) -> None:
        self.runner = asyncio.Runner()
        self.database = Database(gateway_url, Cursors(b"secret"))
        self.studio = studio
        self.outcomes: set[tuple[str, str]] = set()
        self.runner.run(self.database.open())

    def close(self) -> None:
        """Give everything back."""
        self.runner.run(self.database.close())
        self.runner.close()


class ShotMachine(RuleBasedStateMachine):
    """One shot, on which people act, and its model."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.placing = Placing(Asking(self.stage.database), self.stage.studio)
        self.people = [self.placing.viewer, *(self.placing.member("editor") for _ in range(2))]
        self.guest = self.placing.member("viewer")
        self.acts = Acts(self.placing.shot)
        self.model = Shot(self.placing.timeline.generation() for _ in range(GENERATIONS))
        self.fill()

    def fill(self) -> None:
        """Some entries to begin with."""
        for frame, generation in zip((0, 1, 30, None), self.model.known * 2, strict=False):
            entry = self.placing.studio.entry(
                self.placing.shot, generation, frame, id=self.acts.new()
            )
            self.model.add(entry, generation)
            self.model.frames[entry] = frame

    @rule(throw=THROWS)
    def alone(self, throw: Throws) -> None:
        """One acts: whoever's place or metadata changes by that is told of."""
        act = self.acts.act(self.model, *throw[:2])
        before = self.entries()
        (told,) = self.told([(act, self.people[throw[2]])])
        after = self.entries()
        changed = {id for id in after if after[id] != before.get(id)}
        if act.name != "deleteGenerations":
            assert changed <= shown(told), (act, changed)
        for entry in told.get("shotEntries", []):
            assert entry["position"] == after[entry["id"]]["position"]
        self.follow([act], [told])

    @rule(throws=some.lists(THROWS, min_size=2, max_size=3))
    def together(self, throws: list[Throws]) -> None:
        """Several act at once: it comes to what it would one after another, in some order."""
        acts = [self.acts.act(self.model, kind, dice) for kind, dice, _ in throws]
        people = [self.people[person] for *_, person in throws]
        self.follow(acts, self.told(list(zip(acts, people, strict=True))))

    @rule(throw=THROWS)
    def by_a_guest(self, throw: Throws) -> None:
        """Who may only look changes nothing."""
        act = self.acts.act(self.model, *throw[:2])
        (told,) = self.told([(act, self.guest)])
        assert told["__typename"] in PROBLEMS, (act, told)

    @invariant()
    def places_and_mirrors_hold(self) -> None:
        """The database is as the model, its positions are ranks, and generations know of it."""
        assert self.placing.line() == self.model.line()
        assert self.state() == self.model.state()
        assert wrong_shot_data(self.placing.timeline) == []

    def told(self, acts: list[tuple[Act, str]]) -> list[Any]:
        """What acts come to that begin at the same time."""

        async def all_of_them() -> list[Any]:
            tellings = (self.placing.told(act.name, person, **act.given) for act, person in acts)
            return await asyncio.gather(*tellings)

        return self.stage.runner.run(all_of_them())

    def follow(self, acts: list[Act], told: list[Any]) -> None:
        """Let the model do the same in an order that comes to the same."""
        now, before = self.state(), self.model
        for order in permutations(range(len(acts))):
            model, done = before, [False] * len(acts)
            for index in order:
                model, done[index] = tried(model, acts[index])
            same = done == [one["__typename"] not in PROBLEMS for one in told]
            if same and model.state() == now:
                self.model = model
                break
        else:
            pytest.fail(f"no order of {acts} comes to {told}")
        named = set().union(*(act.named for act in acts))
        for entry in before.locked & set(now) - named:
            assert before.frames[entry] in (None, now[entry][0])
        self.stage.outcomes |= {(a.name, t["__typename"]) for a, t in zip(acts, told, strict=True)}

    def entries(self) -> dict[str, Any]:
        """The entries as the database has them."""
        return {row["id"]: row for row in self.placing.timeline.entries()}

    def state(self) -> dict[str, Any]:
        """The same as the model tells its own."""
        return {
            id: (row["timeline_frame"], row["generation_id"], row["metadata"])
            for id, row in self.entries().items()
        }


def tried(model: Shot, act: Act) -> tuple[Shot, bool]:
    """The model after an act, and whether it was done."""
    after = model.copy()
    try:
        act.apply(after)
    except RefusedError:
        return model, False
    return after, True


def shown(told: Any) -> set[str]:
    """The entries that an outcome shows."""
    entries = [*told.get("shotEntries", []), *filter(None, [told.get("shotEntry")])]
    return {entry["id"] for entry in entries}


@pytest.fixture
def stage(gateway_url: str, owner: psycopg.Connection) -> Iterator[Stage]:
    stage = Stage(gateway_url, Studio(owner))
    yield stage
    stage.close()


def play(stage: Stage, examples: int, steps: int) -> None:
    """Let machines run, each with a shot of its own."""
    run_state_machine_as_test(
        type("Machine", (ShotMachine,), {"stage": stage}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_shot_is_as_its_model(stage: Stage) -> None:
    play(stage, examples=10, steps=20)
    assert len({name for name, _ in stage.outcomes}) > 15


@pytest.mark.prove
def test_many_shots_are_as_their_models_whatever_is_done(stage: Stage) -> None:
    play(stage, examples=60, steps=50)
    done = {name for name, kind in stage.outcomes if kind not in PROBLEMS}
    mutations: Any = Asking(stage.database).schema._schema.mutation_type
    assert done >= {
        name
        for name, field in mutations.fields.items()
        if field.type.types[0].name in SHOWN and not name.endswith("Generations")
    }
