"""What every mutation is attacked with, made from the schema: inputs, and the places in them."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
    is_required_input_field,
)

from schema import root

SCHEMA = root.build()
MUTATION = SCHEMA._schema.mutation_type
assert MUTATION is not None
FIELDS: dict[str, Any] = MUTATION.fields
PROBLEMS = ("ValidationFailed", "NotFound", "Conflict", "Refused")
TOLD = """
__typename
... on Problem { code message }
... on ValidationFailed { issues { argument } }
... on NotFound { argument }
... on Conflict { current { __typename } }
... on Refused { reason }
"""
LEFT = "problems { argument problem { __typename ... on NotFound { argument } } }"
# Kinds of things that stand in one table, by the name that ids of it have.
TABLES = {
    "Generation": ("Generation", "Source", "Derived", "Video", "Segment"),
    "ShotEntry": ("ShotEntry", "Next", "Placed video"),
    "Project": ("Project", "Joined"),
    "Invitation": ("Invitation", "Invited"),
}
# What is spoken of by a mutation with such a word in its name, and by an argument of this name.
ABOUT = {
    "leaveProject": "Joined",
    "acceptInvitation": "Invited",
    "declineInvitation": "Invited",
    "Variant": "Variant",
    "AsNew": "ShotEntry",
    "Entr": "ShotEntry",
    "Frames": "ShotEntry",
    "Pair": "ShotEntry",
    "InShot": "ShotEntry",
    "FromShot": "ShotEntry",
    "Enhanced": "ShotEntry",
    "Children": "Generation",
    "Generation": "Generation",
    "Member": "Member",
    "Invitation": "Invitation",
    "Run": "Run",
    "Project": "Project",
    "Upload": "Asset",
}
KINDS = {"Entry": "ShotEntry", "Other": "Next", "After": "Next", "Parent": "Video"}
# Arguments that may be left out, but not all at once.
WANTED = ("patch", "after", "name", "location")
# Values that are of some form.
FORMED: dict[str, Any] = {
    "email": "ada@example.org",
    "location": "https://example.org/a.png",
    "contentType": "image/png",
    "size": 1,
    "version": 0,
}
# Ids of what is to be made, where they are not just called `id`.
NEW = {
    ("addManyToShot", "ids"),
    ("duplicateEntry", "copyId"),
    ("duplicateAsNewGeneration", "copyId"),
    ("duplicateAsNewGeneration", "generationId"),
    ("createProject", "shotId"),
    ("duplicateShot", "copyId"),
    ("promoteVariant", "newId"),
}
# What whoever may look at a project may do, too.
ANYBODYS = ("leaveProject", "acceptInvitation", "declineInvitation")
# What they do not even see.
HIDDEN = ("revokeInvitation",)
# The versions of what an argument names.
VERSION_OF = {
    "id": "expectedVersion",
    "ids": "expectedVersions",
    "otherId": "otherExpectedVersion",
}
VERSIONS = frozenset(VERSION_OF.values())
LARGE = "x" * 1_000_000


Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Where a value stands in an input, and of which type it is there."""

    path: Path
    kind: str
    is_optional: bool = False
    # Whether it is for an id that a client gives to what it makes.
    is_new: bool = False

    @property
    def name(self) -> str:
        """The place as problems name it."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"input{''.join(steps)}"


def deep(levels: int) -> Any:
    """Objects inside one another."""
    value: Any = {}
    for _ in range(levels):
        value = {"a": value}
    return value


# What no argument of a type takes, and what some do.
NEVER: dict[str, list[Any]] = {
    "ID": ["nonsense", "", "\0", LARGE, -1, 10**40, True, {}, [[]]],
    "String": ["\0", "\ud800", "a\0", 1, {}],
    "Int": [2**31, -(2**31) - 1, 10**40, 0.5, "1", LARGE, {}],
    "Float": [1e999, 10**400, "1", LARGE, {}],
    "Boolean": [1, "true", LARGE, {}],
    "DateTime": ["yesterday", "2026-01-01T00:00:00", "\0", LARGE, 1, {}],
    "BigInt": [2**53, -(2**53), 0.5, "1", LARGE, {}],
    "JSON": [{"a": "\0"}, {"\0": 1}, {"a": "\ud800"}, deep(1_000), {"a": 10**40}, {"a": 1e999}],
    "list": [[None], {}, [[[]]]],
    "enum": ["NONSENSE", "", "\0", LARGE, 1, {}],
}
SOMETIMES: dict[str, list[Any]] = {
    "String": ["", " ", "'; drop table users; --", "x" * 501, LARGE],
    "Int": [-1, 2**31 - 1, -(2**31)],
    "Float": [-1.0, 1e308, 5e-324],
    "DateTime": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
    "BigInt": [-1, 2**53 - 1],
    "JSON": [None, [], "x", {}, {"a": LARGE}, {LARGE: 1}, deep(300)],
}


class Written:
    """An input of a mutation that could be taken, about somebody's things."""

    def __init__(self, ids: dict[str, list[str]], *wanted: str) -> None:
        self.ids, self.wanted = ids, (*WANTED, *wanted)

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
                if is_required_input_field(one) or field in self.wanted
            }
        if isinstance(inner, GraphQLEnumType):
            return "SHOT" if "SHOT" in inner.values else next(iter(inner.values))
        if inner.name == "ID":
            return self.id(name, about)
        plain: dict[str, Any] = {"JSON": {"a": 1}, "Int": 1, "Boolean": True}
        return FORMED.get(name, plain.get(inner.name, "word"))

    def id(self, name: str, about: str) -> str:
        """The id of something of theirs."""
        kind = name.removesuffix("s").removesuffix("Id").capitalize()
        kind = about if about == "Joined" else kind
        return self.ids.get(KINDS.get(kind, kind), self.ids[about])[0]


def text(name: str) -> str:
    """A mutation that asks for every problem, and for those of what it has left out."""
    kind, told = FIELDS[name].args["input"].type, FIELDS[name].type.types
    left = (f"... on {one.name} {{ {LEFT} }}" for one in told if "problems" in one.fields)
    return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {TOLD} {' '.join(left)} }} }}"


class Words(str):
    """A value as GraphQL is written."""


def literal(kind: Any, value: Any) -> str:
    """A value of a type as a part of a document."""
    inner = get_nullable_type(kind)
    if isinstance(value, Words):
        return value
    if isinstance(inner, GraphQLList):
        return f"[{', '.join(literal(inner.of_type, one) for one in value)}]"
    if isinstance(inner, GraphQLInputObjectType):
        fields = (f"{n}: {literal(inner.fields[n].type, one)}" for n, one in value.items())
        return f"{{{', '.join(fields)}}}"
    if isinstance(inner, GraphQLEnumType):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{n}: {literal(None, one)}' for n, one in value.items())}}}"
    return json.dumps(value)


def places(name: str) -> list[Place]:
    """Every place in the input of a mutation."""
    found = _places(FIELDS[name].args["input"].type, ())
    return [place._replace(is_new=_is_new(name, place)) for place in found]


def speaking(name: str) -> list[Place]:
    """The places that speak of something by its id."""
    return [place for place in _ids(name) if not place.is_new]


def versions(name: str) -> list[Place]:
    """The places that say which version is expected."""
    found = (place for place in places(name) if not VERSIONS.isdisjoint(place.path))
    return [place for place in found if place.kind != "list"]


def unversioned(name: str) -> list[Place]:
    """The places that speak of something by its id, without one for its version beside them."""
    known = {place.path for place in versions(name)}
    wanted = [(place, VERSION_OF.get(_last(place.path))) for place in speaking(name)]
    return [
        place
        for place, version in wanted
        if version and _with_last(place.path, version) not in known
    ]


def is_partial(name: str) -> bool:
    """Whether it may leave out some of what it is asked to do."""
    return "partial" in get_nullable_type(FIELDS[name].args["input"].type).fields


def about_others(name: str) -> bool:
    """Whether it must speak of something that is there already, which not everybody may change."""
    is_theirs = name in ANYBODYS or name in HIDDEN
    return not is_theirs and any(not place.is_optional for place in speaking(name))


def new(name: str) -> list[Place]:
    """The places for ids that clients give to what they make."""
    return [place for place in _ids(name) if place.is_new]


def lists(name: str) -> list[Place]:
    """The places of lists."""
    return [place for place in places(name) if place.kind == "list"]


def item(given: Any, place: Place) -> Any:
    """What stands at a place, or in the list there; a word where nothing does."""
    for step in place.path:
        if isinstance(given, dict) and step not in given:
            return 1 if step in VERSIONS else "/word"
        given = given[step]
    return given[0] if isinstance(given, list) else given


def is_id(value: Any) -> bool:
    """Whether it is an id."""
    return isinstance(value, str) and len(value) == 36


def others(ids: dict[str, list[str]], one: str) -> list[str]:
    """The ids of things that are of another kind than this one, if this is an id."""
    kind = next((kind for kind, known in ids.items() if one in known), None)
    same = next((kinds for kinds in TABLES.values() if kind in kinds), (kind,))
    return [known[0] for name, known in ids.items() if kind and name not in same]


def put(given: Any, path: Path, value: Any) -> Any:
    """The same input with another value at a place."""
    here = given
    for step, after in pairwise(path):
        here = (
            here[step] if isinstance(step, int) else here.setdefault(step, [] if after == 0 else {})
        )
    if path[-1] == 0:
        here[:] = [value]
    else:
        here[path[-1]] = value
    return given


def _last(path: Path) -> str:
    """The name of the argument at the end of a path."""
    return [step for step in path if isinstance(step, str)][-1]


def _with_last(path: Path, name: str) -> Path:
    """The same path, to another argument beside the one at its end."""
    return tuple(name if step == _last(path) else step for step in path)


def _ids(name: str) -> list[Place]:
    found = [place for place in places(name) if place.kind == "ID"]
    return [place for place in found if place.path[-1] != "mutationId"]


def _is_new(name: str, place: Place) -> bool:
    is_own = place.is_optional and place.path[-1] == "id"
    return place.kind == "ID" and (is_own or (name, place.path[0]) in NEW)


def _places(kind: Any, path: Path) -> Iterator[Place]:
    inner = get_nullable_type(kind)
    if isinstance(inner, GraphQLList):
        yield Place(path, "list")
        yield from _places(inner.of_type, (*path, 0))
    elif isinstance(inner, GraphQLInputObjectType):
        for name, field in inner.fields.items():
            yield from _places(field.type, (*path, name))
    else:
        name = "enum" if isinstance(inner, GraphQLEnumType) else inner.name
        yield Place(path, name, not isinstance(kind, GraphQLNonNull))
