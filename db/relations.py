"""Relations: the batch functions that most tables need, made from a table and a key.

A batch function is `async (session, keys, columns, **arguments) -> mapping of key to row, rows or
page`: one statement for all parents.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    any_,
    cast,
    func,
    literal_column,
    select,
    true,
)

from db import paging
from db.base import Columns, Keys
from db.paging import Order
from db.rows import Row, Source, by_key, record
from db.session import Session
from db.slices import Edge, Page, Shape, Slice, Terms
from db.statements import Selection, keys, statement
from db.writing import Reading

Condition = ColumnElement[bool]
Count = record("count", ("value", "exact"))


Read = Callable[[Reading, Keys, Columns], Awaitable[Mapping[str, Row]]]
Found = Callable[[Session, Keys, Columns], Awaitable[Mapping[str, Row]]]
Paged = Callable[[Session, Keys, Columns, Page], Awaitable[Mapping[str, Slice]]]
Edges = Callable[[Session, Keys, Columns], Awaitable[Mapping[str, Edge]]]


def by_id(source: Source, words: str) -> Read:
    """One row for each id."""

    @statement
    def build(columns: Columns) -> Selection:
        return _of_keys(source, columns, source.table.c.id)

    async def relation(session: Reading, ids: Keys, columns: Columns) -> Mapping[str, Row]:
        return by_key(await session.fetch(build(columns), keys=ids), source.row(columns))

    relation.__doc__ = words
    return relation


def paged(
    source: Source, key: ColumnElement[Any], order: Order, words: str, *conditions: Condition
) -> Paged:
    """A page of each key's rows."""
    scope = _scope(key, order, conditions)

    @statement
    def build(columns: Columns, shape: Shape) -> Selection:
        return paging.lateral(source, columns, order, shape, key.__eq__, *conditions)

    async def relation(
        session: Session, ids: Keys, columns: Columns, page: Page
    ) -> Mapping[str, Slice]:
        rows = source.row(columns)
        return await paging.pages(
            session, build(columns, page.shape), rows, ids, page, order, scope
        )

    relation.__doc__ = words
    return relation


def edge(source: Source, key: ColumnElement[Any], order: Order, *conditions: Condition) -> Edges:
    """Rows with their places in the lists that `paged` reads of the same."""
    return edge_of(source, order, _scope(key, order, conditions))


def edge_of(source: Source, order: Order, scope: bytes) -> Edges:
    """Rows by their ids, each with its place in a list of this order and scope."""

    @statement
    def build(columns: Columns) -> Selection:
        id: ColumnElement[Any] = source.table.c.id
        chosen = source.select(columns, *order.values(), cast(id, Text).label("key_"))
        return chosen.where(id == any_(keys()))

    async def relation(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Edge]:
        row, terms = source.row(columns), Terms(scope, session.cursors, Page())
        rows = await session.fetch(build(columns), keys=ids)
        return {values[-1]: Slice(terms, [row(values)]).edge(0) for values in rows}

    return relation


def counted(key: ColumnElement[Any], *conditions: Condition) -> Found:
    """How many rows each key has, exact up to 10,000."""

    @statement
    def build() -> Selection:
        return count_of(lambda parent: key == parent, *conditions)

    async def relation(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
        return by_key(await session.fetch(build(), keys=ids), Count)

    relation.__doc__ = "How many there are in all."
    return relation


def count_of(of: Callable[[Any], Condition], *conditions: Condition) -> Selection:
    """Count the rows of every parent, looking at no more than 10,001 of each."""
    parent = paging.parents()
    one: ColumnElement[int] = literal_column("1")
    enough: ColumnElement[int] = literal_column(str(paging.COUNTED + 1))
    some = select(one).where(of(parent.c.key), *conditions).limit(enough).correlate(parent)
    number = select(func.count().label("n")).select_from(some.lateral("some")).lateral("counted")
    most = literal_column(str(paging.COUNTED), Integer)
    return select(
        func.least(number.c.n, most), number.c.n <= most, cast(parent.c.key, Text)
    ).select_from(parent.join(number, true()))


def _scope(key: ColumnElement[Any], order: Order, conditions: Sequence[Condition]) -> bytes:
    return paging.scope(str(key), order, *map(str, conditions))


def _of_keys(source: Source, columns: Columns, key: ColumnElement[Any]) -> Selection:
    return source.select(columns, cast(key, Text).label("key_")).where(key == any_(keys()))
