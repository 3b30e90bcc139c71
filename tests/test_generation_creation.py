"""Generations are made from files on the web, each with its original take."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.agreement import disagreements, primary
from tests.asking import Asking
from tests.making import Making, echoes, mutation
from tests.studio import Studio

ADDRESS = "https://example.org/fox.png"
FULL: dict[str, Any] = {
    "thumbnailUrl": "https://example.org/fox-small.png",
    "width": 640,
    "height": 480,
    "duration": 1.5,
    "type": "video",
    "toolType": "image-generation",
    "model": "flux",
    "prompt": "a fox",
    "name": "Fox",
    "params": {"seed": 1},
}
SHOWN = """
query ($id: ID!) { generation(id: $id) {
  location thumbnailUrl width height duration type toolType model prompt name params
  mediaType run { id } basedOn { id } parent { id } childOrder isChild
  primaryVariant { variantType isPrimary viewedAt location params }
} }
"""


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


async def make(making: Making, viewer: str | None = None, /, **given: Any) -> Any:
    """What making a generation came to."""
    given = {"projectId": making.project, "location": ADDRESS} | given
    return await making.told("createGeneration", viewer, **given)


async def shown(making: Making, generation: str) -> Any:
    """All that a generation tells of itself."""
    return (await making.asking(SHOWN, making.viewer, id=generation))["generation"]


async def test_a_new_generation_shows_its_original_which_is_not_new_to_its_maker(
    making: Making, studio: Studio
) -> None:
    told = await make(making)
    generation = told["generation"]
    assert (generation["location"], generation["version"]) == (ADDRESS, 1)
    assert (generation["variantCount"], generation["unviewedVariantCount"]) == (1, 0)
    original = (await shown(making, generation["id"]))["primaryVariant"]
    assert (original["variantType"], original["isPrimary"]) == ("original", True)
    assert original["viewedAt"]
    assert disagreements(studio.owner, making.project) == []


async def test_everything_that_is_told_is_kept(making: Making) -> None:
    made = (await make(making, **FULL))["generation"]["id"]
    seen = await shown(making, made)
    assert {name: seen[name] for name in FULL} == FULL
    assert (seen["mediaType"], seen["primaryVariant"]["params"]) == ("VIDEO", {"seed": 1})


async def test_prompt_and_model_are_those_of_the_params_unless_told(making: Making) -> None:
    params = {"prompt": "two foxes", "model": "flux"}
    made = (await make(making, params=params, prompt="a fox"))["generation"]["id"]
    seen = await shown(making, made)
    assert (seen["prompt"], seen["model"]) == ("a fox", "flux")


async def test_it_is_related_to_what_it_came_from(making: Making, studio: Studio) -> None:
    run = studio.insert("runs", project_id=making.project)
    source, video = making.generations(2)
    given = {"runId": run, "basedOnId": source, "parentId": video, "childOrder": 3}
    made = (await make(making, **given))["generation"]["id"]
    seen = await shown(making, made)
    related = [seen[name]["id"] for name in ("run", "basedOn", "parent")]
    assert related == [run, source, video]
    assert (seen["childOrder"], seen["isChild"]) == (3, True)


@pytest.mark.parametrize("argument", ["runId", "basedOnId", "parentId"])
async def test_what_lies_in_another_project_is_as_good_as_none(
    making: Making, studio: Studio, argument: str
) -> None:
    other = studio.project(making.viewer)
    elsewhere = studio.insert("runs", project_id=other)
    if argument != "runId":
        elsewhere = studio.generation(other)
    told = [await make(making, **{argument: one}) for one in (elsewhere, str(uuid4()))]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", f"input.{argument}")


@pytest.mark.parametrize("argument", ["basedOnId", "parentId"])
async def test_nothing_is_made_of_itself(making: Making, argument: str) -> None:
    own = str(uuid4())
    told = await make(making, **{"id": own, argument: own})
    assert [issue["argument"] for issue in told["issues"]] == ["input.id"]
    assert await making.seen(own) is None


async def test_a_client_may_choose_the_id_and_is_told_when_it_is_there_already(
    making: Making,
) -> None:
    own = str(uuid4())
    first = await make(making, id=own.upper(), name="Dawn")
    again = await make(making, id=own, name="Dusk")
    assert first["generation"]["id"] == own
    assert again["code"] == "CONFLICT"
    assert again["current"] == first["generation"] == await making.seen(own)


async def test_of_those_who_choose_one_id_one_makes_it(making: Making) -> None:
    own = str(uuid4())
    told = await asyncio.gather(*(make(making, id=own, name=f"{n}") for n in range(8)))
    (winner,) = (one["generation"] for one in told if one["__typename"] == "GenerationCreated")
    assert sum(one["__typename"] == "Conflict" for one in told) == 7
    assert await making.seen(own) == winner


async def test_a_repeat_makes_no_second_one(making: Making, studio: Studio) -> None:
    given = {"mutationId": str(uuid4())}
    first, second = [await make(making, **given) for _ in range(2)]
    assert first == second
    found = studio.owner.execute(
        "select count(*) from generations where project_id = %s", (making.project,)
    )
    assert found.fetchone() == (1,)


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"location": None}, "location"),
        ({"location": "media/a.png"}, "location"),
        ({"location": "/media/a.png"}, "location"),
        ({"location": "data:image/png;base64,AAAA"}, "location"),
        ({"location": "javascript:alert(1)"}, "location"),
        ({"location": "file:///etc/passwd"}, "location"),
        ({"location": "https://"}, "location"),
        ({"location": "https:///a.png"}, "location"),
        ({"location": "https://[::1/a.png"}, "location"),
        ({"location": "https://example.org/a b.png"}, "location"),
        ({"location": "https://example.org/a\nb.png"}, "location"),
        ({"location": "https://example.org/" + "x" * 4096}, "location"),
        ({"thumbnailUrl": "media/a.png"}, "thumbnailUrl"),
        ({"name": "x" * 501}, "name"),
        ({"type": "x" * 201}, "type"),
        ({"toolType": "x" * 201}, "toolType"),
        ({"model": "x" * 201}, "model"),
        ({"prompt": "x" * 100_001}, "prompt"),
        ({"params": []}, "params"),
        ({"params": {"a": "x" * 262_144}}, "params"),
        ({"width": 0}, "width"),
        ({"height": 100_001}, "height"),
        ({"duration": -0.5}, "duration"),
        ({"childOrder": -1}, "childOrder"),
    ],
)
async def test_what_cannot_be_taken_names_its_argument(
    making: Making, given: dict[str, Any], argument: str
) -> None:
    told = await make(making, **given)
    assert [issue["argument"] for issue in told["issues"]] == [f"input.{argument}"]


async def test_a_guest_makes_nothing_and_a_stranger_finds_no_project(making: Making) -> None:
    guest = await make(making, making.guest())
    assert (guest["code"], guest["reason"]) == ("REFUSED", "READ_ONLY")
    stranger = making.studio.user()
    told = [await make(making, stranger, projectId=one) for one in (making.project, str(uuid4()))]
    assert told[0] == told[1]
    assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.projectId")


async def test_followers_are_told_that_there_is_a_new_one(
    making: Making, owner: psycopg.Connection
) -> None:
    origin = str(uuid4())
    with echoes(owner, "generations"):
        await make(making, mutationId=origin)
        told = owner.execute("select * from echoes").fetchall()
    assert told == [("add-image-success", "IMAGES,COUNTS,UNIFIED", origin)]


async def test_a_new_parent_knows_its_segment(making: Making) -> None:
    video = making.generation(type="video")
    made = (await make(making, parentId=video, childOrder=0))["generation"]["id"]
    answer = await making.asking(
        "query ($id: ID!) { generation(id: $id) { children { nodes { id } } } }",
        making.viewer,
        id=video,
    )
    assert answer["generation"]["children"]["nodes"] == [{"id": made}]


async def test_its_original_is_named_with_it(making: Making, studio: Studio) -> None:
    made = (await make(making, name="Dawn"))["generation"]["id"]
    assert (await making.seen_variant(primary(studio, made)))["name"] == "Dawn"


async def test_making_one_costs_few_statements(making: Making) -> None:
    given = {"projectId": making.project, "location": ADDRESS}
    answer = await making.asking(mutation("createGeneration"), making.viewer, input=given)
    assert answer["createGeneration"]["generation"]["location"] == ADDRESS
    assert len([one for one in answer.statements if one.startswith("INSERT")]) == 1
