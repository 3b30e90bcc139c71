"""Takes are made from files on the web, and takes become generations of their own."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.agreement import disagreements, primary
from tests.asking import Asking
from tests.making import Making, echoes
from tests.studio import Studio

ADDRESS = "https://example.org/edit.png"
SHOWN = """
query ($id: ID!) { variant(id: $id) {
  location thumbnailUrl width height duration name params variantType isPrimary viewedAt
} }
"""


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


@pytest.fixture
def made(making: Making) -> str:
    return making.generation(name="Dawn", type="video", model="flux", created_at="2024-01-01")


async def make(making: Making, made: str, viewer: str | None = None, /, **given: Any) -> Any:
    """What making a take came to."""
    given = {"generationId": made, "location": ADDRESS} | given
    return await making.told("createVariant", viewer, **given)


async def test_a_new_take_leaves_what_the_generation_shows(
    making: Making, studio: Studio, made: str
) -> None:
    before = await making.seen(made)
    told = await make(making, made, variantType="edit")
    assert (told["variant"]["isPrimary"], told["variant"]["viewedAt"]) == (False, None)
    assert told["variant"]["generation"] == {"id": made}
    counts = {"variantCount": 2, "unviewedVariantCount": 1}
    assert told["generation"] == before | counts
    assert disagreements(studio.owner, making.project) == []


async def test_everything_that_is_told_is_kept(making: Making, made: str) -> None:
    given = {
        "thumbnailUrl": "https://example.org/small.png",
        "width": 640,
        "height": 480,
        "duration": 2.5,
        "name": "Dusk",
        "params": {"seed": 1},
        "variantType": "upscaled",
    }
    told = await make(making, made, **given)
    answer = await making.asking(SHOWN, making.viewer, id=told["variant"]["id"])
    assert {name: answer["variant"][name] for name in given} == given


async def test_a_new_primary_take_is_what_the_generation_shows(
    making: Making, studio: Studio, made: str
) -> None:
    told = await make(making, made, name="Dusk", params={"prompt": "dusk"}, makePrimary=True)
    shown = told["generation"]
    assert (shown["location"], shown["name"], shown["prompt"]) == (ADDRESS, "Dusk", "dusk")
    assert shown["primaryVariant"] == {"id": told["variant"]["id"]}
    assert disagreements(studio.owner, making.project) == []


async def test_the_first_take_of_an_empty_generation_is_primary(
    making: Making, studio: Studio
) -> None:
    empty = making.generation(location=None)
    told = await make(making, empty)
    assert told["variant"]["isPrimary"]
    assert told["generation"]["location"] == ADDRESS


async def test_a_client_may_choose_the_id_and_is_told_when_it_is_there_already(
    making: Making, made: str
) -> None:
    own = str(uuid4())
    first, again = [await make(making, made, id=own, name=name) for name in ("Dusk", "Noon")]
    assert again["code"] == "CONFLICT"
    assert again["current"] == first["variant"] == await making.seen_variant(own)


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"location": None}, "location"),
        ({"location": "media/a.png"}, "location"),
        ({"name": "x" * 501}, "name"),
        ({"variantType": "x" * 201}, "variantType"),
        ({"params": "words"}, "params"),
        ({"height": 0}, "height"),
    ],
)
async def test_what_cannot_be_taken_names_its_argument(
    making: Making, made: str, given: dict[str, Any], argument: str
) -> None:
    told = await make(making, made, **given)
    assert [issue["argument"] for issue in told["issues"]] == [f"input.{argument}"]


async def test_a_guest_makes_no_take_and_a_stranger_finds_no_generation(
    making: Making, made: str
) -> None:
    guest = await make(making, made, making.guest())
    assert (guest["code"], guest["reason"]) == ("REFUSED", "READ_ONLY")
    told = [await make(making, one, making.studio.user()) for one in (made, str(uuid4()))]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.generationId")


async def test_a_take_becomes_a_generation_of_its_own(
    making: Making, studio: Studio, made: str
) -> None:
    edit = studio.variant(made, name="Dusk", params={"prompt": "dusk"}, location="edit.png")
    own = str(uuid4())
    told = await making.told("promoteVariant", id=edit, newId=own)
    shown = told["generation"]
    assert (shown["id"], shown["location"], shown["name"]) == (own, "edit.png", "Dusk")
    assert (shown["prompt"], shown["variantCount"]) == ("dusk", 1)
    answer = await making.asking(
        "query ($id: ID!) { generation(id: $id) { basedOn { id } type model } }",
        making.viewer,
        id=own,
    )
    assert answer["generation"] == {"basedOn": {"id": made}, "type": "video", "model": "flux"}
    assert (await making.seen(made))["variantCount"] == 2
    again = await making.told("promoteVariant", id=edit, newId=own)
    assert (again["code"], again["current"]) == ("CONFLICT", shown)
    assert disagreements(studio.owner, making.project) == []


async def test_a_guest_promotes_nothing(making: Making, studio: Studio, made: str) -> None:
    told = await making.told("promoteVariant", making.guest(), id=primary(studio, made))
    assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")


async def test_followers_are_told_what_is_new(
    making: Making, owner: psycopg.Connection, made: str
) -> None:
    with echoes(owner, "generation_variants"):
        told = await make(making, made)
        found = owner.execute("select reason, scopes from echoes").fetchall()
    assert found == [("add-variant", "IMAGES,METADATA,COUNTS,UNIFIED")]
    with echoes(owner, "generations"):
        await making.told("promoteVariant", id=told["variant"]["id"])
        found = owner.execute("select reason, scopes from echoes").fetchall()
    assert found == [("add-image-success", "IMAGES,COUNTS,UNIFIED")]
