"""The engine shows what mutations came to as graphql-core does: random payloads, told by each."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import orjson
import pytest
import pytest_asyncio
from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from engine.executor import Executor
from engine.performing import Done
from resolvers.mutations import Outcome
from schema import root
from server.answers import Answers, Chosen
from server.auth import Authenticator, Viewer
from server.bodies import Asked
from server.config import Config
from server.documents import Documents
from server.limits import Limits
from tests import pairing
from tests.operation_values import Known
from tests.operations import Operation, mutation
from tests.outcomes import Outcomes
from tests.test_engine_equal import PARTS, PROVED, SEED, worded
from tests.walking import SCHEMA


@dataclass
class Pair:
    """Both ways to answer mutations whose outcomes are known, and what became of them so far."""

    viewer: Viewer
    engine: Answers
    core: Answers
    executor: Executor
    told: int = 0
    faultless: int = 0
    ran: int = 0

    async def compare(self, one: Operation, outcomes: Outcomes) -> None:
        """Both tell the same of the same outcomes."""
        chosen = self.engine.chosen(Asked(one.text, None, one.name))
        if not isinstance(chosen, Chosen):
            return
        fields = performed(chosen.operation.selection_set)
        reached = {name: outcomes.of(field) for name, field in fields}
        for variables in one.variables:
            asked = Asked(one.text, variables, one.name)
            answered = self.executor.answered
            first = await self._told(self.engine, asked, chosen, reached)
            second = await self._told(self.core, asked, chosen, reached)
            assert worded(first) == worded(second), (asked, reached)
            assert '"INTERNAL"' not in str(first), (asked, reached)
            self.told += 1
            if "errors" not in first:
                self.faultless += 1
                self.ran += self.executor.answered - answered

    async def _told(
        self, answers: Answers, asked: Asked, chosen: Chosen, reached: dict[str, Outcome]
    ) -> Any:
        run = await answers.begun(self.viewer)
        run.context.done = await done(reached)
        result = await answers.executed(asked, chosen, run)
        return orjson.loads(orjson.dumps(answers.answer(result)))

    def share(self) -> float:
        """How much of what went well the engine told itself."""
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
    authenticator = Authenticator(Config.model_validate({"secret": "s" * 32}))
    async with pairing.contexts(gateway_url) as open_context:

        def answers(executor: Executor | None) -> Answers:
            return Answers(schema, documents, authenticator, open_context, executor=executor)

        yield Pair(pairing.viewer_of(known[0]), answers(executor), answers(None), executor)


async def test_outcomes_are_told_alike(pair: Pair, known: tuple[str, Known]) -> None:
    await compare(pair, known[1], SEED, 300)
    assert pair.share() >= 0.8, pair.executor.fallbacks


@pytest.mark.prove
@pytest.mark.parametrize("part", range(PARTS))
async def test_very_many_outcomes_are_told_alike(
    part: int, pair: Pair, known: tuple[str, Known]
) -> None:
    await compare(pair, known[1], SEED + 1_000_000 * (part + 1), PROVED // PARTS)
    report = f"{pair.told} told, {pair.share():.1%} by the engine; {pair.executor.fallbacks}"
    logging.getLogger("proof").warning(report)
    assert pair.share() >= 0.8, pair.executor.fallbacks


async def compare(pair: Pair, known: Known, seed: int, number: int) -> None:
    """Tell at least so many outcomes, beginning with this seed."""
    enough = pair.told + number
    while pair.told < enough:
        await pair.compare(mutation(SCHEMA, known, seed), Outcomes(known, Random(seed)))
        seed += 1


async def done(reached: Mapping[str, Outcome]) -> Done:
    """That all fields of a mutation have been performed, and what they came to."""
    kept = Done()
    for name, outcome in reached.items():
        await kept.once(name, partial(asyncio.sleep, 0, outcome))
    return kept


def performed(selection: SelectionSetNode) -> Iterator[tuple[str, str]]:
    """The fields at the root: their names in the answer, and their own."""
    for node in selection.selections:
        if isinstance(node, FieldNode) and node.alias:
            yield node.alias.value, node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from performed(node.selection_set)
