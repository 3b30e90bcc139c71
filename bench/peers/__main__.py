"""Compare: every server answers alike, then they are asked in turn, round after round."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from operator import attrgetter

import psycopg

from bench import gateway, load, report
from bench.peers import asked, copies, servers, table
from bench.peers.servers import Server
from bench.peers.table import Line
from bench.report import Measured

CLAIMS = "claims only"
ROUNDS = 5
SECONDS = 2
WARM_SECONDS = 8
CHECKED = 50
_SETTLED_SECONDS = 0.03
_PATIENCE = 5.0


def main() -> None:
    """Compare with claims alone and with policies as well; show it and keep it."""
    with gateway.placed() as place, ExitStack() as stack:
        modes = {CLAIMS: copies.without_policies(place), "role and policies": place}
        running = {
            mode: stack.enter_context(servers.running(where)) for mode, where in modes.items()
        }
        lines = _measured(running)
        with psycopg.connect(place.url) as connection:
            version = connection.info.server_version
    text = table.text(lines, f"{version // 10_000}.{version % 10_000}")
    print(text)
    report.keep(text, "peers")


def _measured(running: dict[str, list[Server]]) -> list[Line]:
    """Rounds of both modes are interleaved too: a busy moment of the machine meets them all."""
    for question in asked.IDS:
        _check([server for among in running.values() for server in among], question)
    lines = [line for mode, among in running.items() for line in _lines(mode, among)]
    for line in lines:
        _warm(line)
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        for line in sorted(lines, key=attrgetter("question", "connections", "server.name")):
            line.rounds.append(_round(line))
    for line in lines:
        line.resident = line.server.gateway.resident()
    return lines


def _check(running: list[Server], question: str) -> None:
    """Answers are compared as JSON with those that PostgreSQL wrote by itself, many at once."""
    keys = asked.IDS[question][:: max(1, len(asked.IDS[question]) // CHECKED)]
    expected = next(_answers(s, question, keys) for s in running if s.name == servers.FLOOR)
    if not all(asked.is_whole(question, answer) for answer in expected):
        raise RuntimeError(f"{question} is not answered whole")
    for server in running:
        if _answers(server, question, keys) != expected:
            raise RuntimeError(f"{server.name} answers {question} differently")


def _answers(server: Server, question: str, keys: list[str]) -> list[object]:
    bodies = [server.words(question, key) for key in keys]
    with ThreadPoolExecutor(16) as pool:
        return [asked.common(answer) for answer in pool.map(server.gateway.ask, bodies)]


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
    """V8 goes on compiling for thousands of requests; the slow ones have nothing to warm."""
    if line.connections > 1 and line.server.name not in servers.SLOW:
        load.send(line.server.gateway.address, line.bodies, line.connections, WARM_SECONDS)
        _settle(line)


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
