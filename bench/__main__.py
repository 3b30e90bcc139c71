"""Measure: check every answer, then ask in turn for some seconds, round after round."""

import asyncio
import sys

import psycopg

from bench import dataset, gateway, load, questions, report
from bench.gateway import Gateway
from bench.questions import Question
from bench.report import Line, Measured
from db.cursors import Cursors
from db.session import Database
from resolvers.context import Context
from schema import root
from server.config import Config
from server.links import Links
from server.transactions import Transactions

ROUNDS = 5
SECONDS = 2


def main() -> None:
    """Measure everything, show it and keep it."""
    with gateway.running() as running:
        places = [questions.place(running.ask(body)) for body in questions.places()]
        asked = questions.questions(places)
        for question in asked:
            _check(running, question)
        text = report.table(_measured(running, asked), _postgres(running.url))
    print(text)
    report.keep(text)


def _check(running: Gateway, question: Question) -> None:
    """Every answer is what it must be; the caches are warm then."""
    for body in question.bodies:
        if not question.is_answer(running.ask(body)):
            raise RuntimeError(f"{question.name}: not the answer to {body.decode()}")


def _measured(running: Gateway, asked: list[Question]) -> list[Line]:
    """Rounds are interleaved, so that a busy moment of the machine does not meet one question."""
    lines = [
        (
            question,
            Line(question.name, connections, asyncio.run(_statements(running, question)), []),
        )
        for question in asked
        for connections in question.concurrencies
    ]
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        for question, line in lines:
            line.rounds.append(_round(running, question, line.concurrency))
    return [line for _, line in lines]


def _round(running: Gateway, question: Question, connections: int) -> Measured:
    before = running.computed()
    sent = load.send(running.address, question.bodies, connections, SECONDS)
    if sent.failed:
        raise RuntimeError(f"{question.name}: {sent.failed} requests failed")
    spent = (after - then for after, then in zip(running.computed(), before, strict=True))
    return Measured(sent, *(1000 * seconds / sent.requests for seconds in spent))


async def _statements(running: Gateway, question: Question) -> int:
    """How many statements one request sends; begin, claims and commit are one."""
    database = Database(running.url, Cursors(b""))
    await database.open()
    session = database.session({"sub": dataset.OWNER})
    context = Context(dataset.OWNER, session, Links(Config()))
    variables = {name: v for name, v in question.variables[0].items() if name != "after"}
    await root.build(Transactions).execute(question.query, variables, context)
    await database.close()
    return len(session.statements)


def _postgres(url: str) -> str:
    with psycopg.connect(url) as connection:
        return ".".join(map(str, divmod(connection.info.server_version, 10_000)))


if __name__ == "__main__":
    main()
