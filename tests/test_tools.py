"""Tools: what is registered of them, and what that means for settings."""

import json
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db import migrate
from tests import gateways, nursery
from tests.asking import Asking
from tests.cascading import TOOL, Cascade
from tests.studio import Studio

TOOLS = "{ tools { id primaryScope defaults schema contentFields builtIn } }"
SIZED = {
    "type": "object",
    "properties": {
        "size": {"type": "integer", "maximum": 10},
        "look": {"type": "object", "properties": {"tint": {"enum": ["red", "blue"]}}},
    },
    "required": ["size"],
}

As = Callable[[str], AbstractContextManager[psycopg.Connection]]


@pytest.fixture
def cascade(asking: Asking, studio: Studio) -> Cascade:
    return Cascade(asking, studio)


@pytest.fixture
def command(gateway_url: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `dailies tools …` against this database."""
    return partial(nursery.run, gateways.settings(gateway_url, tmp_path), "tools")


def register(owner: psycopg.Connection[Any], **values: Any) -> str:
    """A tool of a studio's own."""
    name = f"tool-{uuid4()}"
    given = {"defaults": {}, "schema": None, "content_fields": []} | values
    schema = None if given["schema"] is None else Jsonb(given["schema"])
    owner.execute(
        "insert into tools (id, defaults, schema, content_fields) values (%s, %s, %s, %s)",
        (name, Jsonb(given["defaults"]), schema, given["content_fields"]),
    )
    return name


async def test_the_built_in_tools_are_there(cascade: Cascade) -> None:
    found = {one["id"]: one for one in (await cascade.asking(TOOLS, cascade.viewer))["tools"]}
    assert found["ui"]["defaults"] == {"paneLocks": {"gens": False, "shots": False, "tasks": True}}
    assert found["travel-between-images"]["primaryScope"] == "SHOT"
    assert "prompt" in found["travel-between-images"]["contentFields"]
    assert found["join-clips"]["builtIn"] is True
    assert [*found] == sorted(found)


async def test_a_patch_that_breaks_the_schema_is_told_fault_by_fault(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    tool = register(owner, schema=SIZED, defaults={"size": 1})
    told = await cascade.update(tool=tool, patch={"size": 11, "look": {"tint": "x"}, "more": 1})
    places = [(issue["argument"], issue["pointer"]) for issue in told["issues"]]
    assert sorted(places) == [("input.patch", "/look/tint"), ("input.patch", "/size")]
    assert (await cascade.read(tool=tool))["value"] == {"size": 1}


async def test_it_is_the_merged_value_that_must_keep_to_the_schema(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    tool = register(owner, schema=SIZED)
    lacking = await cascade.update("SHOT", tool=tool, patch={"look": {}})
    assert lacking["issues"][0]["pointer"] == ""
    await cascade.update("PROJECT", tool=tool, patch={"size": 1})
    whole = await cascade.update("SHOT", tool=tool, patch={"look": {}})
    assert whole["settings"]["value"] == {"size": 1, "look": {}}


async def test_keys_that_the_schema_does_not_know_are_taken(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    tool = register(owner, schema=SIZED, defaults={"size": 1})
    assert (await cascade.update(tool=tool, patch={"x": 1}))["settings"]["value"]["x"] == 1


async def test_a_fault_that_was_there_before_stands_in_nobodys_way(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    tool = register(owner, defaults={"size": 1})
    await cascade.update(tool=tool, patch={"size": 99})
    owner.execute("update tools set schema = %s where id = %s", (Jsonb(SIZED), tool))
    assert (await cascade.update(tool=tool, patch={"x": 1}))["settings"]["value"]["x"] == 1
    assert (await cascade.update(tool=tool, patch={"size": 98}))["code"] == "BAD_USER_INPUT"
    assert (await cascade.update(tool=tool, unset=["/size"]))["settings"]["value"]["size"] == 1


async def test_what_takes_away_what_the_schema_wants_names_its_own_argument(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    tool = register(owner)
    for size in (99, 1):
        await cascade.update(tool=tool, patch={"size": size})
    owner.execute("update tools set schema = %s where id = %s", (Jsonb(SIZED), tool))
    place = cascade.place("SHOT") | {"tool": tool}
    told = [
        await cascade.told("updateToolSettings", **place, unset=["/size"]),
        await cascade.told("resetToolSettings", **place),
        await cascade.told("rollbackToolSettings", **place, version=1),
        await cascade.told("updateManyToolSettings", patches=[place | {"unset": ["/size"]}]),
    ]
    arguments = [issue["argument"] for one in told for issue in one["issues"]]
    assert arguments == ["input.unset", "input.tool", "input.version", "input.patches[0].unset"]
    assert (await cascade.read(tool=tool))["value"] == {"size": 1}


async def test_faults_of_a_batch_name_their_patches(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    tool = register(owner, schema=SIZED, defaults={"size": 1})
    patches = [
        cascade.place("SHOT") | {"patch": {"size": 99}},
        cascade.place("SHOT") | {"patch": {"size": 99}, "tool": tool},
    ]
    told = await cascade.told("updateManyToolSettings", patches=patches)
    assert [issue["argument"] for issue in told["issues"]] == ["input.patches[1].patch"]


async def test_a_file_of_tools_is_loaded(
    cascade: Cascade, command: Callable[..., Any], tmp_path: Path
) -> None:
    name = f"tool-{uuid4()}"
    tool = {
        "id": name,
        "primaryScope": "shot",
        "defaults": {"size": 2},
        "schema": SIZED,
        "contentFields": ["prompt"],
    }
    for defaults in ({"size": 2}, {"size": 3}):
        file = written(tmp_path, {"tools": [tool | {"defaults": defaults}]})
        done = command("load", file)
        assert (done.returncode, done.stdout) == (0, f"{name}\n"), done.stderr
    found = {one["id"]: one for one in (await cascade.asking(TOOLS, cascade.viewer))["tools"]}
    assert found[name] == tool | {"defaults": {"size": 3}, "primaryScope": "SHOT", "builtIn": False}


UNFIT: list[tuple[Any, str]] = [
    ("{", "no JSON"),
    ({"tools": 1}, "no list"),
    ([1], "tool 2"),
    ([{"id": ""}], "id"),
    ([{"id": "x", "primaryScope": "studio"}], "primaryScope"),
    ([{"id": "x", "defaults": []}], "defaults"),
    ([{"id": "x", "more": 1}], "more"),
    ([{"id": "x", "schema": {"type": "wrong"}}], "schema"),
    ([{"id": "x", "schema": {"$ref": "http://localhost:1/x"}}], "schema"),
    ([{"id": "x", "schema": SIZED, "defaults": {"size": 11}}], "defaults/size"),
    ([{"id": "x", "defaults": {"a": "\0"}}], "NUL"),
    ([{"id": "x"}, {"id": "x"}], "twice"),
]


@pytest.mark.parametrize(("content", "words"), UNFIT)
async def test_a_file_that_cannot_be_taken_says_why_and_changes_nothing(
    cascade: Cascade,
    command: Callable[..., Any],
    tmp_path: Path,
    content: Any,
    words: str,
) -> None:
    whole = [{"id": "good"}, *content] if isinstance(content, list) else content
    done = command("load", written(tmp_path, whole))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    found = (await cascade.asking(TOOLS, cascade.viewer))["tools"]
    assert not {"good", "x"} & {one["id"] for one in found}


def test_a_studios_own_version_of_a_built_in_tool_stays(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    migrate.migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("update tools set defaults = '{}', built_in = id = 'ui'")
        migrate.migrate(url)
        found = connection.execute("select id from tools where defaults <> '{}'").fetchall()
    assert found == [("ui",)]


async def test_a_map_by_shot_is_moved_into_the_shots(
    cascade: Cascade, command: Callable[..., Any], owner: psycopg.Connection
) -> None:
    tool, second, gone = f"tool-{uuid4()}", cascade.studio.shot(cascade.project), str(uuid4())
    foreign = cascade.studio.shot(cascade.studio.project(cascade.viewer))
    of_shots = {
        cascade.shot: {"prompt": "a fox", "steps": 6},
        second.upper(): "a plain text",
        gone: {"prompt": "lost"},
        foreign: {"prompt": "foreign"},
    }
    await cascade.update("PROJECT", tool=tool, patch={"byShot": of_shots, "other": 1})
    await cascade.update("SHOT", tool=tool, patch={"steps": 9})

    done = command("split", tool, "byShot")

    assert done.stdout == (
        "2 shots of 1 projects\n2 keys are no shots of their project and were left\n"
    ), done.stderr
    project = (await cascade.read(tool=tool))["layers"]["project"]
    left = {gone: {"prompt": "lost"}, foreign: {"prompt": "foreign"}}
    assert project == {"value": {"byShot": left, "other": 1}, "version": 2, "hasAny": True}
    shot = (await cascade.read(tool=tool))["layers"]["shot"]
    assert shot["value"] == {"prompt": "a fox", "steps": 9}
    assert (await cascade.read(tool=tool, shotId=second))["layers"]["shot"]["value"] == {
        "byShot": "a plain text"
    }
    assert (await cascade.history(tool=tool))["totalCount"] == {"value": 2}
    assert command("split", tool, "byShot").stdout.startswith("0 shots of 0 projects\n")


async def test_a_map_can_be_moved_to_another_tool(
    cascade: Cascade, command: Callable[..., Any]
) -> None:
    tool, other = f"tool-{uuid4()}", f"tool-{uuid4()}"
    await cascade.update("PROJECT", tool=tool, patch={"byShot": {cascade.shot: {"n": 1}}})
    command("split", tool, "byShot", "--into", other)
    assert (await cascade.read(tool=tool))["layers"]["project"]["hasAny"] is False
    assert (await cascade.read(tool=other))["layers"]["shot"]["value"] == {"n": 1}


async def test_a_map_that_has_outgrown_the_limit_is_moved_all_the_same(
    cascade: Cascade, command: Callable[..., Any], owner: psycopg.Connection
) -> None:
    tool, large = f"tool-{uuid4()}", "x" * 300_000
    settings = {tool: {"byShot": {cascade.shot: {"prompt": large}, "gone": large, "too": 1}}}
    owner.execute(
        "update projects set settings = %s where id = %s", (Jsonb(settings), cascade.project)
    )

    done = command("split", tool, "byShot")

    assert done.stdout.startswith("1 shots of 1 projects\n2 keys"), done.stderr
    assert (await cascade.read(tool=tool))["value"]["prompt"] == large
    shrunk = await cascade.update("PROJECT", tool=tool, unset=["/byShot/too"])
    assert shrunk["settings"]["value"] == {"byShot": {"gone": large}}
    assert (await cascade.update("PROJECT", tool=tool, patch={"a": 1}))["code"] == "BAD_USER_INPUT"


async def test_a_new_shot_takes_over_the_latest_shots_settings_without_their_content(
    cascade: Cascade, acting_as: As, owner: psycopg.Connection
) -> None:
    travel = "travel-between-images"
    await cascade.update("PROJECT", tool=travel, patch={"prompt": "no", "turboMode": True})
    await cascade.update("PROJECT", tool="join-clips", patch={"prompt": "no", "seed": 4})
    await cascade.update("SHOT", tool=travel, patch={"prompt": "no", "batchVideoSteps": 9})
    await cascade.patch({"mine": {"deep": 1}})
    generation = cascade.studio.generation(cascade.project)
    for statement in (
        "select settings from insert_shot_at_position(%(project)s, 'New', 0) where name = 'New'",
        "select settings from create_shot_with_image(%(project)s, 'New', %(generation)s)",
    ):
        with acting_as(cascade.viewer) as connection:
            given = {"project": cascade.project, "generation": generation}
            made = connection.execute(statement, given).fetchone()
        assert made == (
            {
                travel: {"batchVideoSteps": 9},
                "join-clips": {"seed": 4},
                TOOL: {"mine": {"deep": 1}},
            },
        )


async def test_a_new_project_takes_after_another_without_its_content(
    cascade: Cascade, acting_as: As
) -> None:
    await cascade.update("PROJECT", tool="image-generation", patch={"prompt": "no", "model": "m"})
    await cascade.patch({"prompt": "kept: nobody registered the tool"}, "PROJECT")
    statement = "select settings_for_project(%s)"
    with acting_as(cascade.viewer) as connection:
        taken = connection.execute(statement, (cascade.project,)).fetchone()
    assert taken == (
        {
            "image-generation": {"model": "m"},
            TOOL: {"prompt": "kept: nobody registered the tool"},
        },
    )
    with acting_as(cascade.studio.user()) as connection:
        assert connection.execute(statement, (cascade.project,)).fetchone() == (None,)


def written(folder: Path, content: Any) -> str:
    """The path of a file with this content."""
    file = folder / "tools.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)
