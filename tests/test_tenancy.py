"""Nothing of one studio is ever shown to another, whatever is asked and however."""

import json
from uuid import uuid4

import psycopg
import pytest
from graphql import GraphQLObjectType, get_named_type

from tests import clusters, walking
from tests.asking import Answer, Asking
from tests.studio import Studio
from tests.walking import SCHEMA

ROOT = SCHEMA.query_type
assert ROOT is not None
QUERY = ROOT

NODES = [kind.name for kind in walking.node_types(SCHEMA)]
ARGUMENTS = [
    (kind.name, field, path, many) for kind, field, path, many in walking.id_arguments(SCHEMA)
]
ROOT_ARGUMENTS = [a for a in ARGUMENTS if a[0] == ROOT.name]
INNER_ARGUMENTS = [a for a in ARGUMENTS if a[0] not in (ROOT.name, "Subscription")]


class Two:
    """Two studios alike, of two users who know nothing of one another."""

    def __init__(self, owner: psycopg.Connection) -> None:
        studio = Studio(owner)
        self.victim, self.stranger = studio.user(name="Victim"), studio.user(name="Stranger")
        self.theirs = clusters.fill(owner, self.victim, 1) | {"User": [self.victim]}
        self.own = clusters.fill(owner, self.stranger, 1) | {"User": [self.stranger]}

    def shows(self, answer: Answer) -> list[str]:
        """What of the victim's the answer shows."""
        text = json.dumps([answer.data, [error.message for error in answer.errors]])
        secrets = [one for ids in self.theirs.values() for one in ids]
        return [secret for secret in secrets if secret in text]


@pytest.fixture(scope="module")
def two(owner_url: str) -> Two:
    """Two studios alike."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        return Two(connection)


@pytest.mark.parametrize("kind", NODES)
async def test_a_node_of_another_studio_is_not_there(kind: str, two: Two, asking: Asking) -> None:
    below = walking.selection(SCHEMA, SCHEMA.type_map[kind], levels=2)
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {below} }} }}"

    theirs = await asking(query, two.stranger, ids=two.theirs[kind])
    own = await asking(query, two.stranger, ids=two.own[kind])

    assert theirs["nodes"] == [None]
    assert own["nodes"][0]
    assert not two.shows(own)


@pytest.mark.parametrize(("kind", "field", "path", "many"), ROOT_ARGUMENTS)
async def test_a_root_field_finds_nothing_of_another_studio(
    kind: str, field: str, path: walking.Path, many: bool, two: Two, asking: Asking
) -> None:
    below = walking.selection(SCHEMA, _type(kind, field), levels=1)
    for ids in two.theirs.values():
        literal = f'["{ids[0]}"]' if many else f'"{ids[0]}"'
        needed = walking.required_text(QUERY.fields[field], path[0])
        argument = ", ".join(filter(None, (walking.argument_text(path, literal), needed)))

        answer = await asking(f"{{ {field}({argument}) {below} }}", two.stranger)

        assert answer.data[field] in (None, [None])
        assert {error.original_error.code for error in answer.errors} <= {"NOT_FOUND"}
        assert not two.shows(answer)


@pytest.mark.parametrize(("kind", "field", "path", "many"), INNER_ARGUMENTS)
async def test_an_id_of_another_studio_in_an_argument_is_as_good_as_none(
    kind: str, field: str, path: walking.Path, many: bool, two: Two, asking: Asking
) -> None:
    for ids in two.theirs.values():
        answers = []
        for one in (ids[0], str(uuid4())):
            literal = f'["{one}"]' if many else f'"{one}"'
            below = walking.selection(SCHEMA, _type(kind, field), levels=1)
            inner = f"{field}({walking.argument_text(path, literal)}) {below}"
            query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {inner} }} }} }}"
            answers.append(await asking(query, two.stranger, ids=two.own[kind]))

        theirs, nobodys = answers
        assert not two.shows(theirs)
        assert theirs.data == nobodys.data
        assert len(theirs.errors) == len(nobodys.errors)


async def test_all_that_a_stranger_can_reach_shows_nothing(two: Two, asking: Asking) -> None:
    user = SCHEMA.type_map["User"]
    assert isinstance(user, GraphQLObjectType)

    answer = await asking(f"{{ viewer {walking.selection(SCHEMA, user, levels=3)} }}", two.stranger)

    assert not answer.errors
    assert answer["viewer"]["User_id"] == two.stranger
    assert not two.shows(answer)


def _type(kind: str, field: str) -> object:
    found = SCHEMA.type_map[kind]
    assert isinstance(found, GraphQLObjectType)
    return get_named_type(found.fields[field].type)
