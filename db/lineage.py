"""Lineage: what was made from what, as a graph around each generation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import (
    Boolean,
    FromClause,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    true,
)
from sqlalchemy.dialects.postgresql import UUID

from db import generations
from db.base import Columns, Keys
from db.errors import BadInput
from db.rows import Row
from db.session import Session
from db.statements import Selection, keys, statement

DEEPEST = 20
WIDEST = 100
LARGEST = 500
# Where lineage goes in a circle, everything is met twice.
_ENOUGH = 2 * LARGEST + 1

_one = generations.table


class LineageDirection(Enum):
    """Which way lineage is followed."""

    ANCESTORS = "ancestors"
    DESCENDANTS = "descendants"
    BOTH = "both"


@dataclass(frozen=True)
class Edge:
    """`target` was made from `source`."""

    source: str
    target: str


@dataclass
class Graph:
    """The generations around a root, nearest first, and what was made from what."""

    nodes: list[Row] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    truncated: bool = False


async def graph(
    session: Session,
    ids: Keys,
    columns: Columns,
    direction: LineageDirection = LineageDirection.BOTH,
    depth: int = 5,
) -> Mapping[str, Graph]:
    """The generations it was made from and those made from it, as a graph that includes itself.

    At most 100 derived of each, and 500 in all: `truncated` says when there are more.
    """
    if not 0 <= depth <= DEEPEST:
        raise BadInput(f"`depth` must be between 0 and {DEEPEST}.", "depth")
    rows = await session.fetch(_graph(columns, direction), keys=ids, depth=depth, enough=_ENOUGH)
    return _graphs(rows, generations.source.row(columns))


def _graphs(rows: Iterable[tuple[Any, ...]], row: type[Row]) -> Mapping[str, Graph]:
    graphs: dict[str, Graph] = {}
    steps: dict[str, list[tuple[str, str | None]]] = {}
    width = len(row.columns)
    for values in rows:
        root, one, source, beyond = values[width:]
        found = graphs.setdefault(root, Graph())
        if beyond or len(found.nodes) == LARGEST:
            found.truncated = True
            continue
        found.nodes.append(row(values[:width]))
        steps.setdefault(root, []).append((one, source))
    for root, known in steps.items():
        graphs[root].edges = _edges(known)
    return graphs


def _edges(known: list[tuple[str, str | None]]) -> list[Edge]:
    present = {one for one, _ in known}
    return [Edge(source, one) for one, source in known if source in present]


@statement
def _graph(columns: Columns, direction: LineageDirection) -> Selection:
    walk = _walk(direction)
    return (
        generations.source.select(
            columns,
            cast(walk.c.root, Text).label("root_"),
            cast(_one.c.id, Text).label("id_"),
            cast(_one.c.based_on, Text).label("based_on_"),
            walk.c.beyond,
        )
        .join(walk, walk.c.id == _one.c.id)
        .order_by(walk.c.root, walk.c.depth, _one.c.created_at.desc(), _one.c.id.desc())
    )


def _walk(direction: LineageDirection) -> FromClause:
    """The steps from every root: see `walk_lineage` in `functions/lineage.sql`."""
    steps = func.walk_lineage(
        keys(),
        true() if direction is not LineageDirection.DESCENDANTS else false(),
        true() if direction is not LineageDirection.ANCESTORS else false(),
        bindparam("depth", type_=Integer),
        literal_column(str(WIDEST)),
        bindparam("enough", type_=Integer),
    )
    ids = (column(name, UUID(as_uuid=False)) for name in ("root", "id"))
    return steps.table_valued(*ids, column("depth", Integer), column("beyond", Boolean)).alias(
        "walk"
    )
