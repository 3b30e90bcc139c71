"""Galleries: the generations of a project, or of a shot, filtered, ordered and paged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import UUID, array

from db import filters, generations, neighbours, paging, relations, shots
from db.base import Columns, Keys
from db.errors import BadInput, NotFound
from db.filters import GalleryFilter, Scope
from db.neighbours import GalleryPage
from db.orders import GalleryOrder, OrderBy
from db.paging import Order
from db.rows import Row, by_key
from db.session import Session
from db.slices import Shape, Slice, Terms
from db.statements import keys, statement

Pages = Mapping[str, Slice | NotFound]

_ALL = GalleryFilter()
_NEWEST = GalleryOrder()
_ID = UUID(as_uuid=False)


@dataclass(frozen=True, eq=False)
class Place:
    """What a gallery belongs to: its generations, where filters look, whose frames are meant."""

    name: str
    of: Callable[[Any], ColumnElement[bool]]
    scope: Scope
    shot: ColumnElement[Any]


async def by_project(
    session: Session,
    ids: Keys,
    columns: Columns,
    page: GalleryPage,
    filter: GalleryFilter | None = None,
    order: GalleryOrder | None = None,
) -> Pages:
    """Its gallery: everything with a file that is no child of another, the newest first."""
    given, order = filter or _ALL, order or _NEWEST
    framed: dict[str, Any] = {}
    if order.by is OrderBy.TIMELINE_FRAME:
        framing = given.shots or ()
        if len(framing) != 1:
            raise BadInput("Frames are those of one shot: filter by it.", "filter.shots")
        framed = {"framed": framing[0]}
    return await _pages(session, PROJECT, ids, columns, page, given, order, framed)


async def by_shot(
    session: Session,
    ids: Keys,
    columns: Columns,
    page: GalleryPage,
    filter: GalleryFilter | None = None,
    order: GalleryOrder | None = None,
) -> Pages:
    """The gallery of what is in it, placed or not, the newest first."""
    given, order = filter or _ALL, order or _NEWEST
    return await _pages(session, SHOT, ids, columns, page, given, order, {})


async def count_by_project(
    session: Session, ids: Keys, columns: Columns, filter: GalleryFilter | None = None
) -> Mapping[str, Row]:
    """How many generations pass the filter, exact up to 10,000."""
    return await _counted(session, PROJECT, ids, filter or _ALL)


async def count_by_shot(
    session: Session, ids: Keys, columns: Columns, filter: GalleryFilter | None = None
) -> Mapping[str, Row]:
    """How many generations pass the filter, exact up to 10,000."""
    return await _counted(session, SHOT, ids, filter or _ALL)


async def _pages(
    session: Session,
    place: Place,
    ids: Keys,
    columns: Columns,
    page: GalleryPage,
    given: GalleryFilter,
    order: GalleryOrder,
    parameters: dict[str, Any],
) -> Pages:
    shape, values = filters.split(given)
    parameters |= values
    over, scope = _ordered(place, order, given)
    rows = generations.source.row(columns)
    if page.around is not None:
        text = _around(place, columns, shape, order)
        parameters |= {"keys": ids, "around": page.around, "limit": page.size + 1}
        found = await session.fetch(text, **parameters)
        terms = Terms(scope, session.cursors, page, tail=2)
        return neighbours.windows(ids, found, rows, terms)
    offset = page.offset is not None
    text = _page(place, columns, shape, order, page.shape, offset)
    parameters |= {"offset": page.offset} if offset else {}
    read = await paging.pages(session, text, rows, ids, page, over, scope, **parameters)
    if page.offset:
        return {key: replace(part, skipped=True) for key, part in read.items()}
    return read


async def _counted(
    session: Session, place: Place, ids: Keys, given: GalleryFilter
) -> Mapping[str, Row]:
    shape, values = filters.split(given)
    found = await session.fetch(_count(place, shape), keys=ids, **values)
    return by_key(found, relations.Count)


@lru_cache(maxsize=512)
def _ordered(place: Place, order: GalleryOrder, given: GalleryFilter) -> tuple[Order, bytes]:
    """The order of a gallery, and what its cursors are bound to."""
    over = order.over(place.shot)
    return over, paging.scope(place.name, over, given)


@statement
def _page(
    place: Place,
    columns: Columns,
    shape: filters.Shape,
    order: GalleryOrder,
    part: Shape,
    offset: bool,
) -> Select[Any]:
    wanted = filters.condition(shape, place.scope)
    ordered = order.over(place.shot)
    return paging.lateral(
        generations.source, columns, ordered, part, place.of, wanted, offset=offset
    )


@statement
def _around(
    place: Place, columns: Columns, shape: filters.Shape, order: GalleryOrder
) -> Select[Any]:
    wanted = filters.condition(shape, place.scope)
    ordered = order.over(place.shot)
    return neighbours.around(generations.source, columns, ordered, place.of, wanted)


@statement
def _count(place: Place, shape: filters.Shape) -> Select[Any]:
    return relations.count_of(place.of, filters.condition(shape, place.scope))


_parent = literal_column("parent.key", _ID)
_projects_of_shots = select(shots.table.c.project_id).where(shots.table.c.id == func.any(keys()))

PROJECT = Place(
    "projects.generations",
    generations.table.c.project_id.__eq__,
    Scope(keys()),
    bindparam("framed", type_=_ID),
)
SHOT = Place(
    "shots.generations",
    lambda _: filters.in_shots(array([_parent])),
    Scope(func.array(_projects_of_shots.scalar_subquery()), array([_parent])),
    _parent,
)

edge_in_project = relations.edge_of(generations.source, *_ordered(PROJECT, _NEWEST, _ALL))
