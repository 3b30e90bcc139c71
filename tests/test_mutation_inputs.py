"""Whatever is sent to any mutation is answered in words, and changes nothing of anybody else's."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_nullable_type,
)

from schema import root
from server import errors
from tests import clusters
from tests.asking import Answer, Asking
from tests.studio import Studio

SCHEMA = root.build()._schema
MUTATION = SCHEMA.mutation_type
assert MUTATION is not None
FIELDS: dict[str, Any] = MUTATION.fields
PROBLEMS = ("ValidationFailed", "NotFound", "Conflict", "Refused")

Path = tuple[str | int, ...]


def deep(levels: int) -> Any:
    """Objects inside one another."""
    value: Any = {}
    for _ in range(levels):
        value = {"a": value}
    return value


HOSTILE: dict[str, list[Any]] = {
    "ID": ["nonsense", "", "\0", "x" * 1_000_000],
    "String": ["\0", "\ud800", "x" * 1_000_000],
    "JSON": [
        {"a": "\0"},
        {"\0": 1},
        {"a": "x" * 1_000_000},
        deep(300),
        {"a": 10**40},
        {"a": 1e999},
    ],
    "Int": [-1, 2**31 - 1, -(2**31)],
}


# What a mutation speaks of, by a word in its name.
ABOUT = {
    "Variant": "Variant",
    "Generation": "Generation",
    "Children": "Generation",
    "Upload": "Asset",
}
# What is more than any word or number would do for.
SPECIAL = {"location": "https://example.org/a.png", "contentType": "image/png", "size": 1}

MADE = {"createVariant": "Variant", "requestUpload": "Asset"}


class Written:
    """An input of a mutation that could be taken, and the places in it."""

    def __init__(self, ids: dict[str, list[str]]) -> None:
        self.ids = ids

    def input(self, name: str) -> dict[str, Any]:
        """The input of a mutation with everything that it must have."""
        about = next((kind for word, kind in ABOUT.items() if word in name), "Shot")
        made: dict[str, Any] = self.value(FIELDS[name].args["input"].type, "input", about)
        return made

    def value(self, kind: Any, name: str, about: str) -> Any:
        """A value of a type; an id is of the kind that its name says, else of what it is about."""
        inner = get_nullable_type(kind)
        if isinstance(inner, GraphQLList):
            return [self.value(inner.of_type, name, about)]
        if isinstance(inner, GraphQLInputObjectType):
            return {
                field: self.value(one.type, field, about)
                for field, one in inner.fields.items()
                if isinstance(one.type, GraphQLNonNull) or field in ("patch", "name", "location")
            }
        if isinstance(inner, GraphQLEnumType):
            return "SHOT" if "SHOT" in inner.values else next(iter(inner.values))
        if inner.name == "ID":
            return self.id(name, about)
        plain: dict[str, Any] = {"JSON": {"a": 1}, "Int": 0, "Boolean": True, "String": "word"}
        return SPECIAL.get(name, plain[inner.name])

    def id(self, name: str, about: str) -> str:
        """The id of something of the viewer's."""
        kind = "Video" if name == "parentId" else name.removesuffix("Id").capitalize()
        return self.ids.get(kind, self.ids[about])[0]


def places(kind: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The places of scalars in an input, with the names of their types."""
    inner = get_nullable_type(kind)
    if isinstance(inner, GraphQLList):
        yield from places(inner.of_type, (*path, 0))
    elif isinstance(inner, GraphQLInputObjectType):
        for name, field in inner.fields.items():
            yield from places(field.type, (*path, name))
    elif inner.name in HOSTILE:
        yield path, inner.name


ALL = [
    (name, path, kind)
    for name, field in FIELDS.items()
    for path, kind in places(field.args["input"].type)
]
# Ids that clients choose for what they make.
CHOSEN = [
    one
    for one in ALL
    if one[1] == ("newId",) or (one[0].startswith(("create", "request")) and one[1] == ("id",))
]
SPEAKING = [
    one for one in ALL if one[2] == "ID" and one[1][-1] != "mutationId" and one not in CHOSEN
]


def cases(of: list[tuple[str, Path, str]]) -> list[Any]:
    """A case for each place, under a name that can be read."""
    return [pytest.param(*one, id=f"{one[0]}-{'.'.join(map(str, one[1]))}") for one in of]


class Scene:
    """A viewer with a project, a stranger with another, and what there is to be spoiled."""

    def __init__(self, owner: psycopg.Connection[Any], asking: Asking) -> None:
        studio = Studio(owner)
        self.owner, self.asking = owner, asking
        self.viewer, self.stranger = studio.user(), studio.user()
        self.own = clusters.fill(owner, self.viewer, 1)
        self.theirs = clusters.fill(owner, self.stranger, 1) | {"User": [self.stranger]}
        self.written = Written(self.own)

    async def ask(self, name: str, given: Any) -> Answer:
        """What a mutation came to."""
        kind = FIELDS[name].args["input"].type
        told = " ".join(f"... on {one} {{ code message }}" for one in PROBLEMS)
        text = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ __typename {told} }} }}"
        return await self.asking(text, self.viewer, input=given)

    def state(self) -> Any:
        """All that the stranger has."""
        return self.owner.execute(
            "select (select jsonb_agg(u) from users u where id = %(user)s),"
            " (select jsonb_agg(p) from projects p where user_id = %(user)s),"
            " (select jsonb_agg(s) from shots s where id = any (%(shots)s)),"
            " (select jsonb_agg(g order by id) from generations g"
            "   where project_id = any (%(projects)s)),"
            " (select jsonb_agg(v order by id) from generation_variants v"
            "   where project_id = any (%(projects)s)),"
            " (select jsonb_agg(a order by id) from assets a"
            "   where project_id = any (%(projects)s)),"
            " (select count(*) from settings_revisions where project_id = any (%(projects)s)"
            " or user_id = %(user)s)",
            {
                "user": self.stranger,
                "shots": self.theirs["Shot"],
                "projects": self.theirs["Project"],
            },
        ).fetchone()


@pytest.fixture
def scene(owner: psycopg.Connection[Any], asking: Asking) -> Scene:
    return Scene(owner, asking)


@pytest.mark.parametrize("name", FIELDS)
async def test_a_mutation_can_be_taken(name: str, scene: Scene) -> None:
    answer = await scene.ask(name, scene.written.input(name))
    assert answer[name]["__typename"] not in PROBLEMS


@pytest.mark.parametrize(("name", "path", "kind"), cases(ALL))
async def test_a_hostile_value_is_answered_with_a_code(
    name: str, path: Path, kind: str, scene: Scene
) -> None:
    for value in HOSTILE[kind]:
        answer = await scene.ask(name, put(scene.written.input(name), path, value))
        assert "INTERNAL" not in json.dumps(errors.formatted(answer.errors)), value
        if not answer.errors and kind != "Int":
            assert answer[name].get("code") in ("BAD_USER_INPUT", "NOT_FOUND"), value


@pytest.mark.parametrize(("name", "path", "kind"), cases(SPEAKING))
async def test_an_id_of_another_studio_is_as_good_as_none(
    name: str, path: Path, kind: str, scene: Scene
) -> None:
    before = scene.state()
    for ids in scene.theirs.values():
        theirs, nobodys = [
            (await scene.ask(name, put(scene.written.input(name), path, one)))[name]
            for one in (ids[0], str(uuid4()))
        ]
        assert theirs == nobodys
    assert scene.state() == before


@pytest.mark.parametrize(("name", "path", "kind"), cases(CHOSEN))
async def test_an_id_that_another_studio_has_is_taken_and_tells_nothing(
    name: str, path: Path, kind: str, scene: Scene
) -> None:
    before = scene.state()
    made = MADE.get(name, "Generation")
    given = put(scene.written.input(name), path, scene.theirs[made][0])
    kind = FIELDS[name].args["input"].type
    told = "__typename ... on Conflict { changedFields current { __typename } }"
    text = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {told} }} }}"
    answer = await scene.asking(text, scene.viewer, input=given)
    assert answer[name] == {"__typename": "Conflict", "changedFields": [], "current": None}
    assert scene.state() == before


@pytest.mark.parametrize("name", sorted({name for name, _, _ in SPEAKING}))
async def test_who_may_only_look_is_refused(name: str, scene: Scene) -> None:
    scene.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (scene.theirs["Project"][0], scene.viewer),
    )
    before = scene.state()
    answer = await scene.ask(name, Written(scene.theirs).input(name))
    assert answer[name]["__typename"] == "Refused"
    assert scene.state() == before


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
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert [one.name for one in kind.interfaces] == ["Problem"]


def test_whatever_is_in_the_schema_is_described() -> None:
    for kind in SCHEMA.type_map.values():
        if kind.name.startswith("__") or kind.name in ("Boolean", "Float", "ID", "Int", "String"):
            continue
        assert kind.description, kind.name
        for name, field in getattr(kind, "fields", {}).items():
            assert field.description, f"{kind.name}.{name}"
            for argument, value in getattr(field, "args", {}).items():
                assert value.description, f"{kind.name}.{name}({argument})"


def put(given: Any, path: Path, value: Any) -> Any:
    """The same input with another value at a place."""
    here = given
    for step in path[:-1]:
        here = here[step] if isinstance(step, int) else here.setdefault(step, [])
    if path[-1] == 0:
        here[:] = [value]
    else:
        here[path[-1]] = value
    return given
