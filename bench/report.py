"""The report: one table, shown and kept in the README of this folder."""

import os
import platform
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench import load
from bench.load import Round

_README = Path(__file__).parent / "README.md"
_MARKED = r"(<!-- {0} -->\n).*?(<!-- /{0} -->)"
_PACKAGES = ("strawberry-graphql", "graphql-core", "psycopg", "sqlalchemy", "uvicorn")


@dataclass(frozen=True)
class Measured:
    """One round of a question, with the milliseconds of computing that each request took."""

    round: Round
    gateway: float
    postgres: float


@dataclass(frozen=True)
class Line:
    """A question at a concurrency: its rounds, and how many statements it sends."""

    name: str
    concurrency: int
    statements: int
    rounds: list[Measured]

    def text(self) -> str:
        """Medians over the rounds."""
        figures = (
            f"{median(m.round.requests / m.round.seconds for m in self.rounds):.0f}",
            f"{median(m.round.p50 for m in self.rounds):.1f}",
            f"{median(m.round.p99 for m in self.rounds):.1f}",
            f"{median(m.gateway for m in self.rounds):.2f}",
            f"{median(m.postgres for m in self.rounds):.2f}",
        )
        return f"| {self.name} | {self.concurrency} | {' | '.join(figures)} | {self.statements} |"


def table(lines: list[Line], postgres: str) -> str:
    """The table, with what it was measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    rounds = len(lines[0].rounds)
    return "\n".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python"
            f" {platform.python_version()}, PostgreSQL {postgres}, {packages};",
            f"medians of {rounds} rounds, load by {load.tool()}. Times are milliseconds.",
            "",
            "| question | connections | requests/s | p50 | p99 | gateway CPU | PostgreSQL CPU"
            " | statements |",
            "|---|--:|--:|--:|--:|--:|--:|--:|",
            *(line.text() for line in lines),
        )
    )


def keep(text: str, place: str = "result") -> None:
    """Put the table in its place in the README."""
    marked = re.compile(_MARKED.format(place), re.DOTALL)
    readme = _README.read_text()
    _README.write_text(marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", readme))
