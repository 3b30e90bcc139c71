"""Values for the arguments of random operations: mostly ones that fit, some that are refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import not_
from random import Random
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
    is_required_argument,
    is_required_input_field,
)

Pools = Mapping[str, list[str]]

PLACES = ("first", "last", "after", "before", "around", "offset")
WORDS = ("a fox", "edit", "video", "", "%", "ä", "image", "walking", "{}")
MOMENTS = ("2026-01-01T00:05:00Z", "2026-03-01T12:00:00+00:00", "2026-03-01T13:00:00.000002+01:00")
OBJECTS: tuple[Any, ...] = (
    {},
    {"a": 1},
    {"paneLocks": {"gens": True, "more": [1.5, None]}, "seed": "x"},
)
TOOLS = ("ui", "image-generation", "join-clips", "some-tool")
WRONG: dict[str, tuple[Any, ...]] = {
    "ID": ("nonsense", "", "1"),
    "Int": (501, -1, 2**31, "1", 1.5),
    "String": ("nonsense", "a\0b", 1),
    "DateTime": ("yesterday", "2026-01-01", 7),
    "Boolean": ("true", 0),
    "JSON": (1, [], "a\0b"),
}


@dataclass(frozen=True)
class Known:
    """What exists: ids by type, the same from another tenant, and cursors by field."""

    ids: Pools
    foreign: Pools
    cursors: Pools


class Word(str):
    """A name of an enum, or a variable: no quotes around it."""

    __slots__ = ()


@dataclass
class Values:
    """Makes values and, for some of them, variables."""

    random: Random
    known: Known
    faulty: bool
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    _is_constant: bool = False

    def arguments(self, place: str, given: Mapping[str, GraphQLArgument], lists: int) -> str:
        """The arguments of a field in one of the ways to give them, or nothing."""
        made = {n: self._argument(place, n, given[n]) for n in self._chosen(given, lists)}
        written = [f"{name}: {text(value)}" for name, value in made.items()]
        return f"({', '.join(written)})" if written else ""

    def switches(self) -> str:
        """`@skip` and `@include`, sometimes."""
        words = ""
        for name, likely in (("skip", False), ("include", True)):
            if self.random.random() < 0.04:
                value = likely if self.random.random() < 0.6 else not likely
                if self.random.random() < 0.5:
                    variable = self._variable("Boolean!", value, partial(not_, value))
                    words += f" @{name}(if: {variable})"
                else:
                    words += f" @{name}(if: {text(value)})"
        return words

    def _chosen(self, given: Mapping[str, GraphQLArgument], lists: int) -> list[str]:
        chosen = [name for name in given if name not in PLACES and self._wanted(given[name])]
        if "first" not in given:
            return chosen
        if "around" in given and self.random.random() < (0.02 if lists else 0.15):
            return [*chosen, "around", "first"]
        if "offset" in given and self.random.random() < 0.1:
            return [*chosen, "offset", "first"]
        size, bound = self.random.choice((("first", "after"), ("last", "before")))
        bounded = self.random.random() < 0.3 and not chosen
        if self.faulty and self.random.random() < 0.1:
            return [*chosen, "first", "last", bound]
        sized = lists or self.random.random() < 0.9
        return [*chosen, *([size] if sized else []), *([bound] if bounded else [])]

    def _wanted(self, argument: GraphQLArgument) -> bool:
        return is_required_argument(argument) or self.random.random() < 0.35

    def _argument(self, place: str, name: str, argument: GraphQLArgument) -> Any:
        kind = argument.type
        if name == "id":
            name = place.partition(".")[2]
        if not isinstance(kind, GraphQLNonNull) and self.random.random() < 0.06:
            another = partial(self.value, kind, name)
            return self._variable(str(kind), None, another) if self.random.random() < 0.5 else None
        make: Callable[[], Any] = partial(self.value, kind, name)
        if name in ("after", "before"):
            make = partial(self._cursor, place)
        return self._variable(str(kind), make(), make) if self.random.random() < 0.3 else make()

    def _cursor(self, place: str) -> str:
        own = self.known.cursors.get(place)
        others = [cursor for cursors in self.known.cursors.values() for cursor in cursors]
        return self.random.choice(own if own and not self._slips() else others)

    def value(self, kind: Any, name: str, depth: int = 0) -> Any:
        """A value of a type; the name says what of it."""
        inner = get_nullable_type(kind)
        if isinstance(inner, GraphQLList):
            return self._list(inner.of_type, name, depth)
        if isinstance(inner, GraphQLEnumType):
            return Word(self.random.choice([*inner.values]))
        if isinstance(inner, GraphQLInputObjectType):
            return self._object(inner, depth)
        if self._slips() and inner.name in WRONG:
            return self.random.choice(WRONG[inner.name])
        return self._scalar(inner.name, name)

    def whole(self, kind: Any) -> str:
        """What a mutation takes, all that it must be given; by a variable, or as it is."""
        value = self._whole(kind, "")
        if self.random.random() < 0.3:
            return text(value)
        return text(self._variable(str(kind), value, partial(self._whole, kind, "")))

    def _whole(self, kind: Any, name: str) -> Any:
        inner = get_nullable_type(kind)
        if isinstance(inner, GraphQLList):
            return [self._whole(inner.of_type, name)]
        if not isinstance(inner, GraphQLInputObjectType):
            return self.value(kind, name)
        needed = [n for n, member in inner.fields.items() if is_required_input_field(member)]
        return {each: self._whole(inner.fields[each].type, each) for each in needed}

    def _scalar(self, kind: str, name: str) -> Any:
        if kind == "ID":
            return self._id(name)
        if kind == "Int":
            return self.random.choice((0, 1, 2, 2, 3, 4)) + (name == "depth")
        if kind == "Boolean":
            return self.random.random() < 0.5
        if kind == "JSON":
            return self.random.choice(OBJECTS)
        if name in ("tool", "tools"):
            return self.random.choice(TOOLS)
        return self.random.choice(MOMENTS if kind == "DateTime" else WORDS)

    def _id(self, name: str) -> str:
        chance = self.random.random()
        if chance < 0.02:
            return str(UUID(int=self.random.getrandbits(128)))
        pools = self.known.foreign if chance < 0.05 else self.known.ids
        likely = {"around": "Generation", "parent": "Generation", "shots": "Shot"}
        likely |= {"projectId": "Project", "shotId": "Shot", "shotIds": "Shot"}
        kind = likely.get(name, name.capitalize())
        pool = pools.get(kind) or pools[self.random.choice([*pools])]
        one = pool[min(self.random.randrange(len(pool)) for _ in range(2))]
        return one.upper() if self.random.random() < 0.05 else one

    def _list(self, item: Any, name: str, depth: int) -> list[Any]:
        number = self.random.choice((0, 1, 1, 2, 3, 5) if depth < 2 else (1,))
        items = [self.value(item, name, depth) for _ in range(number)]
        if items and name == "ids":
            items += self.random.sample(items, 1)
        if items and not self._is_constant and self.random.random() < 0.2:
            items[0] = self._variable(str(item), items[0], partial(self.value, item, name))
        return items

    def _object(self, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        names = self.random.sample([*kind.fields], self.random.randint(0, 2))
        made: dict[str, Any] = {}
        for name in names:
            member = kind.fields[name]
            if depth > 2 and get_named_type(member.type) is kind:
                continue
            value = self.value(member.type, name, depth + 1)
            if not isinstance(member.type, GraphQLNonNull) and self.random.random() < 0.08:
                value = None
            elif not self._is_constant and self.random.random() < 0.2:
                make = partial(self.value, member.type, name, depth + 1)
                value = self._variable(str(member.type), value, make)
            made[name] = value
        return made

    def _variable(self, kind: str, value: Any, make: Callable[[], Any]) -> Any:
        """A variable of this value: given, its default, over a default, or not given at all."""
        if "$v" in text(value):
            return value  # a variable's own value holds no variables
        name = f"$v{len(self.definitions)}"
        ways = ["default", "given", "over"]
        if value is None:
            ways = ["absent", "given"] if not kind.endswith("!") else ["given"]
        elif self._slips():
            ways = ["nulled"]
        way = self.random.choice(ways)
        if way in ("given", "over"):
            self.variables[name[1:]] = json.loads(json.dumps(value))
        if way == "nulled":
            self.variables[name[1:]] = None
        default = f" = {text(value)}" if way in ("default", "over", "nulled") else ""
        looser = default and (way == "nulled" or self.random.random() < 0.5)
        self.definitions.append(f"{name}: {kind.rstrip('!') if looser else kind}{default}")
        if not default or self.random.random() < 0.7:
            self.others[name[1:]] = self._other(make)
        return Word(name)

    def _other(self, make: Callable[[], Any]) -> Any:
        was, self._is_constant = self._is_constant, True
        value = json.loads(json.dumps(make()))
        self._is_constant = was
        return value

    def _slips(self) -> bool:
        return self.faulty and self.random.random() < 0.1


def text(value: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(value, Word):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {text(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
