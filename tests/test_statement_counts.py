"""Whatever is asked, it costs the same number of statements for few parents and for many."""

from typing import Any

import psycopg
import pytest
from graphql import GraphQLObjectType

from tests import clusters, walking
from tests.asking import Asking
from tests.studio import Studio
from tests.walking import SCHEMA

FIELDS = [
    (kind.name, field)
    for kind in walking.node_types(SCHEMA)
    for field in walking.leading_fields(kind)
    if kind.name != "User"
]


@pytest.fixture(scope="module")
def studio_of_many(owner_url: str) -> tuple[str, clusters.Ids]:
    """A viewer with 200 projects alike, and the ids of what is in them."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        viewer = Studio(connection).user()
        return viewer, clusters.fill(connection, viewer, 200)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
async def test_a_field_costs_the_same_under_2_and_200_parents(
    kind: str, field: str, studio_of_many: tuple[str, clusters.Ids], asking: Asking
) -> None:
    await compare(asking, studio_of_many, kind, field, levels=1, most=200)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
async def test_what_is_below_a_field_costs_the_same_under_2_and_20_parents(
    kind: str, field: str, studio_of_many: tuple[str, clusters.Ids], asking: Asking
) -> None:
    await compare(asking, studio_of_many, kind, field, levels=2, most=20)


async def compare(
    asking: Asking,
    studio_of_many: tuple[str, clusters.Ids],
    kind: str,
    field: str,
    levels: int,
    most: int,
) -> None:
    """Ask under 2 and under most parents: whole answers, and the same number of statements."""
    viewer, ids = studio_of_many
    text = walking.field_text(SCHEMA, SCHEMA.type_map[kind], field, levels)
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {text} }} }} }}"

    few = await asking(query, viewer, ids=ids[kind][:2])
    many = await asking(query, viewer, ids=ids[kind][:most])

    assert not few.errors
    assert not many.errors
    assert _shape(few.data["nodes"][0]) == _shape(many.data["nodes"][-1])
    assert len(many.statements) == len(few.statements), _surplus(few.statements, many.statements)


async def test_the_viewers_own_fields_cost_the_same_for_any_number_of_projects(
    owner: psycopg.Connection, asking: Asking
) -> None:
    kind = SCHEMA.type_map["User"]
    assert isinstance(kind, GraphQLObjectType)
    query = f"{{ viewer {walking.selection(SCHEMA, kind, levels=2)} }}"
    counts = []
    for number in (2, 50):
        viewer = Studio(owner).user()
        clusters.fill(owner, viewer, number)
        answer = await asking(query, viewer)
        assert not answer.errors
        counts.append(len(answer.statements))

    assert counts[0] == counts[1]


def _shape(value: Any) -> Any:
    """The same with every value but its kind forgotten, to see that both answers are whole."""
    if isinstance(value, dict):
        return {_word(name): _shape(inner) for name, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else value is None


def _word(name: str) -> str:
    return name if name.isidentifier() else "id"


def _surplus(few: list[str], many: list[str]) -> list[str]:
    rest = list(many)
    for text in few:
        if text in rest:
            rest.remove(text)
    return rest
