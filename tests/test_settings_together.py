"""Many writers of one tool at once: no patch is lost, and nobody waits for ever."""

import asyncio
from random import Random
from typing import Any

import pytest

from tests.asking import Asking
from tests.cascading import Cascade
from tests.studio import Studio

WRITERS = 32


@pytest.fixture
def cascade(asking: Asking, studio: Studio) -> Cascade:
    return Cascade(asking, studio)


def shallow(writer: int, number: int) -> Any:
    """A key of the writer's own."""
    return {f"{writer}-{number}": number}


def deep(writer: int, number: int) -> Any:
    """A key of the writer's own, inside of objects that all of them share."""
    return {"a": {"b": {f"{number % 5}": {f"{writer}": {f"{number}": number}}}}}


@pytest.mark.parametrize(("scope", "make"), [("SHOT", deep), ("USER", shallow)])
async def test_patches_of_different_keys_all_survive(
    cascade: Cascade, scope: str, make: Any
) -> None:
    await compare(cascade, scope, make, 4)


@pytest.mark.prove
@pytest.mark.parametrize("make", [shallow, deep])
@pytest.mark.parametrize("scope", ["SHOT", "PROJECT", "USER"])
async def test_two_hundred_patches_of_each_writer_all_survive(
    cascade: Cascade, scope: str, make: Any
) -> None:
    await compare(cascade, scope, make, 200)


async def compare(cascade: Cascade, scope: str, make: Any, number: int) -> None:
    """Write so many patches from every writer; all of them are there, and in the history."""

    async def write(writer: int) -> None:
        for n in range(number):
            await cascade.patch(make(writer, n), scope)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))

    expected: Any = {}
    for writer in range(WRITERS):
        for n in range(number):
            add(expected, make(writer, n))
    layer = await cascade.layer(scope)
    assert layer["value"] == expected
    assert layer["version"] == WRITERS * number


async def test_of_those_who_expect_one_version_one_wins(cascade: Cascade) -> None:
    told = await asyncio.gather(
        *(cascade.update(patch={"n": n}, expectedVersion=0) for n in range(WRITERS))
    )
    winners = [one for one in told if one["__typename"] == "ToolSettingsChanged"]
    losers = [one for one in told if one["__typename"] == "Conflict"]
    assert (len(winners), len(losers)) == (1, WRITERS - 1)
    there = (await cascade.layer())["value"]
    assert winners[0]["settings"]["layers"]["shot"]["value"] == there
    assert all(one["changedFields"] == ["/n"] for one in losers)
    assert all(one["current"]["value"] == there for one in losers)


async def test_batches_in_any_order_do_not_wait_for_each_other(cascade: Cascade) -> None:
    shots = [cascade.studio.shot(cascade.project) for _ in range(5)]
    places = [cascade.place("SHOT") | {"id": shot} for shot in shots]
    places += [cascade.place("USER"), cascade.place("PROJECT")]

    async def write(writer: int) -> None:
        random = Random(writer)
        for number in range(8):
            some = random.sample(places, len(places))
            patches = [place | {"patch": shallow(writer, number)} for place in some]
            told = await cascade.told("updateManyToolSettings", patches=patches)
            assert told["__typename"] == "ManyToolSettingsChanged"

    await asyncio.gather(*(write(writer) for writer in range(8)))
    for scope in ("USER", "PROJECT"):
        assert (await cascade.layer(scope))["version"] == 64


def add(whole: dict[str, Any], patch: dict[str, Any]) -> None:
    """Merge objects into one another."""
    for key, value in patch.items():
        if isinstance(value, dict) and key in whole:
            add(whole[key], value)
        else:
            whole[key] = value
