"""The engine answers as graphql-core does: random operations, asked of the gateway with each."""

import gc
import json
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response

from engine.executor import Executor
from server import app, auth
from server.config import Config
from server.database import Urls
from tests import clusters, walking
from tests.operation_values import Known, Pools
from tests.operations import Operation, operation
from tests.studio import Studio
from tests.uneven import Uneven
from tests.walking import SCHEMA

pytestmark = [
    # When graphql-core drops what it no longer needs, it leaves coroutines of its own waiting.
    pytest.mark.filterwarnings(r"error:coroutine '(?!Executor\.|.*resolve):RuntimeWarning"),
    pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning"),
]

SEED = int(os.environ.get("DAILIES_SEED", "0"))
PROVED = int(os.environ.get("DAILIES_PROVED", "50000"))
PARTS = 10
ODD = {
    "params": {"prompt": "ä\\u0001\n", "n": [1, 1.0, 1e300, None, True, {"": []}]},
    "width": 0,
    "height": 2147483647,
    "duration_ms": 1,
    "byte_size": 2**53 - 1,
    "name": "",
    "location": None,
}
CURSORS = """
query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{
  {field}(first: 3) {{ edges {{ cursor }} }} }} }} }}
"""


@dataclass
class Pair:
    """The gateway with its engine and without, and what became of the operations so far."""

    engine: AsyncClient
    core: AsyncClient
    executor: Executor
    asked: int = 0
    faultless: int = 0
    ran: int = 0

    async def compare(self, one: Operation, number: int) -> None:
        """Both answer alike: status, headers and body."""
        for variables in one.variables:
            answered = self.executor.answered
            body = {"query": one.text, "variables": variables, "operationName": one.name}
            first = await sent(self.engine, body, number)
            second = await sent(self.core, body, number)
            assert (first.status_code, first.headers) == (second.status_code, second.headers), body
            assert written(first) == written(second), json.dumps(body)
            assert '"INTERNAL"' not in first.text, json.dumps(body)
            self.asked += 1
            if "errors" not in first.json():
                self.faultless += 1
                self.ran += self.executor.answered - answered

    def share(self) -> float:
        """How much of what went well the engine answered itself."""
        return self.ran / self.faultless


@pytest.fixture(autouse=True)
def between() -> Iterator[None]:
    """Garbage is collected between operations: where a namedtuple is made nothing can warn."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(scope="module")
def known(owner_url: str) -> tuple[str, Known]:
    """A viewer of projects with much, little and nothing in them; ids of theirs and of others."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        return existing(connection)


def existing(connection: psycopg.Connection) -> tuple[str, Known]:
    """A viewer with what they may see, odd values too, and what they may not."""
    uneven = Uneven(connection)
    project = uneven.ids["Project"][0]
    uneven.ids["Generation"].append(uneven.studio.generation(project, **ODD))
    alike = clusters.fill(connection, uneven.viewer, 3)
    kinds = [kind.name for kind in walking.node_types(SCHEMA)]
    ids = {k: uneven.ids[k][:40] + alike.get(k, [])[:2] for k in kinds}
    foreign = clusters.fill(connection, Studio(connection).user(), 1)
    return uneven.viewer, Known(ids, {k: v for k, v in foreign.items() if k in kinds}, {})


@pytest_asyncio.fixture(scope="module")
async def pair(
    known: tuple[str, Known], gateway_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    """Both gateways at the same database, with the same secret."""
    folder = tmp_path_factory.mktemp("data")
    async with (
        gateway(folder, gateway_url, known[0], engine=True) as (engine, executor),
        gateway(folder, gateway_url, known[0], engine=False) as (core, nothing),
    ):
        assert executor is not None
        assert nothing is None
        yield Pair(engine, core, executor)


@asynccontextmanager
async def gateway(
    folder: Path, url: str, viewer: str, engine: bool
) -> AsyncIterator[tuple[AsyncClient, Executor | None]]:
    """The application in this process, and a client of it."""
    settings = {"secret": "s" * 40, "data_folder": folder, "media_window": 10**9}
    config = Config.model_validate({**settings, "engine": engine})
    application = app.create(config, Urls(url, None))
    headers = {"Authorization": f"Bearer {auth.mint(config, viewer)}"}
    transport = ASGITransport(application)
    async with (
        application.router.lifespan_context(application),
        AsyncClient(transport=transport, base_url="http://edge", headers=headers) as client,
    ):
        yield client, application.answers.executor


@pytest_asyncio.fixture(scope="module")
async def everything(known: tuple[str, Known], pair: Pair) -> Known:
    """What operations may speak of, cursors too."""
    found: dict[str, list[str]] = {}
    for kind in walking.node_types(SCHEMA):
        for name, one in kind.fields.items():
            if "first" in one.args:
                found[f"{kind.name}.{name}"] = await cursors(pair, known[1].ids, kind.name, name)
    return Known(known[1].ids, known[1].foreign, {k: v for k, v in found.items() if v})


async def test_random_operations_are_answered_alike(pair: Pair, everything: Known) -> None:
    await compare(pair, everything, SEED, 500)
    assert pair.share() >= 0.8, pair.executor.fallbacks


@pytest.mark.prove
@pytest.mark.parametrize("part", range(PARTS))
async def test_very_many_random_operations_are_answered_alike(
    part: int, pair: Pair, everything: Known
) -> None:
    await compare(pair, everything, SEED + 1_000_000 * (part + 1), PROVED // PARTS)
    report = f"{pair.asked} asked, {pair.share():.1%} by the engine; {pair.executor.fallbacks}"
    logging.getLogger("proof").warning(report)
    assert pair.share() >= 0.8, pair.executor.fallbacks


async def compare(pair: Pair, known: Known, seed: int, number: int) -> None:
    """Ask at least so many operations, beginning with this seed."""
    enough = pair.asked + number
    while pair.asked < enough:
        await pair.compare(operation(SCHEMA, known, seed), seed)
        gc.collect(0 if seed % 100 else 2)
        seed += 1


async def cursors(pair: Pair, ids: Pools, kind: str, name: str) -> list[str]:
    """Cursors of pages of a field."""
    query = CURSORS.format(kind=kind, field=name)
    answer = await pair.core.post(
        "/graphql", json={"query": query, "variables": {"ids": ids[kind]}}
    )
    nodes = answer.json()["data"]["nodes"]
    return [e["cursor"] for node in nodes if node for e in node[name]["edges"]][:30]


async def sent(client: AsyncClient, body: dict[str, Any], number: int) -> Response:
    """An answer, asked for in one of the ways that HTTP has."""
    accept = ("application/json", "application/graphql-response+json", "*/*")[number % 3]
    headers = {"Accept": accept}
    if number % 10:
        return await client.post("/graphql", json=body, headers=headers)
    given = {"query": body["query"], "variables": json.dumps(body["variables"])}
    if body["operationName"]:
        given["operationName"] = body["operationName"]
    return await client.get("/graphql", params=given, headers=headers)


def written(response: Response) -> str:
    """What was answered by HTTP."""
    return worded(response.json())


def worded(answer: dict[str, Any]) -> str:
    """An answer with its order and its kinds of numbers.

    Where several items of a list fail, it is the first to fail that takes the list away, and which
    one that is depends on whose rows come first: their places in lists are left out.
    """
    if "errors" in answer:
        told = {json.dumps(_anywhere(error)) for error in answer["errors"]}
        answer["errors"] = sorted(told)
    return json.dumps(answer)


def _anywhere(error: dict[str, Any]) -> dict[str, Any]:
    path = [step for step in error.get("path") or () if not isinstance(step, int)]
    return error | ({"path": path} if "path" in error else {})
