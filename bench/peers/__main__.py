"""Compare: every server answers alike, then they are asked in turn, round after round."""

import sys
import time
from collections.abc import Iterator

import psycopg

from bench import gateway, load, report
from bench.gateway import Place
from bench.peers import asked, copies, servers, table
from bench.peers.servers import Server
from bench.peers.table import Line
from bench.report import Measured

CLAIMS = "claims only"
ROUNDS = 5
SECONDS = 2
WARM_SECONDS = 2
CHECKED = 50
_SETTLED_SECONDS = 0.03
_PATIENCE = 5.0


def main() -> None:
    """Compare with claims alone, then with policies as well; show it and keep it."""
    with gateway.placed() as place:
        modes = {CLAIMS: copies.without_policies(place), "role and policies": place}
        lines = [line for mode, where in modes.items() for line in _compared(mode, where)]
        with psycopg.connect(place.url) as connection:
            version = connection.info.server_version
    text = table.text(lines, f"{version // 10_000}.{version % 10_000}")
    print(text)
    report.keep(text, "peers")


def _compared(mode: str, place: Place) -> list[Line]:
    with servers.running(place) as running:
        for question in asked.IDS:
            _check(running, question)
        lines = list(_lines(mode, running))
        for line in lines:
            _warm(line)
            _settle(line)
        for number in range(ROUNDS):
            print(f"{mode}: round {number + 1} of {ROUNDS}", file=sys.stderr)
            for line in lines:
                line.rounds.append(_round(line))
        for line in lines:
            line.resident = line.server.gateway.resident()
    return lines


def _check(running: list[Server], question: str) -> None:
    """Answers are compared as JSON, with those that PostgreSQL wrote by itself."""
    keys = asked.IDS[question]
    for key in keys[:: max(1, len(keys) // CHECKED)]:
        answers = {s.name: asked.common(s.gateway.ask(s.words(question, key))) for s in running}
        for name, answer in answers.items():
            if not asked.is_whole(question, answer) or answer != answers[servers.FLOOR]:
                raise RuntimeError(f"{name} answers {question} of {key} differently")


def _lines(mode: str, running: list[Server]) -> Iterator[Line]:
    """With claims alone the fast ones are measured, under load: what policies cost them."""
    alone = mode == CLAIMS
    for question, keys in asked.IDS.items():
        for connections in (16,) if alone else (16, 1):
            for server in running:
                if not (alone and server.name in servers.SLOW):
                    bodies = [server.words(question, key) for key in keys]
                    yield Line(mode, question, connections, server, bodies)


def _warm(line: Line) -> None:
    if line.connections > 1:
        load.send(line.server.gateway.address, line.bodies, line.connections, WARM_SECONDS)


def _round(line: Line) -> Measured:
    running = line.server.gateway
    before = running.computed()
    seconds = SECONDS if line.connections > 1 else 1
    sent = load.send(running.address, line.bodies, line.connections, seconds)
    spent = (after - then for after, then in zip(running.computed(), before, strict=True))
    if sent.failed or not sent.requests:
        raise RuntimeError(f"{line.server.name}: {sent.failed} of {sent.requests} requests failed")
    measured = Measured(sent, *(1000 * busy / sent.requests for busy in spent))
    _settle(line)
    return measured


def _settle(line: Line) -> None:
    """A slow server still computes what was asked last: the next one shall not wait for it."""
    until = time.monotonic() + _PATIENCE
    before, busy = -1.0, line.server.gateway.computed()[0]
    while busy > before and time.monotonic() < until:
        time.sleep(_SETTLED_SECONDS)
        before, busy = busy, line.server.gateway.computed()[0]


if __name__ == "__main__":
    main()
