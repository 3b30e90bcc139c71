"""The laws of the cascade, for any history of changes, against a model in plain Python."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.asking import Asking
from tests.cascade_model import Model, leaves, pointer
from tests.cascading import Cascade
from tests.studio import Studio

SCOPES = ("USER", "PROJECT", "SHOT")
KEYS = ("a", "b", "~/")
LEAVES: tuple[Any, ...] = (None, True, 0, 1.5, "x", [1, {"a": 1}], {})


def an_object(random: Random, levels: int = 3) -> Any:
    """An object whose keys are mostly those of others, too."""
    return {
        key: an_object(random, levels - 1)
        if levels and random.random() < 0.6
        else random.choice(LEAVES)
        for key in random.sample(KEYS, random.choice((1, 1, 2, 3)))
    }


def a_change(random: Random) -> tuple[str, list[Any], Any]:
    """A scope, the paths that are taken out of it, and what is merged into it."""
    paths: list[Any] = []
    if random.random() < 0.35:
        paths = [tuple(random.choices(KEYS, k=random.choice((0, 1, 1, 2, 2, 3))))]
    patch = None if paths and random.random() < 0.7 else an_object(random)
    return random.choice(SCOPES), paths, patch


OBJECTS = some.randoms(use_true_random=False).map(an_object)
CHANGES = some.randoms(use_true_random=False).map(a_change)
HISTORIES = some.lists(CHANGES, min_size=3, max_size=8)
LAWS: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}


class Twice:
    """The same changes of the gateway and of the model."""

    def __init__(self, asking: Asking, studio: Studio, defaults: Any) -> None:
        self.cascade = Cascade(asking, studio)
        self.defaults = defaults
        self.model = Model()
        self.model.patch("DEFAULTS", defaults)

    async def change(self, scope: str, paths: list[Any], patch: Any) -> None:
        """Change both."""
        if patch is None and not paths:
            return
        unset = [pointer(path) for path in paths]
        told = await self.cascade.update(scope, unset=unset, patch=patch)
        assert told["__typename"] == "ToolSettingsChanged", told
        for path in paths:
            self.model.unset(scope, path)
        self.model.patch(scope, patch)

    async def check(self) -> Any:
        """Value, layers and provenance are those of the model."""
        found = await self.cascade.read(defaults=self.defaults)
        assert found["value"] == self.model.value()
        origins = {origin["pointer"]: origin["layer"] for origin in found["provenance"]}
        assert origins == self.model.origins()
        assert len(origins) == len(found["provenance"])
        for scope in SCOPES:
            assert found["layers"][scope.lower()]["value"] == self.model.layer(scope)
        return found["value"]


@settings(max_examples=25, **LAWS)
@given(defaults=OBJECTS, history=HISTORIES)
async def test_the_nearest_layer_wins_and_provenance_is_true(
    asking: Asking, studio: Studio, defaults: Any, history: Any
) -> None:
    await follow(asking, studio, defaults, history)


@pytest.mark.prove
@settings(max_examples=1_000, **LAWS)
@given(defaults=OBJECTS, history=HISTORIES)
async def test_the_nearest_layer_wins_a_thousand_times(
    asking: Asking, studio: Studio, defaults: Any, history: Any
) -> None:
    await follow(asking, studio, defaults, history)


async def follow(asking: Asking, studio: Studio, defaults: Any, history: Any) -> None:
    """Follow a history of changes."""
    twice = Twice(asking, studio, defaults)
    for change in history:
        await twice.change(*change)
        await twice.check()


@settings(max_examples=10, **LAWS)
@given(history=HISTORIES, change=CHANGES)
async def test_a_change_that_is_made_twice_is_made_once(
    asking: Asking, studio: Studio, history: Any, change: Any
) -> None:
    twice = Twice(asking, studio, {})
    for one in (*history, change):
        await twice.change(*one)
    value = await twice.check()
    version = (await twice.cascade.layer(change[0]))["version"]

    await twice.change(*change)

    assert await twice.check() == value
    if not change[1]:
        assert (await twice.cascade.layer(change[0]))["version"] == version


@settings(max_examples=10, **LAWS)
@given(history=HISTORIES, patches=some.lists(OBJECTS, min_size=2, max_size=3))
async def test_disjoint_patches_come_to_the_same_in_any_order(
    asking: Asking, studio: Studio, history: Any, patches: Any
) -> None:
    apart = [{f"{n}": patch} for n, patch in enumerate(patches)]
    values = []
    for order in (apart, apart[::-1]):
        twice = Twice(asking, studio, {})
        for one in history:
            await twice.change(*one)
        for patch in order:
            await twice.change("SHOT", [], patch)
        values.append(await twice.check())
    assert values[0] == values[1]


@settings(max_examples=10, **LAWS)
@given(below=OBJECTS, patch=OBJECTS)
async def test_what_is_unset_inherits_as_if_it_had_never_been_set(
    asking: Asking, studio: Studio, below: Any, patch: Any
) -> None:
    twice = Twice(asking, studio, {})
    await twice.change("PROJECT", [], below)
    value = await twice.check()
    await twice.change("SHOT", [], patch)
    await twice.change("SHOT", [path for path, _ in leaves(patch, ())], None)
    assert await twice.check() == value
    assert (await twice.cascade.layer())["hasAny"] is False
