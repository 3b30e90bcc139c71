"""What every server is asked, each in its own words, and what their answers have in common."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import dataset, questions, reference

Words = Callable[[str, str], bytes]

_FOLDER = Path(__file__).parent
_PROJECTS = [dataset.project(number) for number in questions.PROJECTS]
IDS = {
    "gallery": _PROJECTS,
    "shots": _PROJECTS,
    "one": [dataset.generation(n % dataset.PROJECTS + 1, 9 * n + 1) for n in range(questions.IDS)],
}
NAMES = {"gallery": "Q1 gallery page", "shots": "Q2 nested pages", "one": "Q3 one row"}

_GALLERY = reference.GALLERY.replace(", $first: Int = 50, $after: String", "").replace(
    "first: $first, after: $after", "first: 50"
)
_OURS = {
    "gallery": (_GALLERY, "project"),
    "shots": (reference.SHOTS, "project"),
    "one": (reference.ONE, "generation"),
}


def as_ours(question: str, key: str) -> bytes:
    """The reference queries."""
    query, name = _OURS[question]
    return questions.body(query, {name: key})


def as_pages(question: str, key: str) -> bytes:
    """The same by PostGraphile's names, with its connections."""
    return _in_file("pages", question, key)


def as_lists(question: str, key: str) -> bytes:
    """The same by PostGraphile's names, with its plain lists."""
    return _in_file("lists", question, key)


def as_floor(question: str, key: str) -> bytes:
    """The name of a statement and an id."""
    return json.dumps({"question": question, "id": key}).encode()


def common(answer: Any) -> Any:
    """An answer without what only some servers say around it."""
    if isinstance(answer, list):
        return [common(each) for each in answer]
    if not isinstance(answer, Mapping):
        return answer
    if len(answer) == 1 and (around := answer.keys() & {"nodes", "raw", "totalCount"}):
        return common(answer[around.pop()])
    plain = {name: common(value) for name, value in answer.items() if name != "statistics"}
    if "createdAt" in plain:
        plain["createdAt"] = datetime.fromisoformat(plain["createdAt"]).astimezone(UTC).isoformat()
    return plain | answer.get("statistics", {})


def is_whole(question: str, answer: Any) -> bool:
    """Whether nothing was hidden or forgotten, in what all answers have in common."""
    if question == "one":
        return bool(answer["generation"]["location"])
    if question == "gallery":
        listed = answer["project"]["generations"]
        return len(listed) == questions.PAGE and all(len(g["variants"]) == 2 for g in listed)
    shots = answer["project"]["shots"]
    return len(shots) == 20 and all(len(shot["entries"]) == 10 for shot in shots)


def _in_file(folder: str, question: str, key: str) -> bytes:
    query = (_FOLDER / "postgraphile" / folder / f"{question}.graphql").read_text()
    return questions.body(query, {"id": key})
