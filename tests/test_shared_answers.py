"""Shared answers: what one rendering tells all followers of a project, each of them would be told.

Whatever depends on who asks must be named in server/sharing.py; here everything that an
event leads to and that is not named there is asked for by two members with different roles.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    print_schema,
)

from server.sharing import PERSONAL_FIELDS, PERSONAL_TYPES
from tests import clusters, walking
from tests.asking import Asking
from tests.studio import Studio

LEVELS = 2


def alike() -> GraphQLSchema:
    """The schema without what is said to be personal."""
    schema = build_schema(print_schema(walking.SCHEMA))
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in list(kind.fields.items()):
                is_personal = get_named_type(field.type).name in PERSONAL_TYPES
                if is_personal or (kind.name, name) in PERSONAL_FIELDS:
                    del kind.fields[name]
    return schema


SCHEMA = alike()


def reachable(name: str, found: set[str]) -> set[str]:
    """The object types that a type leads to, itself among them."""
    kind = SCHEMA.type_map[name]
    if name in found or name in PERSONAL_TYPES:
        return found
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        inner = [member.name for member in SCHEMA.get_possible_types(kind)]
    elif isinstance(kind, GraphQLObjectType):
        found.add(name)
        inner = [get_named_type(field.type).name for field in kind.fields.values()]
    else:
        inner = []
    for one in inner:
        reachable(one, found)
    return found


TOLD = reachable("ChangeEvent", set())
KINDS = [one.name for one in walking.node_types(SCHEMA) if one.name in TOLD]


@pytest.fixture(scope="module")
def cluster(owner_url: str) -> Iterator[tuple[str, str, clusters.Ids]]:
    """A project with some of everything, its owner, and somebody who only looks."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        studio = Studio(owner)
        user, guest = studio.user(settings={"ui": {"theme": "dark"}}), studio.user()
        ids = clusters.fill(owner, user, 1)
        owner.execute(
            "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
            (ids["Project"][0], guest),
        )
        yield user, guest, ids


async def test_all_that_an_event_leads_to_is_the_same_for_all_members(
    asking: Asking, cluster: tuple[str, str, clusters.Ids]
) -> None:
    user, guest, ids = cluster
    seen = set[str]()
    for kind in KINDS:
        inner = walking.selection(SCHEMA, SCHEMA.type_map[kind], LEVELS)
        query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {inner} }} }}"
        given = [one for name in ids if name not in PERSONAL_TYPES for one in ids[name]]
        mine, theirs = [await asking(query, viewer, ids=given) for viewer in (user, guest)]
        assert mine["nodes"] == theirs["nodes"]
        seen |= set(types(mine["nodes"]))
    assert TOLD - seen <= {"ChangeEvent", "Change"}


def types(value: Any) -> Iterator[str]:
    """The types of all objects in an answer."""
    for inner in value if isinstance(value, list) else ():
        yield from types(inner)
    if isinstance(value, dict):
        yield from filter(None, [value.get("__typename")])
        for inner in value.values():
            yield from types(inner)


def test_everything_that_is_named_as_personal_exists() -> None:
    kinds = walking.SCHEMA.type_map
    assert set(kinds) >= PERSONAL_TYPES
    for kind, name in PERSONAL_FIELDS:
        assert name in kinds[kind].fields  # type: ignore[attr-defined]
