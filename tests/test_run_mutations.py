"""Runs are begun with what they ask for, named, and ended once."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.asking import Asking
from tests.making import echoes
from tests.producing import Producing, issues, refusal
from tests.studio import Studio

UNKNOWN = str(uuid4())
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("renameRun", {"name": "x"}),
    ("finishRun", {"status": "COMPLETE"}),
]
COUNT = "query ($id: ID!) { project(id: $id) { runs { totalCount { value } } } }"


@pytest.fixture
def scene(asking: Asking, studio: Studio) -> Producing:
    return Producing(asking, studio)


async def number(scene: Producing) -> int:
    """How many runs the project has."""
    found = (await scene.asking(COUNT, scene.viewer, id=scene.project))["project"]
    return int(found["runs"]["totalCount"]["value"])


async def test_a_run_keeps_what_was_asked_for(scene: Producing) -> None:
    asked: dict[str, Any] = {
        "id": str(uuid4()),
        "name": "Foxes",
        "prompt": "a fox",
        "model": "sdxl",
        "imageCount": 4,
        "settingsSnapshot": {"seed": 1, "loras": [None]},
    }
    told = await scene.told("createRun", projectId=scene.project, **asked)
    begun = {"status": "running", "version": 1, "project": {"id": scene.project}}
    assert told["run"] == asked | begun


async def test_a_run_needs_no_more_than_a_project(scene: Producing) -> None:
    run = (await scene.told("createRun", projectId=scene.project))["run"]
    assert (run["prompt"], run["imageCount"], run["settingsSnapshot"]) == (None, None, {})


async def test_the_client_may_choose_the_id_once(scene: Producing) -> None:
    given: dict[str, Any] = {"projectId": scene.project, "id": str(uuid4())}
    told = await asyncio.gather(*(scene.told("createRun", **given) for _ in range(4)))
    (made,) = (one["run"] for one in told if one["__typename"] == "RunCreated")
    taken = [one["current"] for one in told if one["__typename"] == "Conflict"]
    assert taken == [{"__typename": "Run"} | made] * 3
    assert await number(scene) == 1


async def test_an_id_of_another_studio_is_taken_but_not_shown(scene: Producing) -> None:
    theirs = Producing(scene.asking, scene.studio).run(name="theirs")
    told = await scene.told("createRun", projectId=scene.project, id=theirs)
    assert (told["code"], told["current"]) == ("CONFLICT", None)


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"name": "x" * 501}, "name"),
        ({"prompt": "x" * 100_001}, "prompt"),
        ({"model": "x" * 501}, "model"),
        ({"imageCount": 0}, "imageCount"),
        ({"imageCount": 10_001}, "imageCount"),
        ({"settingsSnapshot": []}, "settingsSnapshot"),
        ({"settingsSnapshot": {"a": "x" * 262_144}}, "settingsSnapshot"),
    ],
)
async def test_a_run_that_cannot_be_is_not_made(
    scene: Producing, given: dict[str, Any], argument: str
) -> None:
    told = await scene.told("createRun", projectId=scene.project, **given)
    assert issues(told) == [f"input.{argument}"]
    assert await number(scene) == 0


@pytest.mark.parametrize("status", ["COMPLETE", "FAILED", "CANCELLED"])
@pytest.mark.parametrize("before", [None, "running", "some old word"])
async def test_a_run_ends(scene: Producing, status: str, before: str | None) -> None:
    run = scene.run(status=before)
    told = await scene.told("finishRun", id=run, status=status)
    assert (told["run"]["status"], told["run"]["version"]) == (status.lower(), 2)


async def test_a_run_that_has_ended_stays_so(scene: Producing) -> None:
    run = scene.run(status="complete")
    same = await scene.told("finishRun", id=run, status="COMPLETE")
    other = await scene.told("finishRun", id=run, status="FAILED")
    assert (same["run"]["status"], same["run"]["version"]) == ("complete", 1)
    assert (other["code"], other["changedFields"]) == ("CONFLICT", ["status"])
    assert other["current"] == {"__typename": "Run"} | same["run"]


async def test_of_different_ends_at_once_one_holds(scene: Producing) -> None:
    run, ends = scene.run(status="running"), ("COMPLETE", "FAILED", "CANCELLED")
    told = await asyncio.gather(*(scene.told("finishRun", id=run, status=end) for end in ends))
    (winner,) = (one["run"] for one in told if one["__typename"] == "RunChanged")
    losers = [one["current"] for one in told if one["__typename"] == "Conflict"]
    assert losers == [{"__typename": "Run"} | winner] * 2


async def test_a_run_gets_a_name_and_loses_it(scene: Producing) -> None:
    run = scene.run(name="a")
    told = await scene.told("renameRun", id=run, name="b", expectedVersion=1)
    assert (told["run"]["name"], told["run"]["version"]) == ("b", 2)
    late = await scene.told("renameRun", id=run, name="c", expectedVersion=1)
    assert (late["changedFields"], late["current"]["name"]) == (["name"], "b")
    assert (await scene.told("renameRun", id=run))["run"]["name"] is None


@pytest.mark.parametrize(("name", "given"), CHANGES)
async def test_a_stranger_finds_no_run_and_a_guest_changes_none(
    scene: Producing, name: str, given: dict[str, Any]
) -> None:
    run, stranger = scene.run(), scene.studio.user()
    told = [await scene.told(name, stranger, id=one, **given) for one in (run, UNKNOWN)]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.id")
    told = await scene.told(name, scene.member("viewer"), id=run, **given)
    assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert (await scene.told(name, scene.member("editor"), id=run, **given))["run"]["version"] == 2


async def test_a_project_of_others_gets_no_runs(scene: Producing) -> None:
    stranger = scene.studio.user()
    places = (scene.project, UNKNOWN)
    told = [await scene.told("createRun", stranger, projectId=one) for one in places]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.projectId")
    told = await scene.told("createRun", scene.member("viewer"), projectId=scene.project)
    assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert await number(scene) == 0


async def test_followers_are_told_what_to_load_again(
    scene: Producing, owner: psycopg.Connection
) -> None:
    run, origin = scene.run(), str(uuid4())
    with echoes(owner, "runs"):
        await scene.told("renameRun", id=run, name="a", mutationId=origin)
        told = owner.execute("select * from echoes").fetchall()
    assert told == [("run-update", "METADATA", origin)]
