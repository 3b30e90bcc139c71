"""Edits: rows that a viewer means to change are held first, then written by their ids."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Delete,
    Table,
    Text,
    Update,
    any_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import (
    Insert as Inserted,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from db.base import Columns, Keys
from db.rows import Row, by_key, record
from db.statements import Statement, compiled, keys, statement
from db.writing import Writing

ID = UUID(as_uuid=False)
IDS = ARRAY(ID)

Hold = Callable[[Writing, Keys], Awaitable[Mapping[str, Row]]]
Write = Callable[..., Awaitable[None]]
Insert = Callable[..., Awaitable[None]]
Remove = Callable[[Writing, Keys], Awaitable[None]]
Patch = Callable[[Writing, str, str | None, Sequence[str]], Awaitable[int]]
Call = Callable[..., Awaitable[list[str]]]


def held(text: str, *columns: str) -> Hold:
    """The rows that are there for the viewer, and whether they are `writable`.

    Those that are stay as they are until the transaction ends.
    """
    row = record("held", ("id", "writable", "version", *columns))
    hold_rows = Statement(text, ("keys",), {})

    async def hold(session: Writing, ids: Keys) -> Mapping[str, Row]:
        return by_key(await session.fetch(hold_rows, keys=list(ids)), row, key=0)

    return hold


def written(table: Table) -> Write:
    """Writes columns of rows, by their names; rows that hold just that already are left alone."""

    @statement
    def build(columns: Columns) -> Update:
        new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
        differs = or_(*(table.c[name].is_distinct_from(value) for name, value in new.items()))
        return update(table).where(table.c.id == any_(keys()), differs).values(new)

    async def write(session: Writing, ids: Keys, **values: Any) -> None:
        given = {f"new_{name}": value for name, value in values.items()}
        session.send(build(tuple(values)), keys=list(ids), **given)

    return write


def inserted(table: Table) -> Insert:
    """Makes a row out of the values of its columns."""

    @statement
    def build(columns: Columns) -> Inserted:
        new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
        return insert(table).values(new)

    async def make(session: Writing, **values: Any) -> None:
        given = {f"new_{name}": value for name, value in values.items()}
        session.send(build(tuple(values)), **given)

    return make


def removed(table: Table) -> Remove:
    """Deletes rows, all in one statement."""

    @statement
    def build() -> Delete:
        return delete(table).where(table.c.id == any_(keys()))

    async def remove(session: Writing, ids: Keys) -> None:
        session.send(build(), keys=list(ids))

    return remove


def patched(table: Table, column: Column[Any]) -> Patch:
    """Takes keys out of a row's JSON and merges a patch in; gives how long its text is by then.

    PostgreSQL does that in one statement: of two patches of different keys both survive.
    """

    @statement
    def build() -> Update:
        unset = bindparam("unset", type_=ARRAY(Text))
        value = func.patched(column, bindparam("patch", type_=JSONB), unset, type_=JSONB)
        size = func.coalesce(func.octet_length(cast(column, Text)), 0)
        return (
            update(table)
            .where(table.c.id == any_(keys()))
            .values({column.name: value})
            .returning(size)
        )

    async def patch(session: Writing, id: str, given: str | None, unset: Sequence[str]) -> int:
        rows = await session.fetch(build(), keys=[id], patch=given, unset=list(unset))
        return max((size for (size,) in rows), default=0)

    return patch


def called(function: str, **types: Any) -> Call:
    """A function of the database that changes rows; gives the ids of those that changed."""
    given = (bindparam(name, type_=kind) for name, kind in types.items())
    rows = getattr(func, function)(*given).table_valued("id")
    call_function = compiled(select(cast(rows.c.id, Text)))

    async def call(session: Writing, **values: Any) -> list[str]:
        return [id for (id,) in await session.fetch(call_function, **values)]

    return call
