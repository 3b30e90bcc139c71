"""Whatever is sent to any mutation is answered in words, and changes nothing of anybody else's."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from graphql import GraphQLObjectType, get_nullable_type

from tests import attacks
from tests.asking import Asking
from tests.attacks import FIELDS, NEVER, PROBLEMS, SCHEMA, SOMETIMES, Place, Written
from tests.clusters import Ids
from tests.scenes import Scene

TYPES = SCHEMA._schema.type_map


CREATES = "It makes something new, and what that is made from stays as it is."
WHOLE = "It is about a whole shot, and names nothing in it."
ONCE = "What it is about never changes: it is there, or no longer."
# What takes no version for all that it names by ids.
UNVERSIONED = {
    "addManyToShot": CREATES,
    "addToShot": CREATES,
    "addToShotAtFrame": CREATES,
    "createGeneration": CREATES,
    "createProject": CREATES,
    "createRun": CREATES,
    "createShot": CREATES,
    "createVariant": CREATES,
    "duplicateAsNewGeneration": CREATES,
    "duplicateEntry": CREATES,
    "duplicateShot": CREATES,
    "inviteMember": CREATES,
    "promoteVariant": CREATES,
    "requestUpload": CREATES,
    "fixTimelineSpacing": WHOLE,
    "initialiseFrames": WHOLE,
    "acceptInvitation": ONCE,
    "declineInvitation": ONCE,
    "revokeInvitation": ONCE,
    "leaveProject": "It is the viewer's own part in a project, in whatever role.",
}


def is_of_fresh_things(name: str) -> bool:
    """Whether it takes versions, and not those of the viewer, which other tests change."""
    return bool(attacks.versions(name) and attacks.speaking(name))


def takes_versions(name: str) -> bool:
    """Whether it takes the versions of what it names by a list of ids."""
    return any(place.path[0] == "expectedVersions" for place in attacks.versions(name))


@pytest.fixture(scope="module")
def scene(owner_url: str, asking: Asking) -> Iterator[Scene]:
    """One for all mutations; who needs a project that is as it was takes a fresh one."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        yield Scene(owner, asking)


every_mutation = pytest.mark.parametrize("name", FIELDS)


@every_mutation
async def test_a_mutation_can_be_taken(name: str, scene: Scene) -> None:
    told = await scene.ask(name, Written(scene.fresh()).input(name))
    assert told.get("__typename", "error") not in (*PROBLEMS, "error"), told


@every_mutation
async def test_what_cannot_be_taken_is_told_by_its_place_and_changes_nothing(
    name: str, scene: Scene
) -> None:
    own = scene.fresh()
    before = scene.state(own["Project"], scene.viewer), scene.theirs_now()
    for place in attacks.places(name):
        for value in NEVER[place.kind]:
            given = attacks.put(Written(own).input(name), place.path, value)
            told = await scene.ask(name, given)
            assert names(told, place), (place.name, shown(value), told)
    assert (scene.state(own["Project"], scene.viewer), scene.theirs_now()) == before


@every_mutation
async def test_what_some_take_is_answered_in_words(name: str, scene: Scene) -> None:
    before = scene.theirs_now()
    for place in attacks.places(name):
        for value in SOMETIMES.get(place.kind, []):
            given = attacks.put(Written(scene.fresh()).input(name), place.path, value)
            told = await scene.ask(name, given)
            assert told.get("code", "NONE") != "INTERNAL", (place.name, shown(value))
            assert "__typename" in told or names(told, place), (place.name, shown(value), told)
    assert scene.theirs_now() == before


@every_mutation
async def test_lists_of_any_length_are_answered_in_words(name: str, scene: Scene) -> None:
    before = scene.theirs_now()
    for place in attacks.lists(name):
        for times in (0, 2, 501):
            given = Written(scene.fresh()).input(name)
            item = attacks.item(given, place)
            told = await scene.ask(name, attacks.put(given, place.path, [item] * times))
            is_long = times > 500 and attacks.is_id(item)
            assert names(told, place) if is_long else "__typename" in told, (place.name, times)
    assert scene.theirs_now() == before


@pytest.mark.parametrize("name", [*filter(attacks.is_partial, FIELDS)])
async def test_what_is_done_to_many_is_not_done_to_none(name: str, scene: Scene) -> None:
    for partial in (False, True):
        given = Written(scene.fresh()).input(name) | {"partial": partial}
        for place in (place for place in attacks.lists(name) if place.path[0] in given):
            told = await scene.ask(name, attacks.put(given, place.path, []))
            assert told["code"] == "BAD_USER_INPUT"
            assert names(told, place), (place.name, told)


@every_mutation
async def test_an_id_of_another_studio_is_as_good_as_none(name: str, scene: Scene) -> None:
    own, before = scene.fresh(), scene.theirs_now()
    for place in attacks.speaking(name):
        nobodys = await told_of(scene, name, own, place, str(uuid4()))
        assert nobodys["__typename"] in ("NotFound", "ValidationFailed"), (place.name, nobodys)
        assert names(nobodys, place), (place.name, nobodys)
        for ids in scene.theirs.values():
            told = await told_of(scene, name, own, place, ids[0])
            assert told == nobodys, (place.name, told)
    assert scene.theirs_now() == before


@pytest.mark.parametrize("name", [*filter(attacks.is_partial, FIELDS)])
async def test_an_id_of_another_studio_is_left_out_as_if_there_were_none(
    name: str, scene: Scene
) -> None:
    before = scene.theirs_now()
    for place in (place for place in attacks.speaking(name) if 0 in place.path):
        for one in (str(uuid4()), *(ids[0] for ids in scene.theirs.values())):
            own = scene.fresh()
            was = scene.state(own["Project"], scene.viewer)
            given, list_name = Written(own).input(name), str(place.path[0])
            strange = attacks.put(Written(own).input(name), place.path, one)
            given[list_name] = strange[list_name] + given[list_name]
            told = await scene.ask(name, given | {"partial": True})
            (left,) = told["problems"]
            assert place.name.startswith(left["argument"])
            assert left["problem"]["__typename"] == "NotFound"
            assert place.name.startswith(left["problem"]["argument"])
            assert scene.state(own["Project"], scene.viewer) != was
    assert scene.theirs_now() == before


@pytest.mark.parametrize("name", [*filter(attacks.versions, FIELDS)])
async def test_what_is_of_another_version_by_now_is_not_changed(name: str, scene: Scene) -> None:
    own = scene.fresh()
    if name == "completeUpload":
        scene.await_upload(own)
    before = scene.state(own["Project"], scene.viewer)
    for place in attacks.versions(name):
        for version in (-1, 1_000_000):
            given = attacks.put(Written(own, "ids").input(name), place.path, version)
            told = await scene.ask(name, given)
            assert told["__typename"] == "Conflict", (place.name, version, told)
            assert told["current"], (place.name, version)
    assert scene.state(own["Project"], scene.viewer) == before


@pytest.mark.parametrize("name", [name for name in FIELDS if is_of_fresh_things(name)])
async def test_what_is_of_the_version_that_is_known_is_changed(name: str, scene: Scene) -> None:
    for place in attacks.versions(name):
        told = []
        for version in (0, 1, 2):
            given = Written(scene.fresh(), "ids").input(name)
            told.append(await scene.ask(name, attacks.put(given, place.path, version)))
        assert any(one["__typename"] not in PROBLEMS for one in told), (place.name, told)


@pytest.mark.parametrize("name", [*filter(attacks.is_partial, FIELDS)])
async def test_what_is_of_another_version_by_now_is_left_out(name: str, scene: Scene) -> None:
    own = scene.fresh()
    before = scene.state(own["Project"], scene.viewer)
    for place in attacks.versions(name):
        given = attacks.put(Written(own).input(name), place.path, 7) | {"partial": True}
        (left,) = (await scene.ask(name, given))["problems"]
        assert left["problem"]["__typename"] == "Conflict", (place.name, left)
        assert left["argument"] in ("input.ids[0]", "input.frames[0]")
    assert scene.state(own["Project"], scene.viewer) == before


@pytest.mark.parametrize("name", [name for name in FIELDS if takes_versions(name)])
async def test_there_is_a_version_for_each_or_none(name: str, scene: Scene) -> None:
    own = scene.fresh()
    before = scene.state(own["Project"], scene.viewer)
    for versions in ([], [1, 1]):
        given = Written(own, "ids").input(name) | {"expectedVersions": versions}
        told = await scene.ask(name, given)
        assert told["issues"] == [{"argument": "input.expectedVersions"}], (versions, told)
    assert scene.state(own["Project"], scene.viewer) == before


def test_whatever_updates_takes_the_version_that_is_expected() -> None:
    lacking = {name for name in FIELDS if not attacks.versions(name) or attacks.unversioned(name)}
    assert lacking == set(UNVERSIONED)


@every_mutation
async def test_a_repeat_is_told_the_same_and_changes_nothing(name: str, scene: Scene) -> None:
    own = scene.fresh()
    given = Written(own).input(name) | {"mutationId": str(uuid4())}
    first = await scene.ask(name, given)
    then = scene.state(own["Project"], scene.viewer)
    assert await scene.ask(name, given) == first
    assert scene.state(own["Project"], scene.viewer) == then


@every_mutation
async def test_an_id_of_another_kind_is_as_good_as_none(name: str, scene: Scene) -> None:
    own = scene.fresh()
    before = scene.state(own["Project"], scene.viewer)
    for place in attacks.speaking(name):
        nobodys = await told_of(scene, name, own, place, str(uuid4()))
        for one in attacks.others(own, attacks.item(Written(own).input(name), place)):
            assert await told_of(scene, name, own, place, one) == nobodys, (place.name, one)
    assert scene.state(own["Project"], scene.viewer) == before


@pytest.mark.parametrize("name", [name for name in FIELDS if attacks.new(name)])
async def test_an_id_for_something_new_that_is_somebodys_is_taken_and_tells_nothing(
    name: str, scene: Scene
) -> None:
    for place in attacks.new(name):
        strangers = scene.of_somebody()
        told = [
            await told_of(scene, name, scene.fresh(), place, ids[0]) for ids in strangers.values()
        ]
        taken = [one for one in told if one["__typename"] in PROBLEMS]
        assert taken, place.name
        assert all((one["code"], one["current"]) == ("CONFLICT", None) for one in taken)


@pytest.mark.parametrize("name", [*filter(attacks.about_others, FIELDS)])
async def test_who_may_only_look_is_refused(name: str, scene: Scene) -> None:
    guest = scene.guest()
    before = scene.theirs_now()
    told = await scene.ask(name, Written(scene.theirs).input(name), guest)
    # Who is invited is told to owners alone.
    assert told["__typename"] == ("NotFound" if name == "revokeInvitation" else "Refused")
    assert scene.theirs_now() == before


def test_every_mutation_is_nullable_and_has_one_input_and_a_union() -> None:
    for name, field in FIELDS.items():
        assert [*field.args] == ["input"], name
        assert str(field.args["input"].type) == f"{name[0].upper()}{name[1:]}Input!"
        assert str(field.type) == f"{name[0].upper()}{name[1:]}Payload"
        members = [one.name for one in field.type.types]
        assert members[-len(PROBLEMS) :] == [*PROBLEMS], name
        assert "mutationId" in get_nullable_type(field.args["input"].type).fields


def test_every_problem_is_one() -> None:
    for name in PROBLEMS:
        kind = TYPES[name]
        assert isinstance(kind, GraphQLObjectType)
        assert [one.name for one in kind.interfaces] == ["Problem"]


def test_whatever_is_in_the_schema_is_described() -> None:
    for kind in TYPES.values():
        if kind.name.startswith("__") or kind.name in ("Boolean", "Float", "ID", "Int", "String"):
            continue
        assert kind.description, kind.name
        for name, field in getattr(kind, "fields", {}).items():
            assert field.description, f"{kind.name}.{name}"
            for argument, value in getattr(field, "args", {}).items():
                assert value.description, f"{kind.name}.{name}({argument})"


async def told_of(scene: Scene, name: str, own: Ids, place: Place, one: str) -> Any:
    """What a mutation comes to that speaks of this id."""
    return await scene.ask(name, attacks.put(Written(own).input(name), place.path, one))


def names(told: Any, place: Place) -> bool:
    """Whether a problem or an error is about just this place of the input."""
    if "error" in told:
        where = f"invalid value at {place.name.removeprefix('input')}"
        return told["code"] == "BAD_USER_INPUT" and where in told["error"]
    named = [issue["argument"] for issue in told.get("issues", ())] or [told.get("argument")]
    return all(one and one != "input" and place.name.startswith(one) for one in named)


def shown(value: Any) -> str:
    """The beginning of a value."""
    return json.dumps(value)[:80]
