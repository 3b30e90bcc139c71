"""Pages: keyset cursors in either direction, one statement for the pages of all parents."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import UUID

from db import statements
from db.base import Columns, Keys
from db.rows import CURSOR, MORE, Row, Source, rendered
from db.session import Session
from db.slices import Page, Shape, Slice, Terms
from db.statements import Selection, Statement

COUNTED = 10_000
_BOUNDS = ("after", "before")


@dataclass(frozen=True, eq=False)
class Order:
    """A total order: columns that are never null, all in one direction, the id last."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False

    def by(self, backward: bool) -> list[ColumnElement[Any]]:
        """The order by clause."""
        downward = self.descending != backward
        return [c.desc() if downward else c.asc() for c in self.columns]

    def beyond(self, bound: str) -> ColumnElement[bool]:
        """The rows after (or before) the row of a cursor."""
        here = tuple_(*self.columns)
        there = tuple_(
            *(bindparam(f"{bound}_{i}", type_=c.type) for i, c in enumerate(self.columns))
        )
        return here < there if self.descending == (bound == "after") else here > there

    def values(self) -> list[ColumnElement[Any]]:
        """What a cursor keeps of a row."""
        return [cast(rendered(c), Text).label(f"order_{i}") for i, c in enumerate(self.columns)]


def parents(of: str = "parent") -> Any:
    """The parents' keys as a table with the one column `key`."""
    keys = func.unnest(statements.keys())
    return keys.table_valued(column("key", UUID(as_uuid=False))).render_derived(name=of)


def lateral(
    source: Source,
    columns: Columns,
    order: Order,
    shape: Shape,
    of: Callable[[Any], ColumnElement[bool]],
    *conditions: ColumnElement[bool],
    offset: bool = False,
) -> Selection:
    """The page of every parent: the columns, then what cursors keep, then the parent's key."""
    parent = parents()
    places = order.values() if CURSOR in columns else ()
    chosen = source.select(columns, *places).where(of(parent.c.key), *conditions)
    for bound in _BOUNDS:
        if getattr(shape, bound):
            chosen = chosen.where(order.beyond(bound))
    chosen = chosen.order_by(*order.by(shape.backward)).limit(bindparam("limit", type_=Integer))
    if offset:
        chosen = chosen.offset(bindparam("offset", type_=Integer))
    page = chosen.lateral("page")
    return select(*page.c, cast(parent.c.key, Text)).select_from(parent.join(page, true()))


async def pages(
    session: Session,
    statement: Statement,
    row: type[Row],
    keys: Keys,
    page: Page,
    order: Order,
    scope: bytes,
    **parameters: Any,
) -> Mapping[str, Slice]:
    """The page of every parent, read by one statement."""
    terms = Terms(scope, session.cursors, page)
    # Whether more follow is seen by one row more.
    parameters |= {"keys": keys, "limit": page.size + (MORE in row.asked)}
    parameters |= _bounds(terms)
    found = {key: Slice(terms, []) for key in keys}
    for values in await session.fetch(statement, **parameters):
        found[values[-1]].nodes.append(row(values))
    if page.backward or MORE in row.asked:
        for part in found.values():
            _trim(part, page)
    return found


def scope(relation: str, order: Order, *shape: Any) -> bytes:
    """What a cursor is bound to: the relation, its order and its filter."""
    words = repr((relation, order.name, order.descending, shape))
    return hashlib.sha256(words.encode()).digest()[:16]


def _bounds(terms: Terms) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for bound in _BOUNDS:
        cursor = getattr(terms.page, bound)
        if cursor is not None:
            values = terms.cursors.open(terms.scope, cursor, bound)
            parameters |= {f"{bound}_{i}": value for i, value in enumerate(values)}
    return parameters


def _trim(part: Slice, page: Page) -> None:
    if len(part.nodes) > page.size:
        part.more = True
        part.nodes.pop()
    if page.backward:
        part.nodes.reverse()
