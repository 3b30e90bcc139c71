"""What is measured: a query with the variables it is asked with, and what its answers must be."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import dataset, reference

Answered = Callable[[Any], bool]
Variables = dict[str, Any]

PAGE = 50
IDS = 1_000
PROJECTS = range(1, dataset.PROJECTS + 1)

_PLACE = """
query Place($project: ID!, $skipped: Int) {
  project(id: $project) { generations(first: 1, offset: $skipped) { pageInfo { endCursor } } }
}
"""


@dataclass(frozen=True)
class Question:
    """A query, asked in turn with each of its variables."""

    name: str
    query: str
    variables: list[Variables]
    is_answer: Answered
    concurrencies: tuple[int, ...] = (1,)

    @property
    def bodies(self) -> list[bytes]:
        """The requests, as they are sent."""
        return [body(self.query, variables) for variables in self.variables]


def body(query: str, variables: Variables) -> bytes:
    """A request, as it is sent."""
    return json.dumps({"query": query, "variables": variables}).encode()


def places() -> list[bytes]:
    """Requests for the places where page 199 of each project ends."""
    skipped = dataset.GENERATIONS - PAGE - 1
    return [body(_PLACE, {"project": dataset.project(p), "skipped": skipped}) for p in PROJECTS]


def place(data: Any) -> str:
    """The cursor in such an answer."""
    return str(data["project"]["generations"]["pageInfo"]["endCursor"])


def questions(places: list[str]) -> list[Question]:
    """Everything that is measured; page 200 begins at these cursors."""
    both = (1, 16)
    projects = [{"project": dataset.project(p)} for p in PROJECTS]
    far = [of | {"after": after} for of, after in zip(projects, places, strict=True)]
    ids = [dataset.generation(n % dataset.PROJECTS + 1, 9 * n + 1) for n in range(IDS)]
    large = [of | {"first": 500} for of in projects]
    return [
        Question("Q1 gallery page", reference.GALLERY, projects, _is_page(PAGE), both),
        Question("Q2 nested pages", reference.SHOTS, projects, _is_shots, both),
        Question("Q3 one row", reference.ONE, [{"generation": i} for i in ids], _is_one, both),
        Question("Q1, page 200", reference.GALLERY, far, _is_page(PAGE)),
        Question("Q1, first: 500", reference.GALLERY, large, _is_page(500)),
    ]


def _is_page(size: int) -> Answered:
    def holds(data: Any) -> bool:
        nodes = data["project"]["generations"]["nodes"]
        return len(nodes) == size and all(len(n["variants"]["nodes"]) == 2 for n in nodes)

    return holds


def _is_shots(data: Any) -> bool:
    shots = data["project"]["shots"]["nodes"]
    counts = {"total": 40, "positioned": 30, "unpositioned": 10}
    return len(shots) == 20 and all(
        shot["statistics"] == counts and len(shot["entries"]["nodes"]) == 10 for shot in shots
    )


def _is_one(data: Any) -> bool:
    return str(data["generation"]["location"]).startswith("media/")
