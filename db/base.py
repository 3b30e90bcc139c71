"""What every table shares: the catalogue of tables and the builders of their columns."""

from collections.abc import Sequence
from typing import Any, NewType

from sqlalchemy import CheckConstraint, Column, DateTime, MetaData, func, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

Id = NewType("Id", str)
Json = NewType("Json", str)
Columns = tuple[str, ...]
Keys = Sequence[str]

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    }
)


def uuid(name: str, *args: Any, **options: Any) -> Column[Any]:
    """A UUID column, read and written as text."""
    return Column(name, UUID(as_uuid=False), *args, **options)


def key() -> Column[Any]:
    """The primary key: a UUID that a client may choose, else a random one."""
    return uuid("id", primary_key=True, server_default=text("gen_random_uuid()"))


def timestamp(name: str, **options: Any) -> Column[Any]:
    """A moment of the years 1 to 9999, as ISO 8601 writes them, kept with its time zone."""
    written = CheckConstraint(
        f"{name} >= '0001-01-01 00:00:00+00' and {name} < '10000-01-01 00:00:00+00'",
        name=f"{name}_in_calendar",
    )
    return Column(name, DateTime(timezone=True), written, **options)


def jsonb(name: str, default: str | None = None, **options: Any) -> Column[Any]:
    """A JSON column; with a default it is never null."""
    if default is not None:
        options |= {"nullable": False, "server_default": text(f"'{default}'::jsonb")}
    return Column(name, JSONB(none_as_null=True), **options)


def times() -> tuple[Column[Any], Column[Any]]:
    """`created_at` and `updated_at`, never null."""
    now = {"nullable": False, "server_default": func.now()}
    return timestamp("created_at", **now), timestamp("updated_at", **now)
