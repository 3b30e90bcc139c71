"""The engine tells events as graphql-core does: random subscriptions, rendered by each."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
import pytest
import pytest_asyncio

from db.events import Event
from engine.executor import Executor
from schema import root
from server.answers import Chosen
from server.auth import Viewer
from server.bodies import Asked
from server.documents import Document, Documents
from server.limits import Limits
from server.rendering import Renderer
from tests import happenings, pairing
from tests.operation_values import Known
from tests.operations import Operation, subscription
from tests.test_engine_equal import PARTS, PROVED, SEED, worded
from tests.walking import SCHEMA


@dataclass
class Pair:
    """Both ways to render, and what became of the events so far."""

    viewer: Viewer
    engine: Renderer
    core: Renderer
    executor: Executor
    documents: Documents
    rendered: int = 0
    hidden: int = 0
    faultless: int = 0
    ran: int = 0
    with_rows: int = 0

    async def compare(self, one: Operation, event: Event) -> None:
        """Both tell the same of an event, or nothing."""
        document = self.documents.read(one.text)
        if document.errors:
            return
        for variables in one.variables:
            asked = Asked(one.text, variables, one.name)
            answered = self.executor.answered
            first, second = [
                await renderer.text(self.viewer, chosen(document, asked), asked, event)
                for renderer in (self.engine, self.core)
            ]
            self.rendered += 1
            self.hidden += first is None
            if first is None or second is None:
                assert first == second, (asked, event)
                continue
            told, cores = orjson.loads(first), orjson.loads(second)
            if any(len(error.get("path", ())) < 2 for error in cores.get("errors", ())):
                continue  # its own arguments do not fit: nobody can follow it
            assert worded(told) == worded(cores), (asked, event)
            assert '"INTERNAL"' not in first, (asked, event)
            if "errors" not in told:
                self.faultless += 1
                self.ran += self.executor.answered - answered
                self.with_rows += any(name in first for name in ('"node":{', '"parent":{'))

    def share(self) -> float:
        """How much of what went well the engine rendered itself."""
        return self.ran / self.faultless


@pytest.fixture(scope="module")
def known(owner_url: str) -> tuple[str, Known]:
    return pairing.without_cursors(owner_url)


@pytest_asyncio.fixture(scope="module")
async def pair(known: tuple[str, Known], gateway_url: str) -> AsyncIterator[Pair]:
    """Both over the same database."""
    schema = root.build()
    executor = Executor(schema)
    documents = Documents(SCHEMA, Limits(), introspection=True, suggestions=True)
    async with pairing.contexts(gateway_url) as open_context:
        engine = Renderer(schema, open_context, True, executor)
        core = Renderer(schema, open_context, True)
        yield Pair(pairing.viewer_of(known[0]), engine, core, executor, documents)


async def test_events_are_told_alike(pair: Pair, known: tuple[str, Known]) -> None:
    await compare(pair, known[1], SEED, 400)
    assert pair.share() >= 0.8, pair.executor.fallbacks
    assert pair.with_rows >= 40
    assert pair.hidden >= 10


@pytest.mark.prove
@pytest.mark.parametrize("part", range(PARTS))
async def test_very_many_events_are_told_alike(
    part: int, pair: Pair, known: tuple[str, Known]
) -> None:
    await compare(pair, known[1], SEED + 1_000_000 * (part + 1), PROVED // PARTS)
    report = (
        f"{pair.rendered} rendered, {pair.share():.1%} by the engine; {pair.executor.fallbacks}"
    )
    logging.getLogger("proof").warning(report)
    assert pair.share() >= 0.8, pair.executor.fallbacks


async def compare(pair: Pair, known: Known, seed: int, number: int) -> None:
    """Render at least so many events, beginning with this seed."""
    enough = pair.rendered + number
    while pair.rendered < enough:
        event = happenings.event(known, pair.viewer.id, seed)
        await pair.compare(subscription(SCHEMA, known, seed), event)
        seed += 1


def chosen(document: Document, asked: Asked) -> Chosen:
    """The operation that is followed."""
    assert document.node is not None
    return Chosen(document, document.node, document.operation(asked.operation_name))
