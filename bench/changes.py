"""What is changed while it is measured: by the gateway, and by a peer where it has the like."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from bench import dataset, questions
from bench.peers import servers
from schema import root

ROWS = 4_000
PEER = "PostGraphile 5"
LONG = 500

Owner = psycopg.Connection[Any]

_PREPARE = """
insert into shots (id, project_id, name) values (%(shot)s, %(project)s, 'Long');
insert into shot_generations (id, project_id, shot_id, generation_id, timeline_frame)
select md5('long-' || n)::uuid, %(project)s, %(shot)s, g.id, n
from (
  select id, row_number() over () - 1 as n
  from generations where project_id = %(project)s limit %(long)s
) g
"""
_SETTINGS = "select count(*) from shots where settings -> 'bench' ->> 'text' = %(word)s"
_METADATA = "select count(*) from shot_generations where metadata ->> 'text' = %(word)s"
_NAMES = "select count(*) from generations where name = %(word)s"
_ADDED = """
select count(*) from shot_generations e, generate_series(0, %(rows)s - 1) n
where e.id = md5(%(word)s || '-' || n)::uuid and e.position is not null
"""
# Every second change puts another entry to the front than the one before it.
_FIRST = """
select count(*) * %(rows)s from shot_generations
where shot_id = %(shot)s and position = 0
  and id in (md5('long-' || %(turn)s)::uuid, md5('long-' || %(turn)s + 1)::uuid)
"""


@dataclass(frozen=True)
class Change:
    """A server's mutation: what it takes for a row and a word, and what must be in its answer.

    `found` counts the rows that a word has come to; where rows repeat it only says that it came.
    """

    name: str
    server: str
    mutation: str
    shown: str
    input: Callable[[int, str], dict[str, Any]]
    found: str
    goal: float | None = None
    told: Callable[[int, str], str] = lambda row, word: word
    rows: int = ROWS

    @property
    def query(self) -> str:
        """The mutation with what it shows."""
        name = self.mutation
        kind = f"{name[0].upper()}{name[1:]}Input!"
        return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {self.shown} }} }}"

    def bodies(self, word: str) -> list[bytes]:
        """The requests that bring a word to every row."""
        return [
            questions.body(self.query, {"input": self.input(n, word)}) for n in range(self.rows)
        ]

    def count(self, owner: Owner, word: str) -> int:
        """How many rows the word has come to."""
        given = {"word": word, "rows": self.rows, "shot": _id("long"), "turn": _turn(0, word)}
        (found,) = owner.execute(self.found, given).fetchone() or (0,)
        return int(found)


def prepare(owner: Owner) -> None:
    """A shot with so many entries."""
    given = {"shot": _id("long"), "project": dataset.project(1), "long": LONG}
    with psycopg.ClientCursor(owner) as cursor:
        cursor.execute(_PREPARE, given)


def known() -> Iterator[Change]:
    """The changes whose mutations the gateway has, each with the peer's way to make it."""
    mutations = root.build()._schema.mutation_type
    fields = mutations.fields if mutations else {}
    return (one for one in CHANGES if one.server != servers.PRODUCT or one.mutation in fields)


def _settings(row: int, word: str) -> dict[str, Any]:
    place = {"scope": "SHOT", "id": _shot(row), "tool": "bench"}
    return place | {"patch": {"text": word}}


def _metadata(row: int, word: str) -> dict[str, Any]:
    entry = dataset.entry(*_place(row), 1)
    return {"rowId": entry, "shotGenerationPatch": {"metadata": {"text": word}}}


def _name(row: int, word: str) -> dict[str, Any]:
    return {"id": dataset.generation(*_place(row)), "name": word}


def _peers_name(row: int, word: str) -> dict[str, Any]:
    return {"rowId": dataset.generation(*_place(row)), "generationPatch": {"name": word}}


def _added(row: int, word: str) -> dict[str, Any]:
    generation = dataset.generation(row % dataset.PROJECTS + 1, dataset.GENERATIONS)
    return {"id": _id(word, row), "shotId": _shot(row), "generationId": generation}


def _order(row: int, word: str) -> dict[str, Any]:
    turn = _turn(row, word)
    ids = [_id("long", n) for n in range(LONG)]
    return {"shotId": _id("long"), "ids": ids[turn:] + ids[:turn]}


def _turn(row: int, word: str) -> int:
    return sum(word.encode()) % (LONG - 1) + row


def _shot(row: int) -> str:
    return dataset.shot(*_place(row))


def _place(row: int) -> tuple[int, int]:
    return row % dataset.PROJECTS + 1, row // dataset.PROJECTS + 1


def _id(*parts: object) -> str:
    text = "-".join(map(str, parts))
    return str(UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()))


_OURS = servers.PRODUCT
CHANGES = (
    Change(
        "settings of a shot",
        _OURS,
        "updateToolSettings",
        "... on ToolSettingsChanged { settings { value } }",
        _settings,
        _SETTINGS,
        goal=5,
    ),
    # No more than the column of a row: neither merged nor versioned, and without a history.
    Change(
        "settings of a shot",
        f"{PEER}, a JSON column",
        "updateShotGenerationByRowId",
        "shotGeneration { metadata }",
        _metadata,
        _METADATA,
    ),
    Change(
        "name of a generation",
        _OURS,
        "renameGeneration",
        "... on GenerationChanged { generation { name } }",
        _name,
        _NAMES,
        goal=5,
    ),
    Change(
        "name of a generation",
        PEER,
        "updateGenerationByRowId",
        "generation { name }",
        _peers_name,
        _NAMES,
    ),
    Change(
        "one more in a shot",
        _OURS,
        "addToShot",
        "... on ShotEntryAdded { shotEntry { id position } }",
        _added,
        _ADDED,
        goal=8,
        told=lambda row, word: _id(word, row),
    ),
    Change(
        f"{LONG} entries in another order",
        _OURS,
        "reorderEntries",
        "... on ShotEntriesChanged { shotEntries { id position } }",
        _order,
        _FIRST,
        goal=150,
        told=lambda row, word: _id("long", _turn(row, word)),
        rows=2,
    ),
)
