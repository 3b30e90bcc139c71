"""How types of this schema are declared: nodes, arguments and what their values must be."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from math import isfinite
from typing import Any, TypeVar
from uuid import UUID

import orjson
import strawberry

from db.base import Id, Json
from db.errors import BadInput
from db.rows import RAW
from db.slices import Page
from engine.declarations import Batch, attribute, registry
from engine.roots import found_by
from schema.scalars import JSON, DateTime

T = TypeVar("T")

DEEPEST = 32
LARGEST_INTEGER = 2**63 - 1

PAGE = {
    "first": (int | None, "How many items from the start, or after `after`; 0 to 500, else 50."),
    "after": (str | None, "The cursor of the item before the page."),
    "last": (int | None, "How many items from the end, or before `before`; 0 to 500."),
    "before": (str | None, "The cursor of the item after the page."),
}


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    id: strawberry.ID = strawberry.field(description="The UUID under which it is kept everywhere.")


def rows(tag: str, description: str) -> Callable[[type[T]], type[T]]:
    """An object type whose values are the rows with this tag."""

    def declare(cls: type[T]) -> type[T]:
        cls.is_type_of = staticmethod(lambda row, _info: getattr(row, "tag", "") == tag)  # type: ignore[attr-defined]
        return strawberry.type(cls, description=description)

    return declare


def unread(name: str, description: str) -> Any:
    """A column of JSON, handed on as PostgreSQL writes it."""
    return attribute(description, reads=(RAW + name,), path=RAW + name)


def outcome(description: str) -> Callable[[type[T]], type[T]]:
    """An object type whose values are the outcomes that go by its name."""

    def declare(cls: type[T]) -> type[T]:
        cls.is_type_of = staticmethod(  # type: ignore[attr-defined]
            lambda reached, _info: getattr(reached, "type", "") == cls.__name__
        )
        return strawberry.type(cls, description=description)

    return declare


def by_id(function: Batch) -> Any:
    """A root field: one row, found by its id."""
    return found_by(function, "id", Id, key_words="Its UUID.", column="id")


def choices(enum: type[Enum], description: str, called: str | None = None, **words: str) -> None:
    """Make an enum of the layers below one of GraphQL's; `words` describe its members."""
    if not hasattr(enum, "__strawberry_definition__"):
        strawberry.enum(enum)
    # Whatever spoke of the enum earlier holds this very definition.
    definition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    definition.name, definition.description = called or enum.__name__, description
    for value in definition.values:
        value.description = words[value.name.lower()]


_ONE_SPELLING = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


def taken_id(argument: str, value: str) -> str:
    """An id in its one spelling; anything but a UUID is refused."""
    if _ONE_SPELLING(value):
        return value
    try:
        return str(UUID(value))
    except ValueError:
        raise BadInput(f"`{argument}` must be a UUID.", argument) from None


def taken_text(argument: str, value: str) -> str:
    """Text that PostgreSQL can hold."""
    if "\0" in value or (not value.isascii() and _has_surrogate(value)):
        raise BadInput(f"`{argument}` holds a character that text cannot have.", argument)
    return value


def taken_json(argument: str, value: Any) -> Json:
    """JSON that PostgreSQL can hold, in its one spelling; no deeper than settings may be."""
    fault = next(_json_faults(value, DEEPEST), None)
    if fault is not None:
        raise BadInput(f"`{argument}` {fault}.", argument)
    return Json(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode())


def taken_page(page: type[Page]) -> Callable[[str, Any], Page]:
    """A page out of its arguments."""

    def take(_: str, values: Mapping[str, Any]) -> Page:
        for cursor in ("after", "before"):
            if cursor in values:
                taken_text(cursor, values[cursor])
        return page(**values)

    return take


def _json_faults(value: Any, levels: int) -> Iterator[str]:
    """Why a value cannot be kept as JSON."""
    if isinstance(value, str) and ("\0" in value or _has_surrogate(value)):
        yield "holds a character that text cannot have"
    if isinstance(value, float) and not isfinite(value):
        yield "holds a number that is larger than any double"
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        yield "holds a whole number of more than 64 bits"
    if isinstance(value, dict | list):
        if not levels:
            yield f"is nested more than {DEEPEST} levels deep"
            return
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _json_faults(inner, levels - 1)


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


registry.kind(Id, strawberry.ID, taken_id)
registry.kind(str, str, taken_text)
registry.kind(Json, JSON, taken_json)
registry.kind(datetime, DateTime, lambda _, moment: moment)
registry.group(Page, PAGE, taken_page(Page))
