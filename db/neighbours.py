"""Neighbours: the page of a list that holds one item, read to both sides of it at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import UUID

from db import paging
from db.base import Columns, Id, Keys
from db.errors import BadInput, NotFound
from db.paging import Order
from db.rows import Row, Source
from db.slices import Page, Slice, Terms

FARTHEST = 10_000

Values = tuple[Any, ...]


@dataclass(frozen=True)
class GalleryPage(Page):
    """A page that may also be found by an item it holds, or by how many come before it."""

    around: Id | None = None
    offset: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        places = ("around", "offset", "after", "before")
        given = [name for name in places if getattr(self, name) is not None]
        if len(given) > 1 and given[0] in ("around", "offset"):
            raise BadInput(f"`{given[0]}` and `{given[1]}` exclude each other.", given[0])
        if self.last is not None and given and given[0] in ("around", "offset"):
            raise BadInput(f"`{given[0]}` goes with `first`, not with `last`.", given[0])
        if self.offset is not None and not 0 <= self.offset <= FARTHEST:
            raise BadInput(f"`offset` must be between 0 and {FARTHEST}.", "offset")


def around(
    source: Source,
    columns: Columns,
    order: Order,
    of: Callable[[Any], ColumnElement[bool]],
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    """The rows to both sides of an item of every parent, the item first of those after it."""
    parent = paging.parents()
    mine = (of(parent.c.key), *conditions)
    marks = [c.label(f"item_{i}") for i, c in enumerate(order.columns)]
    chosen = source.table.c.id == bindparam("around", type_=UUID(as_uuid=False))
    item = select(*marks).select_from(source.table).where(*mine, chosen).lateral("item")
    rows = source.select(columns, *order.values()).where(*mine).correlate(parent, item)
    page = union_all(*(_side(rows, order, item, b) for b in (True, False))).lateral("page")
    return select(*page.c, cast(parent.c.key, Text)).select_from(
        parent.join(item, true()).join(page, true())
    )


def windows(
    keys: Keys, rows: Iterable[Values], row: type[Row], terms: Terms
) -> Mapping[str, Slice | NotFound]:
    """The page around the item for every parent; a parent that does not have it is told so."""
    found = {key: list(of_key) for key, of_key in groupby(rows, itemgetter(-1))}
    missing = NotFound("This list does not hold the item to open it around.", "around")
    return {key: _window(found[key], row, terms) if key in found else missing for key in keys}


def _side(rows: Select[Any], order: Order, item: FromClause, backward: bool) -> Select[Any]:
    here, there = tuple_(*order.columns), tuple_(*item.c)
    earlier = here > there if order.descending else here < there
    later = here <= there if order.descending else here >= there
    return (
        rows.add_columns(literal_column("true" if backward else "false").label("earlier"))
        .where(earlier if backward else later)
        .order_by(*order.by(backward))
        .limit(bindparam("limit", type_=Integer))
    )


def _window(rows: list[Values], row: type[Row], terms: Terms) -> Slice:
    size = terms.page.size
    earlier = [values for values in rows if values[-2]]
    later = [values for values in rows if not values[-2]]
    before = min(len(earlier), max(0, (size - 1) // 2))
    before = min(len(earlier), size - min(len(later), size - before))
    shown = [*reversed(earlier[:before]), *later[: size - before]]
    return Slice(
        terms,
        [row(values) for values in shown],
        more=len(later) > size - before,
        skipped=len(earlier) > before,
    )
