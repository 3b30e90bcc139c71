"""Clients that know nothing of us follow a project through the loss of every connection.

They need Node 20; the rest of the product does not.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from tests import gateways, guide, node
from tests.gateways import Running
from tests.studio import Studio

PATIENCE = 30.0
PAUSE = 0.05
IN_NODE = [
    "graphql-ws",
    "graphql-sse",
    "graphql-sse, one stream",
    "apollo",
    "urql",
    "urql, event streams",
]
KINDS = [*IN_NODE, "gql"]
ORIGIN = str(uuid4())


@dataclass
class Client:
    """A process that follows, and what it has told of so far."""

    process: Process
    news: asyncio.Event
    is_over: bool = False
    kinds: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    origins: list[str | None] = field(default_factory=list)
    said: str = ""

    async def listen(self) -> None:
        """Note every event until the process has ended."""
        assert self.process.stdout
        assert self.process.stderr
        async for line in self.process.stdout:
            event = json.loads(line)
            self.kinds.append(event["kind"])
            if event["kind"] == "CHANGE":
                self.heard.append(event["shotIds"][0])
                self.origins.append(event["origin"])
            self.news.set()
        self.said = (await self.process.stderr.read()).decode()
        self.is_over = True
        self.news.set()


class Story:
    """A project in which something happens again and again, and those who follow it."""

    def __init__(self, url: str, folder: Path, owner: psycopg.Connection[Any]) -> None:
        self.url, self.folder = url, folder
        self.studio = Studio(owner)
        self.user = self.studio.user()
        self.project = self.studio.project(self.user)
        self.written: list[str] = []
        self.clients: dict[str, Client] = {}
        self.news = asyncio.Event()
        self.process, self.address = gateways.started(url, folder)

    async def begin(self, snippets: Path) -> None:
        """Let everybody follow."""
        place = {
            "address": self.address,
            "token": self._gateway().token(self.user),
            "project": self.project,
            "live": guide.snippets("graphql")["Live"],
            "schema": (gateways.ROOT / "schema" / "schema.graphql").read_text(),
        }
        for kind in KINDS:
            command = _command(kind, snippets)
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=node.CLIENTS
            )
            assert process.stdin
            process.stdin.write(json.dumps(place).encode())
            process.stdin.write_eof()
            self.clients[kind] = Client(process, self.news)

    def write(self) -> None:
        """Something happens in plain SQL."""
        self.written.append(self.studio.shot(self.project))

    def ask(self) -> None:
        """Something happens by a mutation, about the shot that was written last."""
        shot = self.written[-1]
        given = {"scope": "SHOT", "id": shot, "tool": "tool", "patch": {"a": 1}}
        mutation = """mutation ($input: UpdateToolSettingsInput!) {
          updateToolSettings(input: $input) { __typename } }"""
        self._gateway().ask(mutation, self.user, input=given | {"mutationId": ORIGIN})
        self.written.append(shot)

    async def lose(self, end: Callable[[], None]) -> None:
        """The gateway ends like this and comes back at the same port; things go on happening."""
        end()
        await asyncio.to_thread(self.process.wait, 20)
        self.write()
        port = str(urlsplit(self.address).port)
        starting = asyncio.create_task(
            asyncio.to_thread(gateways.started, self.url, self.folder, DAILIES_PORT=port)
        )
        while not starting.done():
            self.write()
            await asyncio.sleep(PAUSE)
        self.process, _ = await starting

    async def all_have(self, enough: Callable[[Client], bool]) -> None:
        """Wait until this is true of everybody, or in vain: then their tests will tell."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not all(one.is_over or enough(one) for one in self.clients.values()):
                    self.news.clear()
                    await self.news.wait()

    def end(self) -> None:
        """End everybody."""
        self.process.terminate()
        self.process.wait(20)
        for client in self.clients.values():
            if not client.is_over:
                client.process.terminate()

    def _gateway(self) -> Running:
        return gateways.at(self.address, self.process, self.folder)


@pytest_asyncio.fixture(scope="module")
async def story(
    gateway_url: str, owner_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Story]:
    """Writes, a mutation, a gateway that is killed, one that stops politely, and what follows."""
    node.tools()
    folder = tmp_path_factory.mktemp("data")
    snippets = guide.written(tmp_path_factory.mktemp("guide"))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        told = Story(gateway_url, folder, owner)
        await told.begin(snippets)
        listening = [asyncio.create_task(one.listen()) for one in told.clients.values()]
        await told.all_have(lambda one: "READY" in one.kinds)
        told.write()
        told.ask()
        for end in ("kill", "terminate"):
            await told.all_have(lambda one: one.heard == told.written)
            await told.lose(getattr(told.process, end))
            told.write()
        await told.all_have(lambda one: one.heard == told.written)
        told.end()
        await asyncio.wait(listening, timeout=PATIENCE)
    yield told


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutation_is_heard_with_its_origin(kind: str, story: Story) -> None:
    client = story.clients[kind]
    assert client.origins[:3] == [None, ORIGIN, None], client.said


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_missing_and_nothing_comes_twice(kind: str, story: Story) -> None:
    client = story.clients[kind]
    assert client.heard == story.written, client.said


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_came_back_from_where_they_were(kind: str, story: Story) -> None:
    client = story.clients[kind]
    assert client.kinds.count("READY") == 3, client.said
    assert set(client.kinds) <= {"READY", "CHANGE", "HEARTBEAT"}


def _command(kind: str, snippets: Path) -> tuple[str, ...]:
    if kind in IN_NODE:
        return ("node", "live.mjs", kind, str(snippets))
    return (sys.executable, "live.py")
