"""Pages: keyset cursors in either direction, one statement for the pages of all parents."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
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
from db.cursors import Cursors
from db.errors import BadInput
from db.rows import Row, Source, rendered
from db.session import Session
from db.statements import Selection, Statement

DEFAULT = 50
LARGEST = 500
COUNTED = 10_000
_BOUNDS = ("after", "before")


@dataclass(frozen=True)
class Page:
    """Which part of a list: `first` after a cursor, or `last` before one; 0 to 500 rows."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise BadInput("Ask for `first` or for `last`, not for both.", "last")
        for name, size in (("first", self.first), ("last", self.last)):
            if size is not None and not 0 <= size <= LARGEST:
                raise BadInput(f"`{name}` must be between 0 and {LARGEST}.", name)

    @property
    def size(self) -> int:
        """How many rows at most."""
        return next((n for n in (self.first, self.last) if n is not None), DEFAULT)

    @property
    def backward(self) -> bool:
        """Whether the page is counted from the end."""
        return self.last is not None

    @property
    def shape(self) -> "Shape":
        """What of the page decides the text of its statement."""
        return Shape(self.backward, self.after is not None, self.before is not None)


@dataclass(frozen=True)
class Shape:
    """What of a page decides the text of its statement."""

    backward: bool = False
    after: bool = False
    before: bool = False


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


@dataclass(frozen=True)
class Edge:
    """A row and its place in the list."""

    node: Row
    place: tuple[str, ...]
    scope: bytes
    cursors: Cursors

    @property
    def cursor(self) -> str:
        """The place as opaque text."""
        return self.cursors.seal(self.scope, self.place)


@dataclass(frozen=True)
class PageInfo:
    """Where a page begins and ends, and whether there is more."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass
class Slice:
    """The rows of one page, in the list's order.

    A row holds its columns, then its place in the list, then `tail` values of the page's own.
    """

    scope: bytes
    cursors: Cursors
    page: Page
    rows: list[Row] = field(default_factory=list)
    more: bool = False
    skipped: bool = False
    tail: int = 1

    @property
    def nodes(self) -> list[Row]:
        """The rows themselves."""
        return self.rows

    @cached_property
    def edges(self) -> list[Edge]:
        """The rows with their places."""
        return [
            Edge(row, row[len(row.columns) : -self.tail], self.scope, self.cursors)
            for row in self.rows
        ]

    @property
    def page_info(self) -> PageInfo:
        """Where this page begins and ends, and whether there is more."""
        start, end = (self.edges[0], self.edges[-1]) if self.rows else (None, None)
        page = self.page
        return PageInfo(
            has_next_page=page.before is not None if page.backward else self.more,
            has_previous_page=self.more
            if page.backward
            else page.after is not None or self.skipped,
            start_cursor=start.cursor if start else None,
            end_cursor=end.cursor if end else None,
        )


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
    chosen = source.select(columns, *order.values()).where(of(parent.c.key), *conditions)
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
    parameters |= {"keys": keys, "limit": page.size + 1}
    cursors = session.cursors
    parameters |= _bounds(page, cursors, scope)
    rows = await session.fetch(statement, **parameters)
    found = {key: Slice(scope, cursors, page) for key in keys}
    _fill(found, rows, row, page)
    return found


def scope(relation: str, order: Order, *shape: Any) -> bytes:
    """What a cursor is bound to: the relation, its order and its filter."""
    words = repr((relation, order.name, order.descending, shape))
    return hashlib.sha256(words.encode()).digest()[:16]


def _bounds(page: Page, cursors: Cursors, scope: bytes) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for bound in _BOUNDS:
        cursor = getattr(page, bound)
        if cursor is not None:
            values = cursors.open(scope, cursor, bound)
            parameters |= {f"{bound}_{i}": value for i, value in enumerate(values)}
    return parameters


def _fill(
    found: Mapping[str, Slice], rows: Iterable[tuple[Any, ...]], row: type[Row], page: Page
) -> None:
    size = page.size
    for values in rows:
        part = found[values[-1]]
        if len(part.rows) == size:
            part.more = True
        else:
            part.rows.append(row(values))
    if page.backward:
        for part in found.values():
            part.rows.reverse()
