"""A gateway that is stopped ends soon, whatever is open there and whatever its database does."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from tests import gateways
from tests.gateways import Running
from tests.studio import Studio
from tests.talking import PROJECT, following
from tests.test_mutations_killed import House
from tests.test_streams import reading

pytestmark = pytest.mark.prove

AT_ONCE = 30
SECONDS = 90
RENAME = """mutation ($id: ID!, $name: String) {
  renameGeneration(input: {id: $id, name: $name}) { __typename }
}"""
LOOK = "{ viewer { projects(first: 9) { nodes { generations(first: 9) { nodes { id } } } } } }"
BEGUN = (
    b"POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n"
    b"content-length: 1000\r\n\r\n{"
)


def freeze(house: House) -> None:
    """Let PostgreSQL stop in the middle of everything, without hanging up."""
    for process in reversed(family(house)):
        process.suspend()


def family(house: House) -> list[psutil.Process]:
    """The processes of PostgreSQL."""
    note = house.folder / "database" / "cluster" / "postmaster.pid"
    first = psutil.Process(int(note.read_text().splitlines()[0]))
    return [first, *first.children(recursive=True)]


FATES: dict[str, Callable[[House], None]] = {
    "answers": lambda _: None,
    "is killed": House.kill_postgres,
    "is silent": freeze,
}


@pytest.fixture
def house() -> Iterator[House]:
    folder = gateways.ROOT / ".dailies" / f"stopped-{uuid4().hex[:8]}"
    made = House(folder)
    yield made
    if made.gateway.poll() is None:
        made.kill_gateway()
    with suppress(psutil.NoSuchProcess):
        made.kill_postgres()
    shutil.rmtree(folder)


class Visitors:
    """Everything that can be open at a gateway at once."""

    def __init__(self, gateway: Running, user: str, project: str, made: str) -> None:
        self.gateway = gateway
        self.user = user
        self.project = project
        self.made = made
        self.answered = 0
        self.are_busy = asyncio.Event()

    async def ask(self, query: str, **variables: Any) -> None:
        """Ask the same again and again, until nobody answers."""
        body = {"query": query, "variables": variables}
        headers = self.gateway.headers(self.user)
        async with httpx.AsyncClient(headers=headers, timeout=SECONDS) as client:
            with suppress(httpx.HTTPError):
                while (await client.post(f"{self.gateway.address}/graphql", json=body)).json():
                    self.answered += 1
                    if self.answered >= 2 * AT_ONCE:
                        self.are_busy.set()

    async def come(self, stack: AsyncExitStack) -> None:
        """Follow, begin to send something, and ask and change things many times at once."""
        token, query = self.gateway.token(self.user), {"query": PROJECT}
        asked = query | {"variables": {"id": self.project}}
        for _ in range(2):
            talk = following(self.gateway.address, token, PROJECT, id=self.project)
            await stack.enter_async_context(talk)
            await stack.enter_async_context(reading(self.gateway, self.user, json=asked))
        address = httpx.URL(self.gateway.address)
        _, sending = await asyncio.open_connection(address.host, address.port)
        stack.callback(sending.close)
        sending.write(BEGUN)
        for n in range(AT_ONCE):
            asking = self.ask(RENAME, id=self.made, name=str(n)) if n % 2 else self.ask(LOOK)
            stack.callback(asyncio.create_task(asking).cancel)
        await self.are_busy.wait()


@pytest.mark.parametrize("fate", FATES)
async def test_it_ends_whatever_becomes_of_its_database(house: House, fate: str) -> None:
    with psycopg.connect(house.url, autocommit=True) as owner:
        studio = Studio(owner)
        user = studio.user()
        project = studio.project(user)
        made = studio.generation(project)
    gateway = gateways.at(house.address, house.gateway, house.folder)
    async with AsyncExitStack() as stack:
        await Visitors(gateway, user, project, made).come(stack)
        await asyncio.to_thread(FATES[fate], house)
        house.gateway.terminate()
        assert await asyncio.to_thread(house.gateway.wait, SECONDS) == 0
