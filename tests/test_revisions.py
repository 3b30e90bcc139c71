"""Changes of settings: only what is named changes, everything is kept and can be brought back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.asking import Asking
from tests.cascading import TOOL, Cascade
from tests.studio import Studio

As = Callable[[str], AbstractContextManager[psycopg.Connection]]

BATCH = """
mutation ($patches: [ToolSettingsPatch!]!) {
  updateManyToolSettings(input: {patches: $patches}) { __typename }
}
"""
LARGE = {"text": "x" * 262_144}


@pytest.fixture
def cascade(asking: Asking, studio: Studio) -> Cascade:
    return Cascade(asking, studio)


async def test_a_patch_is_merged_and_told_with_all_its_relations(cascade: Cascade) -> None:
    await cascade.patch({"a": {"b": 1}, "list": [1, 2]})
    told = await cascade.update(patch={"a": {"c": 2}, "list": [3]})
    assert told["settings"]["value"] == {"a": {"b": 1, "c": 2}, "list": [3]}
    assert told["settings"]["layers"]["shot"]["version"] == 2


@pytest.mark.parametrize("scope", ["USER", "PROJECT", "SHOT"])
async def test_every_scope_is_writable_for_every_tool(cascade: Cascade, scope: str) -> None:
    told = await cascade.update(scope, tool="image-generation", patch={"imagesPerPrompt": 3})
    assert told["settings"]["value"]["imagesPerPrompt"] == 3
    assert told["settings"]["value"]["promptMode"] == "automated"
    assert told["settings"]["layers"][scope.lower()]["value"] == {"imagesPerPrompt": 3}


async def test_null_is_a_value(cascade: Cascade) -> None:
    await cascade.patch({"a": 1, "b": {"c": 1}}, "PROJECT")
    await cascade.patch({"a": None, "b": None})
    assert (await cascade.read())["value"] == {"a": None, "b": None}


async def test_an_object_replaces_what_is_none_and_an_empty_one_changes_no_object(
    cascade: Cascade,
) -> None:
    await cascade.patch({"scalar": 1, "list": [1], "nothing": None, "object": {"a": 1}})
    await cascade.patch({"scalar": {}, "list": {}, "nothing": {"b": 1}, "object": {}})
    assert (await cascade.layer())["value"] == {
        "scalar": {},
        "list": {},
        "nothing": {"b": 1},
        "object": {"a": 1},
    }


async def test_a_key_that_is_taken_out_inherits_again(cascade: Cascade) -> None:
    await cascade.patch({"a": 1, "b": {"c": 1}}, "PROJECT")
    await cascade.patch({"a": 2, "b": {"c": 2, "d": 2}})
    told = await cascade.update(unset=["/a", "/b/c", "/b/d", "/none", "/none/at/all"])
    assert told["settings"]["value"] == {"a": 1, "b": {"c": 1}}
    assert told["settings"]["layers"]["shot"] == {"value": None, "version": 2, "hasAny": False}


async def test_keys_are_taken_out_before_the_patch_is_merged(cascade: Cascade) -> None:
    await cascade.patch({"a": {"old": 1}})
    told = await cascade.update(unset=["/a"], patch={"a": {"new": 1}})
    assert told["settings"]["layers"]["shot"]["value"] == {"a": {"new": 1}}


async def test_pointers_reach_keys_of_any_spelling_and_nothing_inside_of_lists(
    cascade: Cascade,
) -> None:
    await cascade.patch({"a/b": 1, "a~b": 1, "": {"": 1, "x": 1}, "list": [{"a": 1}], "0": 1})
    told = await cascade.update(unset=["/a~1b", "/a~0b", "//", "/list/0", "/list/-1", "/list/0/a"])
    assert told["settings"]["value"] == {"": {"x": 1}, "list": [{"a": 1}], "0": 1}


async def test_a_change_without_effect_makes_no_version(cascade: Cascade) -> None:
    await cascade.patch({"a": {"b": 1}})
    await cascade.patch({"a": {"b": 1}})
    await cascade.patch({})
    await cascade.update(unset=["/nothing"])
    assert (await cascade.layer())["version"] == 1


async def test_settings_do_not_touch_the_version_of_their_entity(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    await cascade.patch({"a": 1})
    found = owner.execute("select version from shots where id = %s", (cascade.shot,)).fetchone()
    assert found == (1,)


async def test_another_version_than_expected_is_a_conflict_with_what_is_there(
    cascade: Cascade,
) -> None:
    await cascade.patch({"a": 1, "b": {"same": 1, "other": True}, "gone": 1})
    await cascade.patch({"a": 2})
    patch = {"a": 3, "b": {"same": 1, "other": 1}, "new": 1}

    told = await cascade.update(patch=patch, unset=["/gone", "/none"], expectedVersion=1)

    assert told["code"] == "CONFLICT"
    assert told["changedFields"] == ["/a", "/b/other", "/new", "/gone"]
    assert told["current"]["__typename"] == "ToolSettings"
    assert told["current"]["layers"]["shot"] == {
        "value": {"a": 2, "b": {"same": 1, "other": True}, "gone": 1},
        "version": 2,
        "hasAny": True,
    }
    assert (await cascade.layer())["version"] == 2


async def test_the_expected_version_lets_a_change_through(cascade: Cascade) -> None:
    first = await cascade.update(patch={"a": 1}, expectedVersion=0)
    second = await cascade.update(patch={"a": 2}, expectedVersion=1)
    assert [one["__typename"] for one in (first, second)] == ["ToolSettingsChanged"] * 2


@pytest.mark.parametrize("scope", ["USER", "PROJECT", "SHOT"])
async def test_what_others_own_is_as_good_as_not_there(cascade: Cascade, scope: str) -> None:
    other = Cascade(cascade.asking, cascade.studio)
    theirs = await cascade.update(**other.place(scope), patch={"a": 1})
    nobodys = await cascade.update(**other.place(scope) | {"id": str(uuid4())}, patch={"a": 1})
    assert theirs == nobodys
    assert (theirs["code"], theirs["argument"]) == ("NOT_FOUND", "input.id")
    assert (await other.layer(scope))["version"] == 0


@pytest.mark.parametrize(("role", "allowed"), [("editor", True), ("viewer", False)])
@pytest.mark.parametrize("scope", ["PROJECT", "SHOT"])
async def test_editors_write_where_viewers_only_look(
    cascade: Cascade, owner: psycopg.Connection, role: str, allowed: bool, scope: str
) -> None:
    member = cascade.studio.user()
    owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, %s)",
        (cascade.project, member, role),
    )
    given = cascade.place(scope) | {"patch": {"a": 1}}
    told = await cascade.told("updateToolSettings", member, **given)
    assert told["__typename"] == ("ToolSettingsChanged" if allowed else "Refused")
    assert allowed or told["reason"] == "READ_ONLY"
    assert (await cascade.layer(scope))["version"] == int(allowed)


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"patch": [1]}, "patch"),
        ({"patch": "text"}, "patch"),
        ({}, "patch"),
        ({"unset": []}, "patch"),
        ({"patch": LARGE}, "patch"),
        ({"patch": {"a": "\0"}}, "patch"),
        ({"patch": {"\0": 1}}, "patch"),
        ({"patch": {"a": "\ud800"}}, "patch"),
        ({"patch": {"a": 10**30}}, "patch"),
        ({"patch": {"a": [float("inf")]}}, "patch"),
        ({"unset": ["a"]}, "unset"),
        ({"unset": ["/a"] * 1001}, "unset"),
        ({"unset": ["/\0"]}, "unset"),
        ({"patch": {}, "tool": ""}, "tool"),
        ({"patch": {}, "tool": "a\0"}, "tool"),
        ({"patch": {}, "id": "nonsense"}, "id"),
        ({"patch": {}, "mutationId": "nonsense"}, "mutationId"),
    ],
)
async def test_what_cannot_be_taken_names_its_argument(
    cascade: Cascade, given: dict[str, Any], argument: str
) -> None:
    told = await cascade.update(**given)
    assert told["__typename"] == "ValidationFailed"
    assert [issue["argument"] for issue in told["issues"]] == [f"input.{argument}"]
    assert (await cascade.layer())["version"] == 0


@pytest.mark.parametrize(("levels", "taken"), [(31, True), (32, False), (500, False)])
async def test_settings_are_nested_at_most_thirty_two_levels(
    cascade: Cascade, levels: int, taken: bool
) -> None:
    patch: Any = 1
    for level in range(levels):
        patch = {"a": patch} if level % 2 else [patch]
    told = await cascade.update(patch={"a": patch})
    assert (told["__typename"] == "ToolSettingsChanged") is taken


async def test_many_small_patches_cannot_outgrow_the_limit(cascade: Cascade) -> None:
    for number in range(3):
        told = await cascade.update(patch={f"{number}": "x" * 100_000})
    assert told["issues"][0]["argument"] == "input.patch"
    assert set((await cascade.layer())["value"]) == {"0", "1"}


async def test_a_batch_goes_to_many_scopes_and_tools(cascade: Cascade) -> None:
    patches = [
        cascade.place("SHOT") | {"patch": {"a": 1}},
        cascade.place("USER") | {"patch": {"b": 1}, "tool": "ui"},
        cascade.place("PROJECT") | {"patch": {"c": 1}},
        cascade.place("SHOT") | {"patch": {"d": 1}, "unset": ["/a"]},
    ]
    told = await cascade.told("updateManyToolSettings", patches=patches)
    assert [one["tool"] for one in told["settings"]] == [TOOL, "ui", TOOL, TOOL]
    assert told["settings"][0]["value"] == {"c": 1, "d": 1}
    assert told["settings"][1]["layers"]["user"]["value"] == {"b": 1}
    assert told["settings"][3]["layers"]["shot"]["version"] == 2


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"patch": [1]}, "patch"),
        ({"patch": LARGE}, "patch"),
        ({"unset": ["x"]}, "unset"),
        ({"patch": {}, "tool": ""}, "tool"),
        ({"patch": {}, "id": str(uuid4())}, "id"),
        ({"patch": {}, "expectedVersion": 7}, None),
    ],
)
async def test_a_batch_is_done_whole_or_not_at_all(
    cascade: Cascade, wrong: dict[str, Any], argument: str | None
) -> None:
    good = cascade.place("PROJECT") | {"patch": {"a": 1}}
    told = await cascade.told(
        "updateManyToolSettings", patches=[good, cascade.place("SHOT") | wrong]
    )
    named = told.get("argument") or [issue["argument"] for issue in told.get("issues", ())]
    assert argument is None or f"input.patches[1].{argument}" in named
    assert (await cascade.layer("PROJECT"))["version"] == 0


@pytest.mark.parametrize("number", [0, 101])
async def test_a_batch_has_one_to_a_hundred_patches(cascade: Cascade, number: int) -> None:
    patches = [cascade.place("SHOT") | {"patch": {"a": 1}}] * number
    told = await cascade.told("updateManyToolSettings", patches=patches)
    assert told["issues"][0]["argument"] == "input.patches"


async def test_a_batch_costs_one_statement(cascade: Cascade, asking: Asking) -> None:
    counts = []
    for number in (1, 50):
        patches = [
            cascade.place("SHOT") | {"patch": {"n": n}, "tool": f"{number}-{n}"}
            for n in range(number)
        ]
        answer = await asking(BATCH, cascade.viewer, patches=patches)
        counts.append(len(answer.statements))
    assert counts[0] == counts[1]


async def test_a_reset_forgets_what_one_scope_holds(cascade: Cascade) -> None:
    await cascade.patch({"a": 1}, "PROJECT")
    await cascade.patch({"a": 2, "b": 2})
    told = await cascade.told("resetToolSettings", **cascade.place("SHOT"))
    assert told["settings"]["value"] == {"a": 1}
    assert told["settings"]["layers"]["shot"] == {"value": None, "version": 2, "hasAny": False}
    conflict = await cascade.told(
        "resetToolSettings", **cascade.place("PROJECT"), expectedVersion=9
    )
    assert conflict["code"] == "CONFLICT"


async def test_every_change_is_kept(cascade: Cascade) -> None:
    await cascade.patch({"a": 1})
    await cascade.update(patch={"b": 2}, unset=["/a"])
    await cascade.told("resetToolSettings", **cascade.place("SHOT"))
    found = await cascade.history()
    assert found["totalCount"] == {"value": 3}
    assert [
        (one["version"], one["patch"], one["unset"], one["valueBefore"]) for one in found["nodes"]
    ] == [
        (3, None, [""], {"b": 2}),
        (2, {"b": 2}, ["/a"], {"a": 1}),
        (1, {"a": 1}, [], None),
    ]
    assert {one["author"] for one in found["nodes"]} == {cascade.viewer}


async def test_history_comes_in_pages(cascade: Cascade) -> None:
    for number in range(5):
        await cascade.patch({"n": number})
    first = await cascade.history(first=3)
    rest = await cascade.history(first=3, after=first["pageInfo"]["endCursor"])
    versions = [one["version"] for one in (*first["nodes"], *rest["nodes"])]
    assert versions == [5, 4, 3, 2, 1]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
async def test_any_version_can_be_brought_back(cascade: Cascade, version: int) -> None:
    states: list[Any] = [None]
    for patch in ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": 0}):
        await cascade.patch(patch)
        states.append((await cascade.layer())["value"])

    told = await cascade.told("rollbackToolSettings", **cascade.place("SHOT"), version=version)

    assert told["settings"]["layers"]["shot"]["value"] == states[version]
    assert told["settings"]["layers"]["shot"]["version"] == (3 if version == 3 else 4)


async def test_what_was_there_before_the_first_change_comes_back_too(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    kept = Jsonb({TOOL: {"old": True}})
    owner.execute("update shots set settings = %s where id = %s", (kept, cascade.shot))
    await cascade.patch({"new": True})
    told = await cascade.told("rollbackToolSettings", **cascade.place("SHOT"), version=0)
    assert told["settings"]["value"] == {"old": True}


@pytest.mark.parametrize("version", [-1, 2, 2**31 - 1])
async def test_a_version_that_never_was_is_not_brought_back(cascade: Cascade, version: int) -> None:
    await cascade.patch({"a": 1})
    told = await cascade.told("rollbackToolSettings", **cascade.place("SHOT"), version=version)
    assert told["issues"][0]["argument"] == "input.version"


async def test_history_goes_with_its_entity(cascade: Cascade, owner: psycopg.Connection) -> None:
    for scope in ("USER", "PROJECT", "SHOT"):
        await cascade.patch({"a": 1}, scope)
    owner.execute("delete from shots where id = %s", (cascade.shot,))
    owner.execute("delete from projects where id = %s", (cascade.project,))
    owner.execute("delete from users where id = %s", (cascade.viewer,))
    left = owner.execute(
        "select count(*) from settings_revisions where entity_id = any (%s)",
        ([cascade.viewer, cascade.project, cascade.shot],),
    ).fetchone()
    assert left == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "update shots set settings = '{}'",
        "update projects set settings = '{}'",
        "update users set settings = '{}'",
        "delete from settings_revisions",
        "insert into settings_revisions (user_id, tool, version) values (viewer_id(), 'x', 1)",
        "select write_settings('user', viewer_id(), null, 'x', '{\"a\": 1}', null, null, null)",
    ],
)
async def test_nobody_writes_settings_past_their_history(
    cascade: Cascade, acting_as: As, statement: str
) -> None:
    with acting_as(cascade.viewer) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)
