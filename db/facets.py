"""Facets: how many generations of a gallery there are of each kind, counted in one pass."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Date,
    Select,
    Subquery,
    Text,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from db import filters, galleries, generations, paging
from db.base import Columns, Keys
from db.filters import GalleryFilter, Shape
from db.rows import Row, record
from db.session import Session
from db.statements import statement

MOST_VALUES = 366

_Facet = record("facet", ("value", "count"))
_one = generations.table.c
_KINDS = {
    "media_types": func.media_type(_one.type),
    "tool_types": _one.tool_type,
    "models": _one.model,
    "starred": _one.starred,
    "unpositioned": not_(filters.placed(None)),
    "days": cast(func.timezone(literal_column("'UTC'"), _one.created_at), Date),
}
_FLAGS = ("starred", "unpositioned")


async def by_project(
    session: Session, ids: Keys, columns: Columns, filter: GalleryFilter | None = None
) -> Mapping[str, Row]:
    """How many generations of its gallery there are of each kind."""
    shape, values = filters.split(filter or GalleryFilter())
    kinds = tuple(name for name in _KINDS if name in columns)
    rows = await session.fetch(_counts(kinds, shape), keys=ids, **values)
    found = _facets(kinds, rows)
    kind = record("facets", columns)
    return {key: kind(found[key][name] for name in columns) for key in found}


def _facets(kinds: Columns, rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, Any]]:
    everything = (1 << len(kinds)) - 1
    names = {everything ^ 1 << place: name for place, name in enumerate(reversed(kinds))}
    found: dict[str, dict[str, Any]] = {}
    for left_out, value, count, key in rows:
        facets = found.setdefault(key, {name: [] for name in kinds})
        if left_out == everything:
            facets["total"] = count
        else:
            name = names[left_out]
            facets[name].append(_Facet((value == "true" if name in _FLAGS else value, count)))
    return found


@statement
def _counts(kinds: Columns, shape: Shape) -> Select[Any]:
    parent = paging.parents()
    place = galleries.PROJECT
    wanted = filters.condition(shape, place.scope)
    read = [_KINDS[name].label(name) for name in kinds]
    one = select(literal_column("1"), *read).where(place.of(parent.c.key), wanted)
    ranked = _ranked(kinds, one.correlate(parent).subquery("one")).subquery("ranked")
    shown = ranked.c.rank <= literal_column(str(MOST_VALUES))
    counted = select(ranked).where(shown).lateral("counted")
    return (
        select(counted.c.left_out, counted.c.value, counted.c.count, cast(parent.c.key, Text))
        .select_from(parent.join(counted, true()))
        .order_by(counted.c.left_out, counted.c.rank)
    )


def _ranked(kinds: Columns, one: Subquery) -> Select[Any]:
    """A row for each value of each kind, the most frequent first, days the newest first."""
    read = [one.c[name] for name in kinds]
    left_out = func.grouping(*read) if read else literal_column("0")
    value = func.coalesce(*(cast(c, Text) for c in read), literal_column("null"))
    newest = [one.c.days.desc().nulls_last()] if "days" in kinds else []
    rank = func.row_number().over(
        partition_by=left_out, order_by=[*newest, func.count().desc(), value.collate("C")]
    )
    counted = (left_out.label("left_out"), value.label("value"), func.count().label("count"))
    sets = func.grouping_sets(*(tuple_(c) for c in read), tuple_())
    known = or_(value.is_not(None), left_out == literal_column(str((1 << len(kinds)) - 1)))
    return select(*counted, rank.label("rank")).select_from(one).group_by(sets).having(known)
