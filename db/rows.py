"""Rows: what a statement reads, as tuples with named columns and the word for what they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Numeric,
    Text,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.sql.util import ClauseAdapter

from db.base import Columns
from db.statements import Selection

# What is asked of a page beside its rows' own columns: their cursors, and whether more follow.
CURSOR = "cursor_"
MORE = "more_"
# `raw_params` is the column `params` as the JSON that PostgreSQL writes, which nobody reads.
RAW = "raw_"

OF_PAGES = (CURSOR, MORE)
_EMPTY: ColumnElement[Any] = literal_column("jsonb '{}'")
_MOMENT: ColumnElement[str] = literal_column('\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'')


class Row(tuple[Any, ...]):
    """One row as it was read: columns by name, and the word for what it is."""

    __slots__ = ()
    tag: ClassVar[str] = ""
    columns: ClassVar[Columns] = ()
    asked: ClassVar[Columns] = ()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"column {name!r} of {self.tag} was not read")


@dataclass(frozen=True, eq=False)
class Source:
    """A table as relations read it: columns as text, expressions by name, rows joined by a key."""

    tag: str
    table: FromClause
    expressions: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    joins: Mapping[str, tuple["Source", str]] = field(default_factory=dict)

    def read(self, columns: Columns) -> list[ColumnElement[Any]]:
        """The columns as they are selected; `generation.id` reads of the joined generation."""
        return [self._column(name).label(name) for name in columns if name not in OF_PAGES]

    def origin(self, columns: Columns) -> FromClause:
        """The table, joined to what the columns need."""
        origin: FromClause = self.table
        for name in _joined(columns):
            source, key = self.joins[name]
            other = source.alias(name)
            origin = origin.outerjoin(other, other.c.id == self.table.c[key])
        return origin

    def select(self, columns: Columns, *more: ColumnElement[Any]) -> Selection:
        """A select of the columns, then of whatever else is asked."""
        return select(*self.read(columns), *more).select_from(self.origin(columns))

    def row(self, columns: Columns) -> type[Row]:
        """The type of the rows that such a select gives."""
        joined = tuple((name, self.joins[name][0].tag) for name in _joined(columns))
        return _row_type(self.tag, columns, joined)

    @lru_cache(maxsize=8)  # noqa: B019 - sources live as long as the program
    def alias(self, name: str) -> FromClause:
        """The table under the name of a relation."""
        return self.table.alias(name)

    def _column(self, name: str) -> ColumnElement[Any]:
        relation, dot, rest = name.partition(".")
        if dot:
            source, _ = self.joins[relation]
            return source._under(source.alias(relation), rest)
        if name in self.expressions:
            return self.expressions[name]
        return _read(self.table, name)

    def _under(self, alias: FromClause, name: str) -> ColumnElement[Any]:
        if name in self.expressions:
            return ClauseAdapter(alias).traverse(self.expressions[name])
        return _read(alias, name)


def rendered(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as clients get it: ids as text, moments as ISO 8601 in UTC, numbers as floats."""
    if isinstance(column.type, UUID):
        return cast(column, Text)
    if isinstance(column.type, DateTime):
        return moment(column)
    if isinstance(column.type, Numeric):
        return cast(column, Double)
    return column


def _read(table: FromClause, name: str) -> ColumnElement[Any]:
    if not name.startswith(RAW):
        return rendered(table.c[name])
    column = table.c[name.removeprefix(RAW)]
    return cast(column if column.nullable else func.coalesce(_value(column), _EMPTY), JSON)


def _value(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """JSON has a null of its own, which is no value either."""
    return func.nullif(column, literal_column("jsonb 'null'"))


def moment(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A moment as ISO 8601 text in UTC, exact to the microsecond."""
    return func.to_char(func.timezone(literal_column("'UTC'"), column), _MOMENT)


def record(tag: str, columns: Columns) -> type[Row]:
    """The type of rows that come from no single table."""
    return _row_type(tag, columns, ())


def by_key(rows: Iterable[tuple[Any, ...]], row: type[Row], key: int = -1) -> dict[str, Row]:
    """One row for each key; the key stands in the last selected column."""
    return {values[key]: row(values) for values in rows}


def grouped(rows: Iterable[tuple[Any, ...]], row: type[Row], key: int = -1) -> dict[str, list[Row]]:
    """All rows of each key, in the order they came."""
    groups: dict[str, list[Row]] = {}
    for values in rows:
        groups.setdefault(values[key], []).append(row(values))
    return groups


def _joined(columns: Columns) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.partition(".")[0] for name in columns if "." in name))


@lru_cache(maxsize=4096)
def _row_type(tag: str, columns: Columns, joined: tuple[tuple[str, str], ...]) -> type[Row]:
    own = tuple(name for name in columns if name not in OF_PAGES)
    members: dict[str, Any] = {"__slots__": (), "tag": tag, "columns": own, "asked": columns}
    for index, name in enumerate(own):
        if "." not in name:
            members[name] = property(itemgetter(index))
    for name, other in joined:
        members[name] = _part(name, other, own)
    return type(tag, (Row,), members)


def _part(name: str, tag: str, columns: Columns) -> property:
    """The joined row inside of a row: its columns lie side by side, for they are sorted."""
    prefix = f"{name}."
    places = {c.removeprefix(prefix): i for i, c in enumerate(columns) if c.startswith(prefix)}
    first, last = min(places.values()), max(places.values())
    if last - first + 1 != len(places):
        raise ValueError(f"the columns of {name} are not side by side")
    part = _row_type(tag, tuple(places), ())
    identity, own = places["id"], slice(first, last + 1)
    return property(lambda row: None if row[identity] is None else part(row[own]))
