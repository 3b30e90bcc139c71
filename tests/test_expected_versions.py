"""Whoever names several things may tell their versions, and overwrites nothing of others."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.asking import Asking
from tests.making import Making
from tests.placing import Placing
from tests.studio import Studio


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


@pytest.fixture
def placing(asking: Asking, studio: Studio) -> Placing:
    return Placing(asking, studio)


async def test_the_first_that_others_changed_is_shown_and_none_is_changed(making: Making) -> None:
    first, second, third = making.generations(3)
    for one in (second, third):
        await making.told("renameGeneration", id=one, name="Dawn")
    given = {"ids": [first, second, third], "expectedVersions": [1, 1, 1]}
    late = await making.told("starGenerations", starred=True, **given)
    assert (late["__typename"], late["changedFields"]) == ("Conflict", ["starred"])
    shown = late["current"]
    assert (shown["id"], shown["name"], shown["version"]) == (second, "Dawn", 2)
    assert not (await making.seen(first))["starred"]


async def test_what_is_as_it_was_sent_already_does_not_differ(making: Making) -> None:
    (one,) = making.generations(1)
    given = {"ids": [one], "starred": True, "expectedVersions": [1]}
    await making.told("starGenerations", **given)
    late = await making.told("starGenerations", **given)
    assert (late["__typename"], late["changedFields"]) == ("Conflict", [])


async def test_of_many_at_the_same_version_one_is_first(making: Making) -> None:
    given = {"ids": making.generations(2), "starred": True, "expectedVersions": [1, 1]}
    told = await asyncio.gather(*(making.told("starGenerations", **given) for _ in range(10)))
    names = sorted(one["__typename"] for one in told)
    assert names == ["Conflict"] * 9 + ["GenerationsChanged"]


async def test_each_version_is_that_of_the_id_in_its_place(making: Making) -> None:
    first, second = making.generations(2)
    await making.told("renameGeneration", id=second, name="Dawn")
    given = {"ids": [first, second], "starred": True}
    late = await making.told("starGenerations", **given, expectedVersions=[2, 1])
    assert late["current"]["id"] == first
    told = await making.told("starGenerations", **given, expectedVersions=[1, 2])
    assert [one["starred"] for one in told["generations"]] == [True, True]


async def test_whoever_names_one_twice_must_know_it_both_times(making: Making) -> None:
    (one,) = making.generations(1)
    given = {"ids": [one, one], "starred": True}
    late = await making.told("starGenerations", **given, expectedVersions=[1, 7])
    assert late["__typename"] == "Conflict"
    told = await making.told("starGenerations", **given, expectedVersions=[1, 1])
    assert told["__typename"] == "GenerationsChanged"


async def test_those_that_others_changed_may_be_left_out(making: Making) -> None:
    first, second, third = making.generations(3)
    strange = str(uuid4())
    given = {"ids": [strange, first, second, third], "expectedVersions": [1, 1, 7, 1]}
    told = await making.told("deleteGenerations", partial=True, **given)
    assert told["deletedIds"] == [first, third]
    problems = {one["argument"]: one["problem"]["__typename"] for one in told["problems"]}
    assert problems == {"input.ids[0]": "NotFound", "input.ids[2]": "Conflict"}
    assert (await making.seen(second))["version"] == 1


async def test_of_the_entries_of_a_shot_some_may_be_left_in_it(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 10, 20)
    await placing.done("updateEntryMetadata", id=b, patch={"n": 1})
    given = {"ids": [a, b, c], "expectedVersions": [1, 1, 1], "partial": True}
    told = await placing.done("removeFromShot", shot=True, **given)
    assert told["deletedIds"] == [a, c]
    assert [one["id"] for one in await placing.seen()] == [b]


@pytest.mark.parametrize(
    ("name", "given", "differing"),
    [
        ("lockEntries", {"locked": True}, ["locked"]),
        ("lockEntries", {"locked": False}, []),
        ("unpositionEntries", {}, []),
        ("resetPairs", {}, []),
        ("clearEnhancedPrompts", {}, []),
    ],
)
async def test_entries_that_others_changed_stay_as_they_are(
    name: str, given: dict[str, Any], differing: list[str], placing: Placing
) -> None:
    a, b = placing.timeline.place(0, 10)
    await placing.done("updateEntryMetadata", id=b, patch={"enhanced_prompt": "a slow turn"})
    before = await placing.seen()
    given = {"ids": [a, b], **given}
    late = await placing.told(name, shot=True, expectedVersions=[1, 1], **given)
    assert (late["__typename"], late["changedFields"]) == ("Conflict", differing)
    assert late["current"]["id"] == b
    assert await placing.seen() == before
    await placing.done(name, shot=True, expectedVersions=[1, 2], **given)


async def test_an_order_differs_when_it_is_another_one_by_now(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 10)
    given = {"shot": True, "ids": [b, a], "expectedVersions": [1, 1]}
    await placing.done("updateEntryMetadata", id=a, patch={"n": 1})
    late = await placing.told("reorderEntries", **given)
    assert (late["changedFields"], late["current"]["id"]) == (["ids"], a)
    await placing.done("reorderEntries", shot=True, ids=[b, a])
    late = await placing.told("reorderEntries", **given)
    assert (late["changedFields"], late["current"]["id"]) == ([], b)


async def test_whoever_is_off_the_timeline_by_now_is_shown(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 10)
    await placing.done("unpositionEntries", shot=True, ids=[b])
    late = await placing.told("reorderEntries", shot=True, ids=[b, a], expectedVersions=[1, 1])
    assert (late["__typename"], late["current"]["id"]) == ("Conflict", b)


async def test_of_two_that_change_places_either_may_be_of_another_version(
    placing: Placing,
) -> None:
    a, b = placing.timeline.place(0, 10)
    await placing.done("updateEntryMetadata", id=b, patch={"n": 1})
    given = {"id": a, "otherId": b, "expectedVersion": 1}
    late = await placing.told("swapEntries", **given, otherExpectedVersion=1)
    assert (late["__typename"], late["current"]["id"]) == ("Conflict", b)
    assert placing.line() == [(a, 0), (b, 10)]
    await placing.done("swapEntries", **given, otherExpectedVersion=2)
    late = await placing.told("swapEntries", **given)
    assert (late["__typename"], late["current"]["id"]) == ("Conflict", a)


async def test_segments_that_others_changed_join_nothing(making: Making) -> None:
    parent, other, a, b = making.generations(4)
    await making.told("attachChildren", parentId=other, ids=[b])
    given = {"ids": [a, b], "expectedVersions": [1, 1]}
    late = await making.told("attachChildren", parentId=parent, **given)
    assert (late["changedFields"], late["current"]["id"]) == (["parentId"], b)
    late = await making.told("attachChildren", parentId=other, **given)
    assert (late["changedFields"], late["current"]["id"]) == ([], b)
    assert (await making.told("detachChildren", **given))["__typename"] == "Conflict"


async def test_all_pairs_of_a_shot_have_no_versions(placing: Placing) -> None:
    failed = await placing.told("resetPairs", shot=True, expectedVersions=[1])
    assert [one["argument"] for one in failed["issues"]] == ["input.expectedVersions"]
