"""Selections: however a query is written, each field answers what it answers among all others."""

from random import Random
from typing import Any

import pytest
from graphql import GraphQLUnionType, get_named_type, is_composite_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests import walking
from tests.asking import Answer, Asking
from tests.uneven import Uneven
from tests.walking import SCHEMA

KINDS = [kind.name for kind in walking.node_types(SCHEMA)]
LEVELS = 2
HEAD = """
query ($ids: [ID!]!, $yes: Boolean!, $no: Boolean = false) {
  nodes(ids: $ids) @include(if: $yes) @skip(if: $no) """


class Writing:
    """Writes a query that asks for some fields, in any of the ways that GraphQL knows."""

    def __init__(self, random: Random) -> None:
        self.random, self.fragments = random, list[str]()

    def query(self, kind: str) -> str:
        """A query for nodes of a kind."""
        inner = self.body(SCHEMA.type_map[kind], LEVELS)
        return HEAD + f"{{ ... on {kind} {inner} }} }} " + " ".join(self.fragments)

    def body(self, kind: Any, levels: int) -> str:
        """Some of what is below a type."""
        if isinstance(kind, GraphQLUnionType):
            parts = [f"... on {one.name} {self.body(one, levels)}" for one in kind.types]
            return "{ __typename " + " ".join(parts) + " }"
        known = [name for name in kind.fields if walking.field_text(SCHEMA, kind, name, levels)]
        chosen = [name for name in known if self.random.random() < 0.4]
        parts = [self.part(kind, name, levels) for name in chosen for _ in range(self.times())]
        self.random.shuffle(parts)
        return "{ __typename " + " ".join(parts) + " }"

    def part(self, kind: Any, name: str, levels: int) -> str:
        """One field, written somehow."""
        inner = get_named_type(kind.fields[name].type)
        below = self.below(inner, levels) if is_composite_type(inner) else ""
        shared = [one.name for one in kind.interfaces if name in one.fields]
        alias = walking.aliased(kind, name)
        on = self.random.choice([kind.name, *shared])
        # An interface may promise less: its field cannot stand under the same name.
        named = alias if on == kind.name else f"{on}_as_{alias}"
        ways = [
            f"{alias} {below}",
            f"again_as_{alias} {below}",
            f"gone_as_{alias} @skip(if: $yes) {below}",
            f"... @include(if: $no) {{ gone_as_{alias} {below} }}",
            f"{alias} @include(if: $yes) @skip(if: $no) {below}",
            f"... on {on} {{ {named} {below} }}",
            f"...F{len(self.fragments)} @skip(if: $no)",
        ]
        way = self.random.randrange(len(ways))
        if way == len(ways) - 1:
            text = f"fragment F{len(self.fragments)} on {on} {{ {named} {below} }}"
            self.fragments.append(text)
        return ways[way]

    def below(self, kind: Any, levels: int) -> str:
        """What is below a field: objects with an id are a level further down."""
        further = isinstance(kind, GraphQLUnionType) or "id" in kind.fields
        if further and levels == 1:
            return "{ __typename }"
        return self.body(kind, levels - 1 if further else levels)

    def times(self) -> int:
        """Mostly once."""
        return self.random.choice((1, 1, 2))


class Everything:
    """All fields of the parents of each kind, asked once."""

    def __init__(self, asking: Asking, uneven: Uneven) -> None:
        self.asking, self.uneven = asking, uneven
        self.known: dict[str, Any] = {}

    async def of(self, kind: str) -> Any:
        if kind not in self.known:
            text = walking.selection(SCHEMA, SCHEMA.type_map[kind], LEVELS)
            query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {text} }} }}"
            answer = await self.asking(query, self.uneven.viewer, ids=self.ids(kind))
            self.known[kind] = answer["nodes"]
        return self.known[kind]

    async def ask(self, kind: str, query: str) -> Answer:
        ids = self.ids(kind)
        return await self.asking(query, self.uneven.viewer, ids=ids, yes=True)

    def ids(self, kind: str) -> list[str]:
        return self.uneven.parents(kind)[:8]


@pytest.fixture(scope="session")
def everything(asking: Asking, uneven: Uneven) -> Everything:
    return Everything(asking, uneven)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=some.randoms(use_true_random=False))
async def test_any_selection_is_part_of_everything(
    everything: Everything, kind: str, random: Random
) -> None:
    await compare(everything, kind, random)


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=some.randoms(use_true_random=False))
async def test_any_of_fifty_selections_is_part_of_everything(
    everything: Everything, kind: str, random: Random
) -> None:
    await compare(everything, kind, random)


@pytest.mark.parametrize("kind", KINDS)
async def test_types_alone_are_told_at_every_level(everything: Everything, kind: str) -> None:
    named = SCHEMA.type_map[kind]
    known = [walking.field_text(SCHEMA, named, name, 1) for name in walking.leading_fields(named)]  # type: ignore[arg-type]
    bare = [f"{text.split('{')[0]} {{ __typename }}" for text in known if "{" in text]
    inner = " ".join(["__typename", *bare])
    query = HEAD + f"{{ __typename ... on Node {{ __typename }} ... on {kind} {{ {inner} }} }} }}"
    answer = await everything.ask(kind, query)
    assert agrees(answer["nodes"], await everything.of(kind))


async def compare(everything: Everything, kind: str, random: Random) -> None:
    answer = await everything.ask(kind, Writing(random).query(kind))
    assert agrees(answer["nodes"], await everything.of(kind))


def agrees(part: Any, whole: Any) -> bool:
    """Whether what was asked is answered as it is among everything."""
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(agrees, part, whole))
    if isinstance(part, dict) and isinstance(whole, dict) and "__typename" in part:
        names = {name: name.rpartition("_as_")[2] for name in part}
        return all(known in whole and agrees(part[n], whole[known]) for n, known in names.items())
    return bool(part == whole)
