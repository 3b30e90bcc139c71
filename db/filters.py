"""Filters: which generations of a list are wanted, as conditions with their values kept apart.

The shape of a filter decides the text of a statement; its values travel as parameters. Row
security lets no index answer the operators of JSON and full text, so those two ask functions
that look only into what the viewer may see.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db import generations, variants
from db.base import Id
from db.errors import BadInput
from db.generations import MediaType

MOST_CONDITIONS = 50
MOST_VALUES = 500
LONGEST_SEARCH = 1_000

Condition = ColumnElement[bool]
Shape = tuple[Any, ...]

_COMBINATIONS = ("and_", "or_", "not_")


@dataclass(frozen=True)
class GalleryFilter:
    """Conditions that must all hold; each may be left out."""

    media_type: MediaType | None = None
    tool_types: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    starred: bool | None = None
    edits: bool | None = None
    shots: tuple[Id, ...] | None = None
    no_shot: bool | None = None
    positioned: bool | None = None
    search: str | None = None
    run: Id | None = None
    task: Id | None = None
    parent: Id | None = None
    include_children: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    has_unviewed_variants: bool | None = None
    and_: "tuple[GalleryFilter, ...] | None" = None
    or_: "tuple[GalleryFilter, ...] | None" = None
    not_: "GalleryFilter | None" = None

    def __post_init__(self) -> None:
        if self.size > MOST_CONDITIONS:
            raise BadInput(f"A filter has at most {MOST_CONDITIONS} conditions.", "filter")
        if any(len(value) > MOST_VALUES for _, value in self.set() if isinstance(value, tuple)):
            raise BadInput(f"A condition names at most {MOST_VALUES} values.", "filter")
        if len(self.search or "") > LONGEST_SEARCH:
            raise BadInput(f"A search has at most {LONGEST_SEARCH} characters.", "filter.search")

    @property
    def size(self) -> int:
        """How many conditions and nested filters it holds."""
        return len(list(self.set())) + sum(1 + each.size for each in self.nested())

    @property
    def wants_children(self) -> bool:
        """Whether children are asked for, here or in what must or may hold as well."""
        if self.parent is not None or self.include_children:
            return True
        return any(each.wants_children for each in (*(self.and_ or ()), *(self.or_ or ())))

    def set(self) -> Iterator[tuple[str, Any]]:
        """The conditions that are set, by name, without the nested filters."""
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and each.name not in _COMBINATIONS:
                yield each.name, value

    def nested(self) -> tuple["GalleryFilter", ...]:
        """The filters inside this one."""
        one = () if self.not_ is None else (self.not_,)
        return (*(self.and_ or ()), *(self.or_ or ()), *one)


@dataclass(frozen=True)
class Scope:
    """Where the conditions look: the projects to search, and the shots to be placed in."""

    projects: ColumnElement[Any]
    shots: ColumnElement[Any] | None = None


def split(given: GalleryFilter) -> tuple[Shape, dict[str, Any]]:
    """The shape of a filter, which decides a statement's text, and the values it is asked with."""
    values: dict[str, Any] = {}
    return (given.wants_children, _shape(given, values)), values


def condition(shape: Shape, scope: Scope) -> Condition:
    """What a generation of a gallery must be to pass a filter of this shape."""
    wants_children, parts = shape
    base = _one.location.is_not(None) if wants_children else generations.in_gallery
    return and_(base, _every(parts, scope))


def in_shots(shots: ColumnElement[Any]) -> Condition:
    """Whether a generation has an entry in one of the shots."""
    return _one.id.in_(select(func.generations_of_shots(shots)))


def placed(shots: ColumnElement[Any] | None) -> Condition:
    """Whether a generation has a place in one of the shots, or in any shot at all."""
    if shots is None:
        return func.jsonb_path_exists(_one.shot_data, _SOME_PLACE)
    shot = func.unnest(shots).table_valued(column("id", _ID)).render_derived(name="shot")
    frame = func.jsonb_typeof(_one.shot_data.op("->")(cast(shot.c.id, Text)))
    return exists(select(literal_column("1")).select_from(shot).where(frame == _NUMBER))


def _shape(given: GalleryFilter, values: dict[str, Any]) -> Shape:
    parts: list[tuple[str, Any]] = []
    for name, value in given.set():
        if name in _CONDITIONS and value != "":
            parts.append((name, f"filter_{len(values)}"))
            values[parts[-1][1]] = _plain(value)
    for name in _COMBINATIONS:
        inner = getattr(given, name)
        if inner is not None:
            every = inner if isinstance(inner, tuple) else (inner,)
            parts.append((name, tuple(_shape(each, values) for each in every)))
    return tuple(parts)


def _every(parts: Shape, scope: Scope) -> Condition:
    shots = dict(parts).get("shots")
    if shots is not None:
        scope = replace(scope, shots=bindparam(shots, type_=_IDS))
    return and_(true(), *(_condition(name, part, scope) for name, part in parts))


def _condition(name: str, part: Any, scope: Scope) -> Condition:
    if name not in _COMBINATIONS:
        kind, made = _CONDITIONS[name]
        return made(bindparam(part, type_=kind), scope)
    inner = [_every(each, scope) for each in part]
    if name == "not_":
        return inner[0].is_not(true())
    return or_(false(), *inner) if name == "or_" else and_(true(), *inner)


def _unviewed(scope: Scope) -> Condition:
    takes = variants.table.c
    mine = takes.project_id == any_(scope.projects)
    return _one.id.in_(select(takes.generation_id).where(mine, takes.viewed_at.is_(None)))


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


_one = generations.table.c
_ID = UUID(as_uuid=False)
_IDS = ARRAY(_ID)
_MOMENT = DateTime(timezone=True)
_NOTHING: ColumnElement[Any] = literal_column("'{}'::jsonb")
_NUMBER: ColumnElement[Any] = literal_column("'number'")
_SOME_PLACE: ColumnElement[Any] = literal_column("'$.* ? (@ != null)'::jsonpath")

_Made = Callable[[ColumnElement[Any], Scope], Condition]

_CONDITIONS: dict[str, tuple[Any, _Made]] = {
    "shots": (_IDS, lambda asked, _: in_shots(asked)),
    "search": (
        Text(),
        lambda asked, scope: _one.id.in_(select(func.search_generations(scope.projects, asked))),
    ),
    "run": (_ID, lambda asked, _: _one.run_id == asked),
    "task": (_ID, lambda asked, _: _one.task_id == asked),
    "parent": (_ID, lambda asked, _: _one.parent_generation_id == asked),
    "created_after": (_MOMENT, lambda asked, _: _one.created_at >= asked),
    "created_before": (_MOMENT, lambda asked, _: _one.created_at < asked),
    "media_type": (Text(), lambda asked, _: func.media_type(_one.type) == asked),
    "tool_types": (ARRAY(Text), lambda asked, _: _one.tool_type == any_(asked)),
    "models": (ARRAY(Text), lambda asked, _: _one.model == any_(asked)),
    "starred": (Boolean(), lambda asked, _: _one.starred == asked),
    "edits": (Boolean(), lambda asked, _: _one.based_on.is_not(None) == asked),
    "no_shot": (Boolean(), lambda asked, _: (_one.shot_data == _NOTHING) == asked),
    "positioned": (Boolean(), lambda asked, scope: placed(scope.shots) == asked),
    "has_unviewed_variants": (Boolean(), lambda asked, scope: _unviewed(scope) == asked),
}
