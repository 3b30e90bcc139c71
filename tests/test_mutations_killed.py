"""What was acknowledged is there, whoever is killed: the gateway, or PostgreSQL under it.

A thousand mutations from many clients, and an end without warning in the middle of them. Each that
was answered is kept, each that was not is whole or absent, and all of them can be sent again.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from psycopg import sql

from db import embedded, migrate
from server import auth
from server.config import Config
from tests import gateways
from tests.studio import Studio

pytestmark = pytest.mark.prove

EACH = 250
CLIENTS = 32
KILLED_AFTER = 400
PATIENCE_SECONDS = 60
TABLES = ("generations", "generation_variants", "shots", "settings_revisions", "mutation_results")
AT_WORK = "select count(*) from pg_stat_activity where usename = 'dailies_gateway'"

# What is asked of each answer is the same whatever others have changed meanwhile.
TEXTS = {
    "renameGeneration": "generation { id name version }",
    "patchGenerationParams": "generation { id }",
    "updateToolSettings": "settings { tool shotId }",
    "deleteGenerations": "deletedIds",
}
SUCCESSES = {
    "renameGeneration": "GenerationChanged",
    "patchGenerationParams": "GenerationChanged",
    "updateToolSettings": "ToolSettingsChanged",
    "deleteGenerations": "GenerationsDeleted",
}
# Whether each mutation is there: in all the places where it leaves something, or in none.
TRACES = {
    "renameGeneration": """
        select g.name = %(mark)s, v.name = %(mark)s, g.version = 2
        from generations g join generation_variants v on v.id = g.primary_variant_id
        where g.id = %(id)s
    """,
    "patchGenerationParams": """
        select g.params ? %(mark)s, v.params ? %(mark)s
        from generations g join generation_variants v on v.id = g.primary_variant_id
        where g.id = %(id)s
    """,
    "updateToolSettings": """
        select s.settings -> 'tool' ? %(mark)s, exists (
          select from settings_revisions r where r.shot_id = s.id and r.patch ? %(mark)s)
        from shots s where s.id = %(id)s
    """,
    "deleteGenerations": """
        select not exists (select from generations where id = %(id)s),
          not exists (select from generation_variants where generation_id = %(id)s)
    """,
}
KEPT = "select outcome is not null from mutation_results where mutation_id = %s"


@dataclass
class Sent:
    """A mutation, and what it was told."""

    name: str
    id: str
    mark: str
    given: dict[str, Any]
    is_sent: bool = False
    is_told: bool = False
    told: Any = None

    @property
    def body(self) -> dict[str, Any]:
        """The request."""
        kind = f"{self.name[0].upper()}{self.name[1:]}Input!"
        shown = f"__typename ... on {SUCCESSES[self.name]} {{ {TEXTS[self.name]} }}"
        text = f"mutation ($input: {kind}) {{ {self.name}(input: $input) {{ {shown} }} }}"
        return {"query": text, "variables": {"input": self.given}}


class House:
    """A PostgreSQL in a folder of its own, and a gateway before it, that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers = [embedded.start(folder / "database")]
        self.url = self.servers[0].url
        migrate.migrate(self.url, "dailies_gateway", None)
        self.open()

    def open(self) -> None:
        """Start a gateway."""
        url = self.servers[0].gateway_url
        self.gateway, self.address = gateways.started(url, self.folder)

    def kill_gateway(self) -> None:
        """Kill the gateway; PostgreSQL ends what it had begun."""
        kill(psutil.Process(self.gateway.pid))
        self.gateway.wait(PATIENCE_SECONDS)

    def kill_postgres(self) -> None:
        """Kill PostgreSQL with all its processes; the gateway stays."""
        note = self.folder / "database" / "cluster" / "postmaster.pid"
        kill(psutil.Process(int(note.read_text().splitlines()[0])))

    def mend(self) -> None:
        """Start again what was killed."""
        self.servers.append(embedded.start(self.folder / "database"))
        if self.gateway.poll() is None:
            return
        with psycopg.connect(self.url, autocommit=True) as owner:
            until = time.monotonic() + PATIENCE_SECONDS
            while owner.execute(AT_WORK).fetchone() != (0,):
                assert time.monotonic() < until
                time.sleep(0.05)
        self.open()

    def close(self) -> None:
        """Stop both."""
        if self.gateway.poll() is None:
            self.gateway.terminate()
            self.gateway.wait(PATIENCE_SECONDS)
        for server in self.servers:
            server.stop()


def kill(process: psutil.Process) -> None:
    """End a process that this test has started, and its children, without any warning."""
    family = [process, *process.children(recursive=True)]
    for each in family:
        each.kill()
    psutil.wait_procs(family, PATIENCE_SECONDS)


@pytest.fixture
def house() -> Iterator[House]:
    folder = gateways.ROOT / ".dailies" / f"killed-{uuid4().hex[:8]}"
    made = House(folder)
    yield made
    made.close()
    shutil.rmtree(folder)


class Clients:
    """Many clients of one person, each on a connection of its own."""

    def __init__(self, house: House, viewer: str) -> None:
        config = Config.model_validate({"secret": gateways.SECRET})
        self.house = house
        self.key = {"Authorization": f"Bearer {auth.mint(config, viewer)}"}
        self.told = 0

    async def send(self, some: list[Sent], kill: Any = None) -> None:
        """Send all; once enough are told, kill somebody and send no more."""
        waiting = list(reversed(some))
        is_over = asyncio.Event()

        async def one() -> None:
            async with httpx.AsyncClient(base_url=self.house.address, timeout=60) as client:
                while waiting and not is_over.is_set():
                    await self._tell(client, waiting.pop())
                    if kill and self.told >= KILLED_AFTER and not is_over.is_set():
                        is_over.set()
                        await asyncio.to_thread(kill)

        await asyncio.gather(*(one() for _ in range(CLIENTS)))

    async def _tell(self, client: httpx.AsyncClient, sent: Sent) -> None:
        sent.is_sent = True
        try:
            answer = await client.post("/graphql", json=sent.body, headers=self.key)
            told = answer.json()
        except httpx.HTTPError:
            return
        if (told.get("data") or {}).get(sent.name) is None:
            return
        self.told += 1
        sent.is_told = True
        # What is there by now may be lost on its way, after the change itself was kept.
        if "errors" not in told:
            assert sent.told in (None, told["data"][sent.name])
            sent.told = told["data"][sent.name]


@pytest.mark.parametrize("victim", ["gateway", "postgres"])
async def test_what_was_told_is_there_and_nothing_is_there_by_half(
    house: House, victim: str
) -> None:
    with psycopg.connect(house.url, autocommit=True) as owner:
        viewer, some = mutations(Studio(owner))
    clients = Clients(house, viewer)

    await clients.send(some, house.kill_gateway if victim == "gateway" else house.kill_postgres)
    house.mend()

    assert KILLED_AFTER <= sum(one.is_told for one in some) < sum(one.is_sent for one in some)
    with psycopg.connect(house.url, autocommit=True) as owner:
        for one in some:
            assert is_there(owner, one) in ({True} if one.is_told else {one.is_sent, False}), one

        await clients.send(some)
        assert all(one.told["__typename"] == SUCCESSES[one.name] for one in some)
        assert all(is_there(owner, one) for one in some)
        then = state(owner)
        await clients.send(some)
        assert state(owner) == then


def mutations(studio: Studio) -> tuple[str, list[Sent]]:
    """A viewer, and a thousand changes of theirs; none undoes another, many meet in one row."""
    viewer = studio.user()
    project = studio.project(viewer)
    shots = [studio.shot(project) for _ in range(3)]
    shared = [studio.generation(project) for _ in range(10)]
    some: list[Sent] = []
    for n in range(EACH):
        mark = f"mark-{n}"
        patch = {"patch": {mark: n}}
        renamed, deleted = studio.generation(project), studio.generation(project)
        place = {"scope": "SHOT", "id": shots[n % 3], "tool": "tool"}
        patched = shared[n % 10]
        some += [
            Sent("renameGeneration", renamed, mark, {"id": renamed, "name": mark}),
            Sent("patchGenerationParams", patched, mark, {"id": patched, **patch}),
            Sent("updateToolSettings", shots[n % 3], mark, place | patch),
            Sent("deleteGenerations", deleted, mark, {"ids": [deleted]}),
        ]
    for one in some:
        one.given["mutationId"] = str(uuid4())
    Random(0).shuffle(some)
    return viewer, some


def is_there(owner: psycopg.Connection[Any], sent: Sent) -> bool:
    """Whether a mutation is there; it must not be there by half."""
    traces: Any = TRACES[sent.name]
    found = owner.execute(traces, {"id": sent.id, "mark": sent.mark}).fetchone()
    kept = owner.execute(KEPT, (sent.given["mutationId"],)).fetchone()
    assert found
    all_of_it = {bool(one) for one in (*found, kept and kept[0])}
    assert len(all_of_it) == 1, (sent, found, kept)
    return all_of_it.pop()


def state(owner: psycopg.Connection[Any]) -> list[Any]:
    """Every row, with its version and its times."""
    digest = "select md5(string_agg(t::text, ',' order by t::text)) from {} t"
    return [
        owner.execute(sql.SQL(digest).format(sql.Identifier(name))).fetchone() for name in TABLES
    ]
