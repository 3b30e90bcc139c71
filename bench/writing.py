"""What does a change cost? Mutations of the gateway, and a peer's where it has the like, in turn.

`python -m bench.writing`: one connection over HTTP, in the viewer's name, on a copy of the large
database that is dropped afterwards. After every round the rows must hold what was answered.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

import psycopg

from bench import changes, dataset, gateway, load, questions, report
from bench.changes import Change, Owner
from bench.gateway import Gateway, Place
from bench.peers import copies, servers, table
from bench.report import Measured
from db.cursors import Cursors
from db.session import Database
from resolvers.context import Context
from schema import root
from server.config import Config
from server.links import Links
from server.transactions import Transactions

ROUNDS = 5
SECONDS = 2
WARM_SECONDS = 4


@dataclass
class Line:
    """A change, and its rounds."""

    change: Change
    gateway: Gateway
    statements: int
    rounds: list[Measured] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """Milliseconds until half of the requests are answered."""
        return median(m.round.p50 for m in self.rounds)

    def text(self, peers: float | None) -> str:
        """Its figures, medians over the rounds."""
        change, rounds = self.change, self.rounds
        figures = (
            *(change.name, change.server),
            f"{median(m.round.requests / m.round.seconds for m in rounds):.0f}",
            f"{self.p50:.2f}",
            f"{median(m.round.p99 for m in rounds):.1f}",
            f"{change.goal:.0f}" if change.goal else "",
            f"{median(m.gateway for m in rounds):.2f}",
            f"{median(m.postgres for m in rounds):.2f}",
            str(self.statements or ""),
            f"{self.p50 / peers:.2f}" if peers else "",
        )
        return f"| {' | '.join(figures)} |"


def main() -> None:
    """Measure everything, show it and keep it."""
    with gateway.placed() as place, copies.scratch(place) as scratch, ExitStack() as stack:
        programs = {servers.PRODUCT: gateway.dailies(scratch, DAILIES_ENGINE="on")}
        if servers.has_node():
            programs[changes.PEER] = servers.node("postgraphile", scratch)
        running = {
            name: stack.enter_context(gateway.started(program, scratch))
            for name, program in programs.items()
        }
        lines = _measured(scratch, running)
        with psycopg.connect(scratch.url) as connection:
            version = connection.info.server_version
    text = _table(lines, f"{version // 10_000}.{version % 10_000}")
    print(text)
    report.keep(text, "writing")


def _measured(place: Place, running: dict[str, Gateway]) -> list[Line]:
    """Rounds are interleaved, so that a busy moment of the machine meets all of them."""
    with psycopg.connect(place.owner, autocommit=True) as owner:
        changes.prepare(owner)
        lines = list(_lines(place, running))
        for line in lines:
            _check(line)
            _round(line, owner, "warm", WARM_SECONDS)
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
            for line in lines:
                line.rounds.append(_round(line, owner, f"round {number}", SECONDS))
    return lines


def _lines(place: Place, running: dict[str, Gateway]) -> Iterator[Line]:
    for change in changes.known():
        at = running.get(change.server.partition(",")[0])
        ours = change.server == servers.PRODUCT
        if at is not None:
            yield Line(change, at, asyncio.run(_statements(place.url, change)) if ours else 0)


def _check(line: Line) -> None:
    """A server answers with what was written."""
    change = line.change
    given = {"input": change.input(0, "checked")}
    told = str(line.gateway.ask(questions.body(change.query, given)))
    if change.told(0, "checked") not in told:
        raise RuntimeError(f"{change.server}: {change.name} is answered {told}")


def _round(line: Line, owner: Owner, word: str, seconds: int) -> Measured:
    change, word = line.change, f"{line.change.server}, {word}"
    bodies = change.bodies(word)
    before = line.gateway.computed()
    sent = load.send(line.gateway.address, bodies, 1, seconds)
    spent = (after - then for after, then in zip(line.gateway.computed(), before, strict=True))
    measured = Measured(sent, *(1000 * busy / sent.requests for busy in spent))
    found = change.count(owner, word)
    # The last one may have been written when its client had already gone.
    if sent.failed or not 0 <= found - min(sent.requests, change.rows) <= 1:
        raise RuntimeError(f"{change.server}: {found} of {sent.requests} are there")
    return measured


async def _statements(url: str, change: Change) -> int:
    """How many statements one change sends, those that read what it shows included."""
    database = Database(url, Cursors(b""))
    await database.open()
    session = database.session({"sub": dataset.OWNER})
    context = Context(dataset.OWNER, session, Links(Config()))
    given = {"input": change.input(0, "counted")}
    await root.build(Transactions).execute(change.query, given, context)
    await database.close()
    return len(session.statements) + len(context.session.statements)


def _table(lines: list[Line], postgres: str) -> str:
    peers = {one.change.name: one.p50 for one in lines if one.change.server != servers.PRODUCT}
    return "\n".join(
        (
            f"{table.versions(postgres)};",
            f"medians of {ROUNDS} rounds, load by {load.tool()}, one connection. Times are"
            " milliseconds.",
            "",
            "| change | server | requests/s | p50 | p99 | goal for p50 | server CPU"
            " | PostgreSQL CPU | statements | × PostGraphile's p50 |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
            *(line.text(peers.get(line.change.name)) for line in lines),
        )
    )


if __name__ == "__main__":
    main()
