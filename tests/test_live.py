"""Gateways follow the feed while they run: what one has committed is heard by the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient

from db import events, retention
from db.cursors import Cursors
from db.events import Event, Kind
from db.retention import Pruned
from server import app, auth
from server import feed as server_feed
from server.app import Gateway
from server.config import Config
from server.database import Urls
from tests.studio import Studio

PATIENCE_SECONDS = 20
CURSOR = "query ($id: ID!) { project(id: $id) { cursor } }"
RENAME = """
mutation ($input: RenameGenerationInput!) { renameGeneration(input: $input) { __typename } }
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_folder=tmp_path, feed_hours=1 / 3600)


@pytest_asyncio.fixture
async def gateways(
    config: Config, gateway_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Gateway]]:
    """Two of them, who look at the clocks once an hour if nobody rings."""
    monkeypatch.setattr(server_feed, "_BUSY_SECONDS", 3600)
    monkeypatch.setattr(server_feed, "_IDLE_SECONDS", 3600)
    made = [app.create(config, Urls(gateway_url, None)) for _ in range(2)]
    async with AsyncExitStack() as stack:
        for gateway in made:
            await stack.enter_async_context(gateway.router.lifespan_context(gateway))
        yield made


async def test_what_a_mutation_commits_is_heard_everywhere_from_the_cursor_of_a_query_on(
    gateways: list[Gateway], config: Config, studio: Studio
) -> None:
    user = studio.user()
    project = studio.project(user)
    made = studio.generation(project)
    answer = await _asked(gateways[0], config, user, CURSOR, id=project)
    cursors = Cursors(config.key("cursors"))
    place = events.opened(cursors, project, answer["project"]["cursor"])
    assert place is not None
    told: list[asyncio.Queue[Event]] = [asyncio.Queue(), asyncio.Queue()]
    for gateway, queue in zip(gateways, told, strict=True):
        gateway.live.tail.follow(place, queue.put_nowait)
    for name in ("Dawn", "Dusk"):
        given = {"id": made, "name": name}
        await _asked(gateways[0], config, user, RENAME, input=given)
        heard = [await asyncio.wait_for(one.get(), PATIENCE_SECONDS) for one in told]
        assert heard[0] == heard[1]
        assert (heard[0].kind, heard[0].reason) == (Kind.CHANGE, "metadata-update")


async def test_a_gateway_lets_go_of_what_is_old_again_and_again_whatever_happens(
    config: Config, gateway_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: asyncio.Queue[tuple[str, timedelta]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def prune(url: str, kept: timedelta) -> Pruned:
        loop.call_soon_threadsafe(rounds.put_nowait, (url, kept))
        raise ZeroDivisionError

    monkeypatch.setattr(retention, "prune", prune)
    gateway = app.create(config, Urls(gateway_url, None))
    async with gateway.router.lifespan_context(gateway):
        for _ in range(2):
            found = await asyncio.wait_for(rounds.get(), PATIENCE_SECONDS)
            assert found == (gateway_url, timedelta(seconds=1))


async def _asked(gateway: Gateway, config: Config, user: str, query: str, **variables: Any) -> Any:
    headers = {"Authorization": f"Bearer {auth.mint(config, user)}"}
    client = AsyncClient(transport=ASGITransport(gateway), base_url="http://gateway")
    async with client:
        body = {"query": query, "variables": variables}
        answer = (await client.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]
