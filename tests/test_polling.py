"""Who can only ask again and again is answered as soon as there is something, missing nothing."""

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from db.feed import MOST_TICKS
from resolvers.events import PATIENCE
from tests.gateways import Running
from tests.studio import Studio

CURSORS = "query ($id: ID!) { project(id: $id) { cursor } viewer { cursor } }"
POLL = """query ($id: ID, $after: String!, $wait: Float! = 0) {
  changes(projectId: $id, after: $after, wait: $wait) {
    kind cursor shotIds changes { id node { id } }
  }
}"""


@pytest.fixture
def user(studio: Studio) -> str:
    return studio.user()


@pytest.fixture
def project(studio: Studio, user: str) -> str:
    return studio.project(user)


def cursors(gateway: Running, user: str, project: str) -> tuple[str, str]:
    """Where the feeds of a project and of its user stand."""
    found = gateway.ask(CURSORS, user, id=project)
    return found["project"]["cursor"], found["viewer"]["cursor"]


def poll(gateway: Running, user: str, after: str, **given: Any) -> Any:
    """What came after a cursor."""
    return gateway.ask(POLL, user, after=after, **given)["changes"]


async def begun(gateway: Running, user: str, **given: Any) -> asyncio.Task[Any]:
    """Somebody who waits for an answer, until the gateway follows for them."""
    body = {"query": POLL, "variables": given}
    url, headers = f"{gateway.address}/graphql", gateway.headers(user)

    async def ask() -> Any:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            return (await client.post(url, json=body, headers=headers)).json()

    task = asyncio.create_task(ask())
    while "dailies_followers 1.0" not in await _metrics(gateway):
        assert not task.done(), task.result()
    return task


def test_what_came_is_answered_in_order_with_its_rows(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    after, own = cursors(gateway, user, project)
    made = [studio.shot(project) for _ in range(3)]
    found = poll(gateway, user, after, id=project)
    assert [event["shotIds"] for event in found] == [[one] for one in made]
    assert [event["changes"] for event in found] == [
        [{"id": one, "node": {"id": one}}] for one in made
    ]
    rest = poll(gateway, user, found[0]["cursor"], id=project)
    assert rest == found[1:]
    assert poll(gateway, user, found[-1]["cursor"], id=project) == []
    assert poll(gateway, user, own) == []


async def test_who_waits_is_answered_when_something_comes_and_sees_it(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    after, _ = cursors(gateway, user, project)
    waiting = await begun(gateway, user, id=project, after=after, wait=PATIENCE)
    made = studio.shot(project)
    (event,) = (await waiting)["data"]["changes"]
    assert event["changes"] == [{"id": made, "node": {"id": made}}]


async def test_who_waits_in_vain_is_answered_with_nothing(
    gateway: Running, user: str, project: str
) -> None:
    after, _ = cursors(gateway, user, project)
    waiting = await begun(gateway, user, id=project, after=after, wait=1)
    assert (await waiting)["data"]["changes"] == []


async def test_who_is_removed_while_they_wait_is_told_nothing(
    gateway: Running, studio: Studio, owner: psycopg.Connection[Any], project: str
) -> None:
    guest = studio.user()
    studio.insert_member(project, guest, "viewer")
    after, _ = cursors(gateway, guest, project)
    waiting = await begun(gateway, guest, id=project, after=after, wait=PATIENCE)
    owner.execute("delete from project_members where user_id = %s", (guest,))
    answer = await waiting
    assert answer["data"] == {"changes": None}
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_a_cursor_that_nobody_knows_asks_to_load_everything_again(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    _, own = cursors(gateway, user, project)
    for after in ("nonsense", own):
        (event,) = poll(gateway, user, after, id=project)
        assert event["kind"] == "RESYNC"
    made = studio.shot(project)
    assert poll(gateway, user, event["cursor"], id=project)[0]["shotIds"] == [made]


def test_who_was_away_for_long_goes_on_from_answer_to_answer(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    after, _ = cursors(gateway, user, project)
    made = [studio.insert("runs", project_id=project) for _ in range(MOST_TICKS + 1)]
    first = poll(gateway, user, after, id=project)
    rest = poll(gateway, user, first[-1]["cursor"], id=project)
    assert (len(first), len(rest)) == (MOST_TICKS, 1)
    assert [event["changes"][0]["id"] for event in (*first, *rest)] == made


@pytest.mark.parametrize(
    ("given", "code"),
    [({"wait": 25.5}, "BAD_USER_INPUT"), ({"wait": -1}, "BAD_USER_INPUT"), ({}, "NOT_FOUND")],
)
def test_what_cannot_be_waited_for_is_refused(
    given: dict[str, Any], code: str, gateway: Running, studio: Studio, user: str, project: str
) -> None:
    after, _ = cursors(gateway, user, project)
    asks = user if given else studio.user()
    body = {"query": POLL, "variables": {"id": project, "after": after} | given}
    url, headers = f"{gateway.address}/graphql", gateway.headers(asks)
    answer = httpx.post(url, json=body, headers=headers).json()
    assert answer["errors"][0]["extensions"]["code"] == code


async def _metrics(gateway: Running) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{gateway.address}/metrics")).text
