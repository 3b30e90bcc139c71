"""Generations come into shots and leave them, and what is kept with them is changed by key."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.asking import Asking
from tests.making import echoes
from tests.placing import Placing, arguments, places
from tests.studio import Studio
from tests.test_places_together import wrong_shot_data

WRITERS = 8


@pytest.fixture
def placing(asking: Asking, studio: Studio) -> Placing:
    return Placing(asking, studio)


async def test_a_generation_is_added_at_the_end_and_knows_its_shot(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 30)
    generation, id = placing.timeline.generation(), str(uuid4())
    told = await placing.done("addToShot", shot=True, generationId=generation, id=id)
    assert places([told["shotEntry"]]) == places(told["shotEntries"]) == [(id, 2, 60)]
    assert told["generation"]["shotData"] == {placing.shot: 60}
    assert told["shot"]["statistics"]["total"] == 3
    assert placing.line() == [(a, 0), (b, 30), (id, 60)]


async def test_a_generation_is_added_at_a_position_and_those_behind_are_told(
    placing: Placing,
) -> None:
    a, b = placing.timeline.place(0, 30)
    generation = placing.timeline.generation()
    told = await placing.done("addToShot", shot=True, generationId=generation, position=1)
    made = told["shotEntry"]["id"]
    assert places(told["shotEntries"]) == [(made, 1, 15), (b, 2, 30)]
    assert placing.line() == [(a, 0), (made, 15), (b, 30)]


async def test_a_generation_may_wait_unpositioned(placing: Placing) -> None:
    generation = placing.timeline.generation()
    told = await placing.done("addToShot", shot=True, generationId=generation, placed=False)
    assert told["shot"]["statistics"] == {"total": 1, "positioned": 0, "unpositioned": 1}
    given = {"generationId": generation, "placed": False, "position": 0}
    told = await placing.told("addToShot", shot=True, **given)
    assert arguments(told) == ["input.position"]


async def test_a_generation_is_added_at_the_nearest_free_frame(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 30)
    given: dict[str, Any] = {"generationId": placing.timeline.generation(), "frame": 0}
    told = await placing.done("addToShotAtFrame", shot=True, **given)
    made = told["shotEntry"]["id"]
    assert places(told["shotEntries"]) == [(made, 1, 1), (b, 2, 30)]
    told = await placing.told("addToShotAtFrame", shot=True, **given | {"frame": -1})
    assert arguments(told) == ["input.frame"]
    assert placing.line() == [(a, 0), (made, 1), (b, 30)]


@pytest.mark.parametrize("placed", [True, False])
async def test_five_hundred_are_added_at_once_in_their_order(
    placing: Placing, placed: bool
) -> None:
    (first,) = placing.timeline.place(0)
    generation = placing.timeline.generation()
    ids = [str(uuid4()) for _ in range(500)]
    given = {"generationIds": [generation] * 500, "ids": ids, "placed": placed}
    answer = await placing.ask("addManyToShot", shot=True, **given)
    told = answer["addManyToShot"]
    assert [one["id"] for one in told["shotEntries"]] == ids
    if placed:
        assert placing.line() == [(one, 81 * index) for index, one in enumerate([first, *ids])]
    else:
        answer = await placing.asking(
            "query ($id: ID!) { shot(id: $id) { entries(first: 500, placement: UNPOSITIONED)"
            " { nodes { id } } } }",
            placing.viewer,
            id=placing.shot,
        )
        assert [one["id"] for one in answer["shot"]["entries"]["nodes"]] == ids


async def test_many_at_once_go_where_one_after_another_would(placing: Placing) -> None:
    placing.timeline.place(0, 20)
    generations = [placing.timeline.generation() for _ in range(3)]
    await placing.done("addManyToShot", shot=True, generationIds=generations)
    many = [frame for _, frame in placing.line()]
    other = Placing(placing.asking, placing.studio)
    other.timeline.place(0, 20)
    for _ in generations:
        await other.done("addToShot", shot=True, generationId=other.timeline.generation())
    assert [frame for _, frame in other.line()] == many


async def test_one_that_cannot_be_added_stops_all_and_is_named(placing: Placing) -> None:
    mine = placing.timeline.generation()
    other = placing.studio.generation(placing.studio.project(placing.viewer))
    theirs = Placing(placing.asking, placing.studio).timeline.generation()
    for wrong in (other, theirs, str(uuid4())):
        told = await placing.told("addManyToShot", shot=True, generationIds=[mine, wrong])
        assert (told["code"], arguments(told)) == ("NOT_FOUND", ["input.generationIds[1]"])
        told = await placing.told("addToShot", shot=True, generationId=wrong)
        assert (told["code"], arguments(told)) == ("NOT_FOUND", ["input.generationId"])
    for ids in ([], [str(uuid4())], [str(uuid4())] * 2):
        given = {"generationIds": [mine, mine], "ids": ids}
        told = await placing.told("addManyToShot", shot=True, **given)
        assert arguments(told) == ["input.ids"]
    assert await placing.seen() == []


async def test_a_position_before_the_first_is_none(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 30)
    given = {"generationId": placing.timeline.generation(), "position": -1}
    assert arguments(await placing.told("addToShot", shot=True, **given)) == ["input.position"]
    told = await placing.told("moveEntryToPosition", id=b, position=-1)
    assert arguments(told) == ["input.position"]
    assert placing.line() == [(a, 0), (b, 30)]


@pytest.mark.parametrize("number", [0, 501])
async def test_lists_hold_one_to_five_hundred(placing: Placing, number: int) -> None:
    ids = [str(uuid4())] * number
    for name, argument in (
        ("addManyToShot", "generationIds"),
        ("removeFromShot", "ids"),
        ("unpositionEntries", "ids"),
        ("reorderEntries", "ids"),
        ("clearEnhancedPrompts", "ids"),
        ("resetPairs", "ids"),
    ):
        told = await placing.told(name, shot=True, **{argument: ids})
        assert arguments(told) == [f"input.{argument}"], name


async def test_additions_at_the_same_time_do_not_collide_and_none_is_lost(
    placing: Placing,
) -> None:
    generation = placing.timeline.generation()
    members = [placing.viewer, placing.member("editor"), placing.member("owner")]
    ids = [str(uuid4()) for _ in range(4 * WRITERS)]
    acts: list[tuple[str, dict[str, Any]]] = [
        ("addToShot", {}),
        ("addToShotAtFrame", {"frame": 40}),
        ("addToShot", {"position": 1}),
        ("addToShot", {"placed": False}),
    ]

    async def write(writer: int) -> None:
        for turn in range(4):
            name, more = acts[(writer + turn) % 4]
            given = {"generationId": generation, "id": ids[4 * writer + turn], **more}
            await placing.done(name, members[writer % 3], shot=True, **given)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    line = placing.line()
    assert len({frame for _, frame in line}) == len(line) == 3 * WRITERS
    assert sorted(one["id"] for one in await placing.seen()) == sorted(ids)
    assert wrong_shot_data(placing.timeline) == []


async def test_entries_are_removed_and_the_rest_closes_up(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 30, 60)
    (left,) = [one["generation"]["id"] for one in await placing.seen() if one["id"] == b]
    told = await placing.done("removeFromShot", shot=True, ids=[b, b])
    assert told["deletedIds"] == [b]
    assert places(told["shotEntries"]) == [(c, 1, 60)]
    assert told["generations"] == [{"id": left, "shotData": {}}]
    assert placing.line() == [(a, 0), (c, 60)]


@pytest.mark.parametrize("name", ["removeFromShot", "unpositionEntries", "lockEntries"])
async def test_one_that_is_not_in_the_shot_stops_all(placing: Placing, name: str) -> None:
    a, b = placing.timeline.place(0, 30)
    before = await placing.seen()
    elsewhere = placing.studio.entry(
        placing.studio.shot(placing.project), placing.timeline.generation(), 0
    )
    foreign = Placing(placing.asking, placing.studio).timeline.place(0)[0]
    more = {"locked": True} if name == "lockEntries" else {}
    for other in (elsewhere, foreign, str(uuid4())):
        told = await placing.told(name, shot=True, ids=[a, other, b], **more)
        assert (told["code"], arguments(told)) == ("NOT_FOUND", ["input.ids[1]"])
    assert await placing.seen() == before


async def test_another_generation_takes_the_place(placing: Placing) -> None:
    (entry,) = placing.timeline.place(30, metadata={"pair_prompt": "slow"})
    before = (await placing.one(entry))["generation"]["id"]
    after = placing.timeline.generation()
    told = await placing.done("replaceInShot", id=entry, generationId=after, expectedVersion=1)
    assert places([told["shotEntry"]]) == [(entry, 0, 30)]
    assert told["shotEntry"]["metadata"]["raw"] == {"pair_prompt": "slow"}
    assert told["generations"] == [
        {"id": after, "shotData": {placing.shot: 30}},
        {"id": before, "shotData": {}},
    ]
    late = await placing.told("replaceInShot", id=entry, generationId=before, expectedVersion=1)
    assert (late["code"], late["changedFields"]) == ("CONFLICT", ["generationId"])


async def test_a_duplicate_stands_right_behind_without_metadata(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 30, metadata={"locked": True})
    id = str(uuid4())
    told = await placing.done("duplicateEntry", id=a, copyId=id)
    assert places(told["shotEntries"]) == [(id, 1, 15), (b, 2, 30)]
    assert told["shotEntry"]["metadata"]["raw"] == {}
    assert told["generation"]["id"] == (await placing.one(a))["generation"]["id"]


async def test_a_duplicate_of_what_waits_waits_too(placing: Placing) -> None:
    (waiting,) = placing.timeline.place(None)
    told = await placing.done("duplicateEntry", id=waiting)
    assert places([told["shotEntry"]])[0][1:] == (None, None)


async def test_a_duplicate_may_be_a_generation_of_its_own(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 30)
    id, made = str(uuid4()), str(uuid4())
    given = {"id": a, "copyId": id, "generationId": made}
    told = await placing.done("duplicateAsNewGeneration", **given)
    source = (await placing.one(a))["generation"]["id"]
    assert told["generation"]["basedOn"] == {"id": source}
    assert told["generation"]["shotData"] == {placing.shot: 15}
    assert places(told["shotEntries"]) == [(id, 1, 15), (b, 2, 30)]
    again = await placing.told("duplicateAsNewGeneration", id=a, generationId=made)
    assert again["code"] == "CONFLICT"


async def test_an_id_that_exists_is_a_conflict_that_shows_it(placing: Placing) -> None:
    (a,) = placing.timeline.place(0)
    generation = placing.timeline.generation()
    told = await placing.told("addToShot", shot=True, generationId=generation, id=a)
    assert (told["code"], told["current"]) == ("CONFLICT", await placing.one(a))


async def test_the_same_new_id_at_the_same_time_is_taken_once(placing: Placing) -> None:
    given = {"generationId": placing.timeline.generation(), "id": str(uuid4())}
    told = await asyncio.gather(*(placing.told("addToShot", shot=True, **given) for _ in range(6)))
    kinds = sorted(one["__typename"] for one in told)
    assert kinds == ["Conflict"] * 5 + ["ShotEntryAdded"]
    assert len(placing.line()) == 1


async def test_a_repeat_adds_nothing_more(placing: Placing) -> None:
    given: dict[str, Any] = {"generationId": placing.timeline.generation()}
    given |= {"mutationId": str(uuid4()), "shot": True}
    first, again = [await placing.done("addToShot", **given) for _ in range(2)]
    assert first == again
    assert len(placing.line()) == 1


async def test_metadata_is_patched_by_key(placing: Placing) -> None:
    (entry,) = placing.timeline.place(0, metadata={"a": 1, "deep": {"b": 1, "c": 2}})
    told = await placing.done(
        "updateEntryMetadata", id=entry, patch={"deep": {"d": None}}, unset=["/deep/b", "/a"]
    )
    assert told["shotEntry"]["metadata"]["raw"] == {"deep": {"c": 2, "d": None}}
    assert told["shotEntry"]["version"] == 2
    told = await placing.done("updateEntryMetadata", id=entry, unset=[""])
    assert told["shotEntry"]["metadata"]["raw"] == {}


async def test_clients_who_change_different_keys_all_survive(placing: Placing) -> None:
    (entry,) = placing.timeline.place(0)
    members = [placing.viewer, placing.member("editor")]

    async def patch(writer: int) -> None:
        patch = {"deep": {f"{writer}": writer}, f"key {writer}": writer}
        await placing.done("updateEntryMetadata", members[writer % 2], id=entry, patch=patch)

    await asyncio.gather(*(patch(writer) for writer in range(WRITERS)))
    raw = (await placing.one(entry))["metadata"]["raw"]
    assert raw.pop("deep") == {f"{writer}": writer for writer in range(WRITERS)}
    assert raw == {f"key {writer}": writer for writer in range(WRITERS)}


async def test_of_clients_who_expect_one_version_one_wins(placing: Placing) -> None:
    (entry,) = placing.timeline.place(0)
    told = await asyncio.gather(
        *(
            placing.told("updateEntryMetadata", id=entry, patch={"n": writer}, expectedVersion=1)
            for writer in range(WRITERS)
        )
    )
    (won,) = (one["shotEntry"] for one in told if one["__typename"] == "ShotEntryChanged")
    lost = [one for one in told if one["__typename"] == "Conflict"]
    assert len(lost) == WRITERS - 1
    assert all((one["current"], one["changedFields"]) == (won, ["/n"]) for one in lost)


@pytest.mark.parametrize("argument", ["patch", "unset"])
async def test_metadata_that_cannot_be_taken_names_its_argument(
    placing: Placing, argument: str
) -> None:
    (entry,) = placing.timeline.place(0)
    wrong: dict[str, list[Any]] = {
        "patch": [[], 1, {"a": "x" * 262_144}],
        "unset": [["a"], ["/a"] * 1_001],
    }
    for value in wrong[argument]:
        told = await placing.told("updateEntryMetadata", id=entry, **{argument: value})
        assert arguments(told) == [f"input.{argument}"]
    assert (await placing.one(entry))["metadata"]["raw"] == {}


async def test_metadata_of_old_writers_that_is_no_object_gives_way(placing: Placing) -> None:
    (entry,) = placing.timeline.place(0)
    placing.timeline.write(entry, metadata=Jsonb(["old"]))
    await placing.done("resetPairs", shot=True)
    told = await placing.done("updateEntryMetadata", id=entry, patch={"a": 1})
    assert told["shotEntry"]["metadata"]["raw"] == {"a": 1}


async def test_pairs_are_prompted_many_at_once(placing: Placing) -> None:
    a, b, c = placing.timeline.place(0, 30, 60, metadata={"pair_prompt": "old", "seed": 1})
    pairs: list[dict[str, Any]] = [
        {"id": a, "prompt": "slow", "negativePrompt": "blur"},
        {"id": b, "prompt": "", "enhancedPrompt": "a slow turn", "expectedVersion": 1},
        {"id": c},
    ]
    told = await placing.done("setPairPrompts", shot=True, pairs=pairs)
    assert [one["metadata"]["raw"] for one in told["shotEntries"]] == [
        {"pair_prompt": "slow", "pair_negative_prompt": "blur", "seed": 1},
        {"enhanced_prompt": "a slow turn", "seed": 1},
        {"pair_prompt": "old", "seed": 1},
    ]


async def test_one_pair_that_was_changed_meanwhile_stops_all(placing: Placing) -> None:
    a, b = placing.timeline.place(0, 30)
    await placing.done("setPairPrompts", shot=True, pairs=[{"id": b, "prompt": "fast"}])
    pair = {"id": b, "prompt": "slow", "negativePrompt": "", "expectedVersion": 1}
    told = await placing.told("setPairPrompts", shot=True, pairs=[{"id": a, "prompt": "x"}, pair])
    assert (told["code"], told["changedFields"]) == ("CONFLICT", ["pairs[1].prompt"])
    assert told["current"] == await placing.one(b)
    assert (await placing.one(a))["version"] == 1


async def test_pairs_are_named_once_and_of_the_shot(placing: Placing) -> None:
    (a,) = placing.timeline.place(0)
    for other, wrong in ((a, "input.pairs"), (str(uuid4()), "input.pairs[1].id")):
        pairs = [{"id": a, "prompt": "x"}, {"id": other, "prompt": "y"}]
        assert arguments(await placing.told("setPairPrompts", shot=True, pairs=pairs)) == [wrong]
    pairs = [{"id": a, "prompt": "x" * 262_144}]
    told = await placing.told("setPairPrompts", shot=True, pairs=pairs)
    assert arguments(told) == ["input.pairs"]
    assert (await placing.one(a))["version"] == 1


PROMPTED = {
    "pair_prompt": "slow",
    "pair_negative_prompt": "blur",
    "enhanced_prompt": "a slow turn",
    "segmentOverrides": {"seed": 5},
}
WITHOUT_ENHANCED = {key: text for key, text in PROMPTED.items() if key != "enhanced_prompt"}
OVERRIDES = {"segmentOverrides": {"seed": 5}}


@pytest.mark.parametrize(
    ("name", "left"), [("clearEnhancedPrompts", WITHOUT_ENHANCED), ("resetPairs", OVERRIDES)]
)
async def test_prompts_are_forgotten_of_some_pairs_or_of_all(
    placing: Placing, name: str, left: dict[str, Any]
) -> None:
    a, b, bare = placing.timeline.place(0, 30, 60, metadata=PROMPTED)
    placing.timeline.write(bare, metadata=Jsonb({"locked": True}))
    told = await placing.done(name, shot=True, ids=[b])
    assert [(one["id"], one["metadata"]["raw"]) for one in told["shotEntries"]] == [(b, left)]
    assert (await placing.one(a))["metadata"]["raw"] == PROMPTED
    told = await placing.done(name, shot=True)
    assert [(one["id"], one["metadata"]["raw"]) for one in told["shotEntries"]] == [(a, left)]
    assert (await placing.one(bare))["version"] == 1 + 1  # by the write above


async def test_overrides_are_patched_taken_out_and_reset(placing: Placing) -> None:
    (entry,) = placing.timeline.place(0, metadata={"seed": 1})

    async def update(**given: Any) -> Any:
        told = await placing.done("updateEntryOverrides", id=entry, **given)
        return told["shotEntry"]["metadata"]["raw"]

    await update(patch={"steps": 6, "deep": {"a": 1}})
    await update(patch={"deep": {"b": 2}}, unset=["/steps"])
    raw = await update(of="IMAGE", patch={"steps": 8})
    assert raw == {
        "seed": 1,
        "segmentOverrides": {"deep": {"a": 1, "b": 2}},
        "user_overrides": {"steps": 8},
    }
    assert await update(unset=[""]) == {"seed": 1, "user_overrides": {"steps": 8}}


async def test_overrides_are_changed_under_the_key_where_they_are(placing: Placing) -> None:
    (entry,) = placing.timeline.place(0, metadata={"segment_overrides": {"seed": 5}})
    told = await placing.done("updateEntryOverrides", id=entry, patch={"steps": 6})
    assert told["shotEntry"]["metadata"]["raw"] == {"segment_overrides": {"seed": 5, "steps": 6}}
    late = await placing.told(
        "updateEntryOverrides",
        id=entry,
        patch={"seed": 5, "steps": 7},
        unset=["/gone"],
        expectedVersion=1,
    )
    assert (late["code"], late["changedFields"]) == ("CONFLICT", ["/steps"])


@pytest.mark.parametrize("role", ["viewer", None])
async def test_who_may_not_write_does_none_of_it(placing: Placing, role: str | None) -> None:
    a, b = placing.timeline.place(0, 30)
    user = placing.member(role) if role else placing.studio.user()
    before = await placing.seen()
    for name, given in {
        "addToShot": {"generationId": before[0]["generation"]["id"], "shot": True},
        "removeFromShot": {"ids": [a], "shot": True},
        "moveEntryToFrame": {"id": a, "frame": 60},
        "swapEntries": {"id": a, "otherId": b},
        "updateEntryMetadata": {"id": a, "patch": {"a": 1}},
        "resetPairs": {"shot": True},
    }.items():
        told = await placing.told(name, user, **given)
        assert told["code"] == ("REFUSED" if role else "NOT_FOUND"), name
        assert told.get("reason") == ("READ_ONLY" if role else None)
    assert await placing.seen() == before


async def test_followers_are_told_what_to_load_again(
    placing: Placing, owner: psycopg.Connection
) -> None:
    (a,) = placing.timeline.place(0)
    with echoes(owner, "shot_generations"):
        await placing.done("setPairPrompts", shot=True, pairs=[{"id": a, "prompt": "slow"}])
        await placing.done("updateEntryMetadata", id=a, patch={"a": 1})
        told = owner.execute("select reason, scopes from echoes").fetchall()
    assert told == [("pair-prompt-update", "METADATA"), ("metadata-update", "METADATA")]
