"""People choose among the takes of a generation: one is primary, and the generation shows it."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.agreement import disagreements, primary, variants
from tests.asking import Asking
from tests.making import Making, echoes
from tests.studio import Studio

ROUNDS = 4
SINGLE = [
    ("setPrimaryVariant", {}),
    ("renameVariant", {"name": "Dusk"}),
    ("starVariant", {"starred": True}),
    ("deleteVariant", {}),
]


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


@pytest.fixture
def made(making: Making) -> str:
    """A generation with an original, to which tests add edits."""
    return making.generation(name="Dawn", location="original.png", created_at="2024-01-01")


async def test_the_chosen_take_is_what_the_generation_shows(
    making: Making, studio: Studio, made: str
) -> None:
    edit = studio.variant(made, location="edit.png", name="Dusk", params={"prompt": "dusk"})
    told = await making.told("setPrimaryVariant", id=edit)
    assert (told["variant"]["isPrimary"], told["variant"]["version"]) == (True, 2)
    assert told["variant"]["generation"] == {"id": made}
    shown = told["generation"]
    assert (shown["location"], shown["name"], shown["prompt"]) == ("edit.png", "Dusk", "dusk")
    assert shown["primaryVariant"] == {"id": edit}
    assert disagreements(studio.owner, making.project) == []


async def test_choosing_what_is_chosen_changes_nothing(
    making: Making, studio: Studio, made: str
) -> None:
    original = primary(studio, made)
    told = await making.told("setPrimaryVariant", id=original, expectedVersion=1)
    assert told["variant"]["version"] == 1


async def test_those_who_choose_at_the_same_time_leave_exactly_one(
    making: Making, studio: Studio, made: str
) -> None:
    edits = [primary(studio, made), *(studio.variant(made) for _ in range(5))]

    async def choose(edit: str) -> None:
        for _ in range(ROUNDS):
            told = await making.told("setPrimaryVariant", id=edit)
            assert told["__typename"] == "VariantChanged"

    await asyncio.gather(*(choose(edit) for edit in edits for _ in range(2)))
    chosen = [one["id"] for one in variants(studio, made) if one["is_primary"]]
    assert chosen == [primary(studio, made)]
    assert disagreements(studio.owner, making.project) == []


async def test_choosing_and_writing_at_the_same_time_leave_them_in_agreement(
    making: Making, studio: Studio, made: str
) -> None:
    edits = [primary(studio, made), studio.variant(made)]
    for n in range(ROUNDS):
        told = await asyncio.gather(
            *(making.told("setPrimaryVariant", id=edit) for edit in edits),
            *(making.told("renameVariant", id=edit, name=f"{n}") for edit in edits),
            making.told("renameGeneration", id=made, name=f"{n} too"),
            making.told("patchGenerationParams", id=made, patch={f"{n}": n}),
        )
        assert not [one for one in told if "code" in one]
        assert disagreements(studio.owner, making.project) == []


@pytest.mark.parametrize("is_primary", [True, False])
async def test_a_take_is_renamed_and_its_generation_only_with_the_primary(
    making: Making, studio: Studio, made: str, is_primary: bool
) -> None:
    edit = studio.variant(made, name="Dawn", is_primary=is_primary)
    told = await making.told("renameVariant", id=edit, name="Dusk", expectedVersion=1)
    assert (told["variant"]["name"], told["variant"]["version"]) == ("Dusk", 2)
    assert told["generation"]["name"] == ("Dusk" if is_primary else "Dawn")
    long = await making.told("renameVariant", id=edit, name="x" * 501)
    assert [issue["argument"] for issue in long["issues"]] == ["input.name"]
    missing = await making.told("renameVariant", id=edit)
    assert [issue["argument"] for issue in missing["issues"]] == ["input.name"]
    gone = await making.told("renameVariant", id=edit, name=None)
    assert gone["variant"]["name"] is None


async def test_a_take_is_starred_for_itself(making: Making, studio: Studio, made: str) -> None:
    original = primary(studio, made)
    told = await making.told("starVariant", id=original, starred=True)
    assert (told["variant"]["starred"], told["generation"]["starred"]) == (True, False)
    told = await making.told("starVariant", id=original, starred=False)
    assert told["variant"]["starred"] is False


@pytest.mark.parametrize(
    ("name", "given", "differs"),
    [
        ("renameVariant", {"name": "Dusk"}, ["name"]),
        ("starVariant", {"starred": True}, ["starred"]),
        ("setPrimaryVariant", {}, []),
        ("deleteVariant", {}, []),
    ],
)
async def test_another_version_than_expected_is_a_conflict_that_shows_what_is_there(
    making: Making, studio: Studio, made: str, name: str, given: dict[str, Any], differs: list[str]
) -> None:
    edit = studio.variant(made)
    await making.told("renameVariant", id=edit, name="Noon")
    told = await making.told(name, id=edit, **given, expectedVersion=1)
    assert (told["code"], told["changedFields"]) == ("CONFLICT", differs)
    assert told["current"] == await making.seen_variant(edit)
    assert (told["current"]["name"], told["current"]["version"]) == ("Noon", 2)


async def test_of_those_who_expect_one_version_one_wins(
    making: Making, studio: Studio, made: str
) -> None:
    edit = studio.variant(made)
    told = await asyncio.gather(
        *(making.told("renameVariant", id=edit, name=f"{n}", expectedVersion=1) for n in range(10))
    )
    names = [one["__typename"] for one in told]
    assert sorted(names) == ["Conflict"] * 9 + ["VariantChanged"]
    assert (await making.seen_variant(edit))["version"] == 2


async def test_many_are_marked_as_viewed_and_the_first_time_is_kept(
    making: Making, studio: Studio, made: str
) -> None:
    first, second, other = (studio.variant(made) for _ in range(3))
    told = await making.told("markVariantsViewed", ids=[second, first])
    assert [one["id"] for one in told["variants"]] == [second, first]
    assert all(one["viewedAt"] for one in told["variants"])
    again = await making.told("markVariantsViewed", ids=[first])
    assert again["variants"][0] == told["variants"][1]
    assert (await making.seen_variant(other))["viewedAt"] is None
    assert (await making.seen(made))["unviewedVariantCount"] == 1


async def test_all_takes_of_a_generation_are_marked_as_viewed(
    making: Making, studio: Studio, made: str
) -> None:
    elsewhere = making.generation()
    for generation in (made, made, elsewhere):
        studio.variant(generation)
    told = await making.told("markAllVariantsViewed", generationId=made)
    assert told["generation"]["unviewedVariantCount"] == 0
    assert (await making.seen(elsewhere))["unviewedVariantCount"] == 1


async def test_deleting_the_primary_promotes_the_newest_of_the_others(
    making: Making, studio: Studio, made: str
) -> None:
    studio.variant(made, location="older.png", created_at="2024-01-02")
    newer = studio.variant(made, location="newer.png", created_at="2024-01-03")
    original = primary(studio, made)
    told = await making.told("deleteVariant", id=original, expectedVersion=1)
    assert (told["__typename"], told["deletedId"]) == ("VariantDeleted", original)
    shown = told["generation"]
    assert (shown["primaryVariant"], shown["location"]) == ({"id": newer}, "newer.png")
    assert shown["variantCount"] == 2
    assert disagreements(studio.owner, making.project) == []


async def test_deleting_another_one_leaves_the_primary(
    making: Making, studio: Studio, made: str
) -> None:
    edit = studio.variant(made)
    told = await making.told("deleteVariant", id=edit)
    assert told["generation"]["primaryVariant"] == {"id": primary(studio, made)}
    assert told["generation"]["location"] == "original.png"


async def test_deleting_the_last_one_leaves_nothing_to_show(
    making: Making, studio: Studio, made: str
) -> None:
    told = await making.told("deleteVariant", id=primary(studio, made))
    shown = told["generation"]
    assert (shown["primaryVariant"], shown["location"], shown["name"]) == (None, None, None)
    assert shown["variantCount"] == 0


async def test_takes_that_are_deleted_at_the_same_time_leave_one_primary(
    making: Making, studio: Studio, made: str
) -> None:
    edits = [studio.variant(made) for _ in range(6)]
    gone = [primary(studio, made), *edits[1:]]
    told = await asyncio.gather(*(making.told("deleteVariant", id=one) for one in gone))
    assert [one["__typename"] for one in told] == ["VariantDeleted"] * 6
    assert primary(studio, made) == edits[0]
    assert disagreements(studio.owner, making.project) == []


async def test_a_repeat_deletes_nothing_more_and_tells_what_is_there_now(
    making: Making, studio: Studio, made: str
) -> None:
    edit = studio.variant(made)
    first: dict[str, Any] = {"id": edit, "mutationId": str(uuid4())}
    await making.told("deleteVariant", **first)
    await making.told("renameGeneration", id=made, name="Dusk")
    repeated = await making.told("deleteVariant", **first)
    assert (repeated["deletedId"], repeated["generation"]["name"]) == (edit, "Dusk")
    assert repeated["generation"]["variantCount"] == 1


@pytest.mark.parametrize(("name", "given"), SINGLE)
async def test_a_guest_changes_nothing(
    making: Making, studio: Studio, made: str, name: str, given: dict[str, Any]
) -> None:
    edit = studio.variant(made)
    told = await making.told(name, making.guest(), id=edit, **given)
    assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")
    assert (await making.seen_variant(edit))["version"] == 1
    assert len(variants(studio, made)) == 2


@pytest.mark.parametrize(("name", "given"), SINGLE)
async def test_a_stranger_finds_nothing(
    making: Making, studio: Studio, made: str, name: str, given: dict[str, Any]
) -> None:
    edit, stranger = studio.variant(made), studio.user()
    told = [await making.told(name, stranger, id=one, **given) for one in (edit, str(uuid4()))]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.id")
    assert (await making.seen_variant(edit))["version"] == 1


async def test_one_of_many_that_is_missing_or_read_only_leaves_all_unviewed(
    making: Making, studio: Studio, made: str
) -> None:
    guest, theirs = making.guest(), studio.variant(made)
    own = studio.variant(studio.generation(studio.project(guest)))
    refused = await making.told("markVariantsViewed", guest, ids=[own, theirs])
    missing = await making.told("markVariantsViewed", ids=[theirs, own])
    assert (refused["code"], refused["reason"]) == ("REFUSED", "READ_ONLY")
    assert (missing["code"], missing["argument"]) == ("NOT_FOUND", "input.ids[1]")
    viewed = studio.owner.execute(
        "select viewed_at from generation_variants where id = any (%s::uuid[])", ([own, theirs],)
    )
    assert viewed.fetchall() == [(None,), (None,)]


async def test_the_takes_of_others_are_not_marked(making: Making, made: str) -> None:
    refused = await making.told("markAllVariantsViewed", making.guest(), generationId=made)
    assert (refused["code"], refused["reason"]) == ("REFUSED", "READ_ONLY")
    stranger = making.studio.user()
    told = [
        await making.told("markAllVariantsViewed", stranger, generationId=one)
        for one in (made, str(uuid4()))
    ]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.generationId")


@pytest.mark.parametrize("ids", [[], [str(uuid4())] * 501, ["nonsense"]])
async def test_lists_that_cannot_be_taken_name_their_argument(
    making: Making, ids: list[str]
) -> None:
    told = await making.told("markVariantsViewed", ids=ids)
    assert [issue["argument"] for issue in told["issues"]] == ["input.ids"]


@pytest.mark.parametrize(("name", "given"), SINGLE)
async def test_what_is_no_id_names_its_argument(
    making: Making, name: str, given: dict[str, Any]
) -> None:
    told = await making.told(name, id="nonsense", **given)
    assert [issue["argument"] for issue in told["issues"]] == ["input.id"]


async def test_followers_are_told_what_to_load_again(
    making: Making, studio: Studio, owner: psycopg.Connection, made: str
) -> None:
    edit, origin = studio.variant(made), str(uuid4())
    with echoes(owner, "generation_variants"):
        await making.told("setPrimaryVariant", id=edit, mutationId=origin)
        await making.told("renameVariant", id=edit, name="Dusk")
        await making.told("starVariant", id=edit, starred=True)
        await making.told("markVariantsViewed", ids=[edit])
        await making.told("deleteVariant", id=edit)
        told = owner.execute("select * from echoes").fetchall()
    assert told == [
        ("thumbnail-change", "IMAGES,METADATA,UNIFIED", origin),
        ("metadata-update", "METADATA,UNIFIED", ""),
        ("metadata-update", "METADATA", ""),
        ("metadata-update", "METADATA,COUNTS", ""),
        ("delete-variant", "IMAGES,METADATA,COUNTS,UNIFIED", ""),
    ]
