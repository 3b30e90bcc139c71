"""The comparison as one table: medians of the rounds, and how many times the peers' speed."""

import json
import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench import load
from bench.peers import asked, servers
from bench.peers.servers import Server
from bench.report import Measured

_PYTHON = ("strawberry-graphql", "psycopg", "sqlalchemy", "uvicorn")
_NODE = ("node", "postgraphile", "graphql-yoga", "dataloader", "pg")
_PINS = Path(__file__).parent / "package.json"


@dataclass
class Line:
    """A question to one server at a concurrency, and its rounds."""

    mode: str
    question: str
    connections: int
    server: Server
    bodies: list[bytes]
    rounds: list[Measured] = field(default_factory=list)
    resident: float = 0

    @property
    def speed(self) -> float:
        """Requests each second."""
        return median(m.round.requests / m.round.seconds for m in self.rounds)

    @property
    def computing(self) -> float:
        """Milliseconds that a request keeps the server's core busy."""
        return median(m.gateway for m in self.rounds)

    @property
    def place(self) -> tuple[str, str, int]:
        """What it is compared with: the same question, asked in the same way."""
        return self.mode, self.question, self.connections

    def cells(self, peer: "Line | None", floor: "Line") -> list[str]:
        """Its figures, and how many times the peer's and the floor's they are."""
        return [
            *(self.mode, asked.NAMES[self.question], str(self.connections), self.server.name),
            f"{self.speed:.0f}",
            f"{median(m.round.p50 for m in self.rounds):.1f}",
            f"{median(m.round.p99 for m in self.rounds):.1f}",
            f"{self.computing:.2f}",
            f"{median(m.postgres for m in self.rounds):.2f}",
            f"{self.resident:.0f}",
            f"{self.speed / peer.speed:.2f}" if peer else "",
            f"{self.computing / peer.computing:.2f}" if peer else "",
            f"{self.speed / floor.speed:.2f}",
        ]


def text(lines: list[Line], postgres: str) -> str:
    """The table, with what it was measured on."""
    return "\n".join(
        (
            f"{versions(postgres)};",
            f"medians of {len(lines[0].rounds)} rounds, load by {load.tool()}. Times are"
            " milliseconds, memory is megabytes.",
            "",
            "| mode | question | connections | server | requests/s | p50 | p99"
            " | server CPU | PostgreSQL CPU | memory | × PostGraphile | × its CPU | × by hand |",
            "|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
            *(f"| {' | '.join(cells)} |" for cells in _cells(lines)),
        )
    )


def versions(postgres: str) -> str:
    """When and on what it was measured."""
    python = [f"{name} {version(name)}" for name in _PYTHON]
    pins = json.loads(_PINS.read_text())["dependencies"]
    packages = ", ".join(python + [f"{name} {pins[name]}" for name in _NODE])
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, PostgreSQL {postgres}, {packages}"
    )


def _cells(lines: list[Line]) -> list[list[str]]:
    known = {(line.place, line.server.name): line for line in lines}
    return [
        line.cells(known.get((line.place, servers.PAGES)), known[line.place, servers.FLOOR])
        for line in lines
    ]
