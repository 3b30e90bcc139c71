"""Generations are named, marked, described and deleted: all that was asked, or nothing of it."""

import asyncio
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.agreement import disagreements, primary
from tests.asking import Asking
from tests.making import Making, echoes, mutation
from tests.studio import Studio

WRITERS = 16
SINGLE = [
    ("renameGeneration", {"name": "Dusk"}),
    ("patchGenerationParams", {"patch": {"a": 1}}),
]
MANY = [("starGenerations", {"starred": True}), ("deleteGenerations", {})]


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


async def test_a_new_name_is_shown_and_counted_and_is_the_primary_takes_too(
    making: Making, studio: Studio
) -> None:
    made = making.generation(name="Dawn")
    told = await making.told("renameGeneration", id=made, name="Dusk")
    assert (told["generation"]["name"], told["generation"]["version"]) == ("Dusk", 2)
    assert (await making.seen_variant(primary(studio, made)))["name"] == "Dusk"
    assert disagreements(studio.owner, making.project) == []


async def test_a_name_can_be_taken_away(making: Making) -> None:
    made = making.generation(name="Dawn")
    told = await making.told("renameGeneration", id=made, name=None)
    assert told["generation"]["name"] is None


async def test_a_name_that_is_missing_takes_nothing_away(making: Making) -> None:
    made = making.generation(name="Dawn")
    told = await making.told("renameGeneration", id=made)
    assert [issue["argument"] for issue in told["issues"]] == ["input.name"]
    assert (await making.seen(made))["name"] == "Dawn"


async def test_the_same_name_again_changes_nothing(making: Making) -> None:
    made = making.generation(name="Dawn")
    told = await making.told("renameGeneration", id=made, name="Dawn", expectedVersion=1)
    assert told["generation"]["version"] == 1


@pytest.mark.parametrize("character", ["x", "🦊"])
async def test_a_name_has_at_most_five_hundred_characters(making: Making, character: str) -> None:
    made = making.generation()
    longest = character * 500
    told = await making.told("renameGeneration", id=made, name=longest)
    assert told["generation"]["name"] == longest
    told = await making.told("renameGeneration", id=made, name=longest + "x")
    assert [issue["argument"] for issue in told["issues"]] == ["input.name"]


async def test_another_version_than_expected_names_what_differs_and_shows_it(
    making: Making,
) -> None:
    made = making.generation(name="Dawn")
    await making.told("renameGeneration", id=made, name="Dusk", expectedVersion=1)
    late = await making.told("renameGeneration", id=made, name="Noon", expectedVersion=1)
    same = await making.told("renameGeneration", id=made, name="Dusk", expectedVersion=1)
    assert late["code"] == same["code"] == "CONFLICT"
    assert (late["changedFields"], same["changedFields"]) == (["name"], [])
    assert late["current"] == same["current"] == await making.seen(made)


async def test_a_patch_that_expects_another_version_names_the_keys_that_differ(
    making: Making,
) -> None:
    made = making.generation(params={"seed": 1, "size": {"w": 1, "h": 2}, "old": 0})
    await making.told("patchGenerationParams", id=made, patch={"size": {"w": 3}})
    patch = {"seed": 1, "size": {"w": 4, "h": 2}, "new": True}
    late = await making.told(
        "patchGenerationParams", id=made, patch=patch, unset=["/old", "/gone"], expectedVersion=1
    )
    assert sorted(late["changedFields"]) == ["/new", "/old", "/size/w"]
    assert late["current"]["params"] == {"seed": 1, "size": {"w": 3, "h": 2}, "old": 0}


async def test_two_clients_who_patch_different_keys_both_survive(making: Making) -> None:
    made = making.generation(params={"seed": 1})
    for patch in ({"steps": 20}, {"size": {"w": 640}}, {"size": {"h": 480}}):
        told = await making.told("patchGenerationParams", id=made, patch=patch)
    expected = {"seed": 1, "steps": 20, "size": {"w": 640, "h": 480}}
    assert told["generation"]["params"] == expected


async def test_patches_at_the_same_time_all_survive(making: Making, studio: Studio) -> None:
    made = making.generation()

    async def patch(writer: int) -> None:
        for n in range(3):
            given = {"a": {f"{writer}": {f"{n}": n}}}
            told = await making.told("patchGenerationParams", id=made, patch=given)
            assert told["__typename"] == "GenerationChanged"

    await asyncio.gather(*(patch(writer) for writer in range(WRITERS)))
    seen = await making.seen(made)
    assert seen["params"] == {
        "a": {f"{writer}": {f"{n}": n for n in range(3)} for writer in range(WRITERS)}
    }
    assert seen["version"] == 1 + 3 * WRITERS
    assert disagreements(studio.owner, making.project) == []


async def test_of_those_who_expect_one_version_one_wins(making: Making) -> None:
    made = making.generation()
    told = await asyncio.gather(
        *(
            making.told("renameGeneration", id=made, name=f"{n}", expectedVersion=1)
            for n in range(WRITERS)
        )
    )
    (winner,) = (one["generation"] for one in told if one["__typename"] == "GenerationChanged")
    losers = [one for one in told if one["__typename"] == "Conflict"]
    assert len(losers) == WRITERS - 1
    assert all(one["current"] == winner for one in losers)
    assert await making.seen(made) == winner


async def test_keys_are_taken_out_before_the_patch_is_merged(making: Making) -> None:
    made = making.generation(params={"a": {"b": 1}, "c": {"d": 1, "e": 2}, "f/g": 1})
    told = await making.told(
        "patchGenerationParams", id=made, unset=["/a/b", "/c/d", "/f~1g"], patch={"c": {"x": None}}
    )
    assert told["generation"]["params"] == {"c": {"e": 2, "x": None}}


async def test_the_prompt_follows_the_params(making: Making) -> None:
    made = making.generation(params={"prompt": "a fox"})
    told = await making.told("patchGenerationParams", id=made, patch={"prompt": "two foxes"})
    assert told["generation"]["prompt"] == "two foxes"


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({}, "patch"),
        ({"patch": []}, "patch"),
        ({"patch": {"a": "x" * 262_144}}, "patch"),
        ({"unset": ["a"]}, "unset"),
        ({"unset": ["/a"] * 1001}, "unset"),
    ],
)
async def test_a_patch_that_cannot_be_taken_leaves_the_params_as_they_are(
    making: Making, given: dict[str, Any], argument: str
) -> None:
    made = making.generation(params={"a": 1})
    told = await making.told("patchGenerationParams", id=made, **given)
    assert [issue["argument"] for issue in told["issues"]] == [f"input.{argument}"]
    assert (await making.seen(made))["params"] == {"a": 1}


async def test_many_are_starred_at_once_and_once_each(making: Making) -> None:
    first, second, other = making.generations(3)
    told = await making.told("starGenerations", ids=[second, first, second.upper()], starred=True)
    assert [(one["id"], one["starred"]) for one in told["generations"]] == [
        (second, True),
        (first, True),
    ]
    again = await making.told("starGenerations", ids=[first], starred=True)
    assert again["generations"][0]["version"] == 2
    none = await making.told("starGenerations", ids=[first], starred=False)
    assert none["generations"][0]["starred"] is False
    assert (await making.seen(other))["starred"] is False


async def test_any_number_of_them_costs_the_same(making: Making) -> None:
    made = making.generations(500)
    counts = []
    for ids in (made[:2], made):
        given = {"ids": ids, "starred": True}
        answer = await making.asking(mutation("starGenerations"), making.viewer, input=given)
        assert len(answer["starGenerations"]["generations"]) == len(ids)
        counts.append(len(answer.statements))
    assert counts[0] == counts[1]


async def test_those_who_star_the_same_ones_in_any_order_do_not_stop_each_other(
    making: Making,
) -> None:
    made = making.generations(20)

    async def star(writer: int) -> None:
        some = Random(writer).sample(made, len(made))
        for starred in (True, False, True):
            told = await making.told("starGenerations", ids=some, starred=starred)
            assert told["__typename"] == "GenerationsChanged"

    await asyncio.gather(*(star(writer) for writer in range(8)))
    assert all([(await making.seen(one))["starred"] for one in made])


@pytest.mark.parametrize(("name", "given"), MANY)
async def test_one_that_is_missing_stops_all(
    making: Making, name: str, given: dict[str, Any]
) -> None:
    made = making.generations(2)
    before = [await making.seen(one) for one in made]
    foreign = Making(making.asking, making.studio)
    theirs = foreign.generation()
    told = [
        await making.told(name, ids=[made[0], one, made[1]], **given)
        for one in (theirs, str(uuid4()))
    ]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.ids[1]")
    assert [await making.seen(one) for one in made] == before
    assert (await foreign.seen(theirs))["version"] == 1


@pytest.mark.parametrize(("name", "given"), MANY)
async def test_one_that_may_only_be_looked_at_stops_all(
    making: Making, name: str, given: dict[str, Any]
) -> None:
    guest, theirs = making.guest(), making.generation()
    own = making.studio.generation(making.studio.project(guest))
    told = await making.told(name, guest, ids=[own, theirs], **given)
    assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")
    answer = await making.asking(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Generation { starred } } }",
        guest,
        ids=[own, theirs],
    )
    assert answer["nodes"] == [{"starred": False}] * 2


@pytest.mark.parametrize(("name", "given"), MANY)
@pytest.mark.parametrize("ids", [[], [str(uuid4())] * 501, ["nonsense"]])
async def test_lists_that_cannot_be_taken_name_their_argument(
    making: Making, name: str, given: dict[str, Any], ids: list[str]
) -> None:
    told = await making.told(name, ids=ids, **given)
    assert [issue["argument"] for issue in told["issues"]] == ["input.ids"]


@pytest.mark.parametrize(("name", "given"), SINGLE)
async def test_a_guest_changes_nothing(making: Making, name: str, given: dict[str, Any]) -> None:
    made = making.generation()
    told = await making.told(name, making.guest(), id=made, **given)
    assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")
    assert (await making.seen(made))["version"] == 1


@pytest.mark.parametrize(("name", "given"), SINGLE)
async def test_a_stranger_finds_nothing(making: Making, name: str, given: dict[str, Any]) -> None:
    made, stranger = making.generation(), making.studio.user()
    told = [await making.told(name, stranger, id=one, **given) for one in (made, str(uuid4()))]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.id")
    assert (await making.seen(made))["version"] == 1


async def test_a_repeat_changes_nothing_more(making: Making) -> None:
    made = making.generation()
    first: dict[str, Any] = {"id": made, "name": "Dawn", "mutationId": str(uuid4())}
    await making.told("renameGeneration", **first)
    await making.told("renameGeneration", id=made, name="Dusk")
    repeated = await making.told("renameGeneration", **first)
    assert (repeated["generation"]["name"], repeated["generation"]["version"]) == ("Dusk", 3)


async def test_a_repeat_tells_what_is_left_of_many(making: Making) -> None:
    made = making.generations(2)
    first: dict[str, Any] = {"ids": made, "starred": True, "mutationId": str(uuid4())}
    await making.told("starGenerations", **first)
    await making.told("deleteGenerations", ids=made[:1])
    repeated = await making.told("starGenerations", **first)
    assert repeated["generations"] == [None, await making.seen(made[1])]


async def test_the_deleted_are_gone_with_their_takes_and_segments(
    making: Making, owner: psycopg.Connection
) -> None:
    video, kept = making.generation(type="video"), making.generation()
    segment = making.generation(parent_generation_id=video, child_order=0)
    derived = making.generation(based_on=video)
    first: dict[str, Any] = {"ids": [video], "mutationId": str(uuid4())}
    told = [await making.told("deleteGenerations", **first) for _ in range(2)]
    gone = {"__typename": "GenerationsDeleted", "deletedIds": [video], "problems": []}
    assert told == [gone] * 2
    assert [await making.seen(one) for one in (video, segment)] == [None, None]
    assert [(await making.seen(one))["id"] for one in (derived, kept)] == [derived, kept]
    left = owner.execute(
        "select count(*) from generation_variants where project_id = %s", (making.project,)
    ).fetchone()
    assert left == (2,)


async def test_a_parent_and_its_segment_may_be_deleted_at_once(making: Making) -> None:
    video = making.generation(type="video")
    segment = making.generation(parent_generation_id=video, child_order=0)
    told = await making.told("deleteGenerations", ids=[segment, video])
    assert told["deletedIds"] == [segment, video]


async def test_shots_close_up_behind_the_deleted(making: Making, studio: Studio) -> None:
    shot, made = studio.shot(making.project), making.generations(3)
    for index, one in enumerate(made):
        studio.entry(shot, one, index * 30)
    await making.told("deleteGenerations", ids=made[:2])
    answer = await making.asking(
        "query ($id: ID!) { shot(id: $id) { entries { nodes { position generation { id } } } } }",
        making.viewer,
        id=shot,
    )
    assert answer["shot"]["entries"]["nodes"] == [{"position": 0, "generation": {"id": made[2]}}]


async def test_followers_are_told_what_to_load_again(
    making: Making, owner: psycopg.Connection
) -> None:
    made, origin = making.generation(), str(uuid4())
    with echoes(owner, "generations"):
        await making.told("renameGeneration", id=made, name="Dusk", mutationId=origin)
        await making.told("starGenerations", ids=[made], starred=True)
        await making.told("patchGenerationParams", id=made, patch={"a": 1})
        await making.told("deleteGenerations", ids=[made])
        told = owner.execute("select * from echoes").fetchall()
    assert told == [
        ("metadata-update", "METADATA,UNIFIED", origin),
        ("metadata-update", "METADATA,COUNTS,UNIFIED", ""),
        ("metadata-update", "METADATA,UNIFIED", ""),
        ("delete-image", "ALL", ""),
    ]


async def test_an_id_that_stands_for_one_mutation_is_refused_to_another(making: Making) -> None:
    given = {"ids": [making.generation()], "mutationId": str(uuid4())}
    assert (await making.told("deleteGenerations", **given))["__typename"] == "GenerationsDeleted"
    told = await making.told("markVariantsViewed", **given)
    assert (told["code"], told["reason"]) == ("REFUSED", "MUTATION_ID_REUSED")
