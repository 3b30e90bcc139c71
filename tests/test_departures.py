"""Whoever leaves before the answer waits for nothing: what was asked for is stopped."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest

from server import auth, departures
from server.config import Config
from server.departures import Departed, Lookout
from tests.gateways import SECRET, started

QUERY = "{ viewer { projects { nodes { id } } } }"
PATIENCE = 5.0
BLOCKED = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like '%projects%'
"""


@pytest.fixture(scope="module", params=["on", "off"])
def address(
    request: pytest.FixtureRequest, gateway_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A gateway, with the engine and without."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAILIES_ENGINE", request.param)
        process, address = started(gateway_url, tmp_path_factory.mktemp("data"))
    yield address
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_statement_of_a_client_that_left_is_cancelled(
    address: str, method: str, owner: psycopg.Connection, owner_url: str, tmp_path: Path
) -> None:
    config = Config.model_validate({"secret": SECRET, "data_folder": tmp_path})
    token = auth.mint(config, str(uuid4()))
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.post(f"{address}/graphql", json={"query": QUERY}, headers=headers).json()["data"]

    with psycopg.connect(owner_url) as holding:
        holding.execute("lock table projects in access exclusive mode")
        client = sent(address, method, token)
        assert waited(owner, 1)
        client.close()
        assert waited(owner, 0)

    # The connection is as good as before.
    assert httpx.post(f"{address}/graphql", json={"query": QUERY}, headers=headers).json()["data"]


async def test_work_is_left_alone_while_its_client_waits() -> None:
    async def stay() -> dict[str, str]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def work() -> str:
        await asyncio.sleep(4 * departures.SOON_SECONDS)
        return "done"

    assert await Lookout().watched(work(), stay) == "done"


async def test_work_that_somebody_else_cancels_is_cancelled() -> None:
    async def stay() -> dict[str, str]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    task = asyncio.create_task(Lookout().watched(asyncio.sleep(60), stay))
    await asyncio.sleep(3 * departures.SOON_SECONDS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_can_go_on_after_its_client_has_left() -> None:
    async def leave() -> dict[str, str]:
        return {"type": "http.disconnect"}

    with pytest.raises(Departed):
        await Lookout().watched(asyncio.sleep(60), leave)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


def sent(address: str, method: str, token: str) -> socket.socket:
    """A client that has asked and reads nothing."""
    place = urlsplit(address)
    body = json.dumps({"query": QUERY}) if method == "POST" else ""
    target = "/graphql" if method == "POST" else f"/graphql?query={quote(QUERY)}"
    lines = (
        f"{method} {target} HTTP/1.1",
        f"Host: {place.netloc}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    client = socket.create_connection((place.hostname or "", place.port or 0))
    client.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    return client


def waited(owner: psycopg.Connection, expected: int) -> bool:
    """Whether so many statements are blocked, sooner or later."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if owner.execute(BLOCKED).fetchone() == (expected,):
            return True
        time.sleep(0.05)
    return False
