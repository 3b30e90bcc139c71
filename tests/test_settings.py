"""Settings: defaults, then the person's, the project's, the shot's; the nearest holds."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.asking import Asking
from tests.cascading import HELD, HISTORY, READ, TOOL, Cascade, codes
from tests.studio import Studio

MANY = """
query ($tools: [String!]!, $shotIds: [ID!], $projectId: ID) {
  manyToolSettings(tools: $tools, shotIds: $shotIds, projectId: $projectId) { tool shotId value }
}
"""
OF_SHOTS = """
query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Shot {
  one: toolSettings(tool: "my-tool") { value }
  two: toolSettings(tool: "image-generation", defaults: {size: 1}) { value provenance { layer } }
  project { toolSettings(tool: "my-tool") { value } }
} } }
"""


@pytest.fixture
def cascade(asking: Asking, studio: Studio) -> Cascade:
    return Cascade(asking, studio)


async def test_the_nearest_layer_holds_and_says_so(cascade: Cascade) -> None:
    await cascade.patch({"a": 1, "b": {"c": 1, "d": 1}, "e": [1]}, "USER")
    await cascade.patch({"b": {"c": 2}, "e": [2, 3]}, "PROJECT")
    await cascade.patch({"b": {"c": None}, "f": {}}, "SHOT")

    found = await cascade.read(defaults={"a": 0, "z": 0})

    assert found["value"] == {"a": 1, "b": {"c": None, "d": 1}, "e": [2, 3], "f": {}, "z": 0}
    origins = {origin["pointer"]: origin["layer"] for origin in found["provenance"]}
    assert origins == {
        "/a": "USER",
        "/b/c": "SHOT",
        "/b/d": "USER",
        "/e": "PROJECT",
        "/f": "SHOT",
        "/z": "DEFAULTS",
    }
    assert found["layers"] == {
        "defaults": {"a": 0, "z": 0},
        "user": {"value": {"a": 1, "b": {"c": 1, "d": 1}, "e": [1]}, "version": 1, "hasAny": True},
        "project": {"value": {"b": {"c": 2}, "e": [2, 3]}, "version": 1, "hasAny": True},
        "shot": {"value": {"b": {"c": None}, "f": {}}, "version": 1, "hasAny": True},
    }


async def test_a_layer_that_nobody_wrote_has_nothing(cascade: Cascade) -> None:
    found = await cascade.read()
    assert found["value"] == {}
    assert found["provenance"] == []
    assert found["layers"]["shot"] == {"value": None, "version": 0, "hasAny": False}


async def test_layers_that_are_not_meant_are_not_there(cascade: Cascade) -> None:
    alone = await cascade.read(shotId=None)
    in_project = await cascade.read(shotId=None, projectId=cascade.project)
    assert (alone["layers"]["project"], alone["layers"]["shot"]) == (None, None)
    assert in_project["layers"]["project"]["version"] == 0
    assert in_project["layers"]["shot"] is None
    assert (in_project["projectId"], in_project["shotId"]) == (cascade.project, None)


async def test_a_registered_tool_has_its_defaults_above_those_of_the_question(
    cascade: Cascade,
) -> None:
    found = await cascade.read(tool="join-clips", defaults={"seed": 7, "mine": True})
    assert found["value"]["seed"] == -1
    assert found["value"]["mine"] is True


@pytest.mark.parametrize("whose", ["nobody", "stranger"])
@pytest.mark.parametrize("argument", ["projectId", "shotId"])
async def test_a_place_that_is_not_there_is_an_error_and_never_the_defaults(
    cascade: Cascade, whose: str, argument: str
) -> None:
    other = Cascade(cascade.asking, cascade.studio)
    theirs = {"projectId": other.project, "shotId": other.shot}[argument]
    asked: dict[str, Any] = {
        "tool": TOOL,
        argument: theirs if whose == "stranger" else str(uuid4()),
    }

    answer = await cascade.asking(READ + HELD, cascade.viewer, **asked)

    assert answer.data == {"toolSettings": None}
    assert codes(answer.errors) == [("NOT_FOUND", argument)]


async def test_a_shot_of_another_project_is_not_there(cascade: Cascade) -> None:
    elsewhere = cascade.studio.project(cascade.viewer)
    asked = {"tool": TOOL, "shotId": cascade.shot, "projectId": elsewhere}
    answer = await cascade.asking(READ + HELD, cascade.viewer, **asked)
    assert codes(answer.errors) == [("NOT_FOUND", "shotId")]


@pytest.mark.parametrize("tool", ["", "x" * 201])
async def test_what_can_be_no_tool_is_refused(cascade: Cascade, tool: str) -> None:
    answer = await cascade.asking(READ + HELD, cascade.viewer, tool=tool)
    assert codes(answer.errors) == [("BAD_USER_INPUT", "tool")]


async def test_defaults_must_be_an_object(cascade: Cascade) -> None:
    answer = await cascade.asking(READ + HELD, cascade.viewer, tool=TOOL, defaults=[1])
    assert codes(answer.errors) == [("BAD_USER_INPUT", "defaults")]


async def test_many_tools_of_many_shots_come_in_the_order_of_asking(cascade: Cascade) -> None:
    second = cascade.studio.shot(cascade.project)
    await cascade.patch({"n": 1}, "PROJECT")
    await cascade.patch({"n": 2})
    asked = {"tools": ["ui", TOOL], "shotIds": [second, cascade.shot]}
    found = (await cascade.asking(MANY, cascade.viewer, **asked))["manyToolSettings"]
    assert [(one["shotId"], one["tool"]) for one in found] == [
        (second, "ui"),
        (second, TOOL),
        (cascade.shot, "ui"),
        (cascade.shot, TOOL),
    ]
    assert [one["value"] for one in found[1::2]] == [{"n": 1}, {"n": 2}]


async def test_one_missing_shot_of_many_is_an_error(cascade: Cascade) -> None:
    asked = {"tools": [TOOL], "shotIds": [cascade.shot, str(uuid4())]}
    answer = await cascade.asking(MANY, cascade.viewer, **asked)
    assert answer.data == {"manyToolSettings": None}
    assert codes(answer.errors) == [("NOT_FOUND", "shotIds")]


async def test_too_many_at_once_are_refused(cascade: Cascade) -> None:
    asked = {"tools": [TOOL] * 51, "shotIds": [cascade.shot] * 100}
    answer = await cascade.asking(MANY, cascade.viewer, **asked)
    assert codes(answer.errors) == [("BAD_USER_INPUT", "shotIds")]


async def test_shots_and_projects_tell_their_own(cascade: Cascade) -> None:
    await cascade.patch({"n": 1}, "PROJECT")
    await cascade.patch({"m": 2})
    answer = await cascade.asking(OF_SHOTS, cascade.viewer, ids=[cascade.shot])
    (found,) = answer["nodes"]
    assert found["one"]["value"] == {"n": 1, "m": 2}
    assert found["two"]["value"]["size"] == 1
    assert found["project"]["toolSettings"]["value"] == {"n": 1}


async def test_questions_about_settings_are_answered_by_the_engine(cascade: Cascade) -> None:
    await cascade.patch({"n": 1})
    for query, asked in (
        (READ + HELD, {"tool": TOOL, "shotId": cascade.shot, "defaults": {"m": 1}}),
        (MANY, {"tools": [TOOL, "ui"], "shotIds": [cascade.shot]}),
        (OF_SHOTS, {"ids": [cascade.shot]}),
        (HISTORY, cascade.place("SHOT") | {"first": 1}),
        ("{ viewer { uiState } tools { id schema } }", {}),
    ):
        # Another text than that of other tests, after whose faults it may rest.
        text = f"{query} # {cascade.shot}"
        assert await cascade.asking.engines(text, cascade.viewer, asked) is not None


@pytest.mark.parametrize("query", [MANY, OF_SHOTS])
async def test_any_number_of_tools_and_shots_costs_the_same(cascade: Cascade, query: str) -> None:
    shots = [cascade.studio.shot(cascade.project) for _ in range(50)]
    counts = []
    for tools, number in ((["a"], 2), (["a", "b", "c", "d"], 50)):
        some = shots[:number]
        asked: Any = {"ids": some} if query is OF_SHOTS else {"tools": tools, "shotIds": some}
        answer = await cascade.asking(query, cascade.viewer, **asked)
        assert not answer.errors
        counts.append(len(answer.statements))
    assert counts[0] == counts[1]


async def test_versions_are_found_by_an_index(cascade: Cascade, owner: psycopg.Connection) -> None:
    owner.execute("begin; set local enable_seqscan = off")
    plan = owner.execute(
        "explain select max(version) from settings_revisions"
        " where scope = 'shot' and entity_id = gen_random_uuid() and tool = 'x'"
    ).fetchall()
    owner.execute("rollback")
    assert "settings_revisions_pkey" in str(plan)


async def test_settings_that_are_no_objects_are_read_as_they_are(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    owner.execute("update projects set settings = '[]' where id = %s", (cascade.project,))
    owner.execute("update shots set settings = '{\"my-tool\": [1]}' where id = %s", (cascade.shot,))
    found = await cascade.read(defaults={"a": 1})
    assert found["value"] == [1]
    assert found["provenance"] == [{"pointer": "", "layer": "SHOT"}]
    await cascade.patch({"b": 1}, "PROJECT")
    await cascade.patch({"c": 1})
    assert (await cascade.read())["value"] == {"b": 1, "c": 1}


async def test_history_of_what_others_see_is_not_told(cascade: Cascade) -> None:
    await cascade.patch({"n": 1})
    stranger = cascade.studio.user()
    answer = await cascade.asking(HISTORY, stranger, **cascade.place("SHOT"))
    assert answer.data == {"toolSettingsHistory": None}
    assert codes(answer.errors) == [("NOT_FOUND", "id")]
