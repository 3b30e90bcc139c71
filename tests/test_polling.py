"""Polling: `changes` tells whoever asks again and again what came after their last cursor."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.gateways import Running
from tests.studio import Studio

CURSOR = "query ($id: ID!) { project(id: $id) { cursor } }"
POLL = """
query ($id: ID, $after: String!, $wait: Float) {
  changes(projectId: $id, after: $after, wait: $wait) {
    cursor kind changes { id node { ... on Generation { name } } }
  }
}
"""
BESIDE = """
query ($id: ID!, $after: String!, $more: Boolean = true) {
  changes(projectId: $id, after: $after) { kind }
  ... @include(if: $more) { project(id: $id) { shots { nodes { id } } } }
  __typename
}
"""


@pytest.fixture
def user(studio: Studio) -> str:
    return studio.user()


@pytest.fixture
def project(studio: Studio, user: str) -> str:
    return studio.project(user)


@pytest.fixture
def after(gateway: Running, user: str, project: str) -> str:
    """Where the project's feed stands."""
    found: str = gateway.ask(CURSOR, user, id=project)["project"]["cursor"]
    return found


async def test_what_came_is_told_at_once(
    gateway: Running, studio: Studio, user: str, project: str, after: str
) -> None:
    made = studio.generation(project, name="Dawn")
    (event,) = (await asked(gateway, user, POLL, id=project, after=after, wait=20))["changes"]
    assert {"id": made, "node": {"name": "Dawn"}} in event["changes"]
    assert await polled(gateway, user, id=project, after=event["cursor"]) == []


async def test_who_waits_is_told_of_things_as_they_are_by_then(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    made = studio.generation(project, name="Dawn")
    after = gateway.ask(CURSOR, user, id=project)["project"]["cursor"]
    waiting = asyncio.create_task(polled(gateway, user, id=project, after=after, wait=20))
    await asyncio.sleep(0.2)
    studio.owner.execute("update generations set name = 'Dusk' where id = %s", (made,))
    (event,) = await waiting
    assert {"id": made, "node": {"name": "Dusk"}} in event["changes"]


async def test_a_cursor_that_nobody_knows_says_that_all_is_to_be_loaded_again(
    gateway: Running, user: str, project: str, after: str
) -> None:
    (event,) = await polled(gateway, user, id=project, after="unknown", wait=20)
    assert (event["kind"], event["cursor"]) == ("RESYNC", after)


async def test_who_is_removed_while_they_wait_is_told_nothing(
    gateway: Running, studio: Studio, user: str, project: str, after: str
) -> None:
    guest = studio.user()
    studio.insert_member(project, guest, "viewer")
    now = gateway.ask(CURSOR, guest, id=project)["project"]["cursor"]
    waiting = asyncio.create_task(answer(gateway, guest, POLL, id=project, after=now, wait=20))
    await asyncio.sleep(0.2)
    studio.owner.execute("delete from project_members where user_id = %s", (guest,))
    told = await waiting
    assert told["data"] == {"changes": None}
    assert told["errors"][0]["extensions"] == {"code": "NOT_FOUND", "argument": "projectId"}


@pytest.mark.parametrize("wait", [-1, 25.5])
async def test_nobody_waits_for_ever(gateway: Running, user: str, after: str, wait: float) -> None:
    told = await answer(gateway, user, POLL, after=after, wait=wait)
    assert told["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "argument": "wait"}


async def test_it_is_asked_for_alone(gateway: Running, user: str, project: str, after: str) -> None:
    told = await answer(gateway, user, BESIDE, id=project, after=after)
    assert told["data"]["changes"] is None
    assert told["data"]["project"] == {"shots": {"nodes": []}}
    assert told["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    alone = await asked(gateway, user, BESIDE, id=project, after=after, more=False)
    assert alone == {"changes": [], "__typename": "Query"}


async def polled(gateway: Running, user: str, **variables: Any) -> Any:
    """The events that are told."""
    return (await asked(gateway, user, POLL, **variables))["changes"]


async def asked(gateway: Running, user: str, query: str, **variables: Any) -> Any:
    """The data of an answer without errors."""
    told = await answer(gateway, user, query, **variables)
    assert "errors" not in told, told
    return told["data"]


async def answer(gateway: Running, user: str, query: str, **variables: Any) -> Any:
    """What a query is answered, while others go on."""
    body = {"query": query, "variables": variables}
    async with httpx.AsyncClient(timeout=30) as client:
        url = f"{gateway.address}/graphql"
        return (await client.post(url, json=body, headers=gateway.headers(user))).json()
