"""Filters: which generations of a list are wanted, as conditions with their values kept apart.

The shape of a filter decides the text of a statement; its values travel as parameters. Row
security lets no index answer the operators of JSON and full text, so those two ask functions
that look only into what the viewer may see.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import TypeEngine

from db import generations, variants
from db.base import Id
from db.errors import BadInput
from db.generations import MediaType

MOST_CONDITIONS = 50
MOST_VALUES = 500
LONGEST_SEARCH = 1_000

Condition = ColumnElement[bool]
Shape = tuple[Any, ...]

_one = generations.table.c
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
    size: int = field(default=0, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        size = len(list(self.conditions())) + sum(1 + each.size for each in self.nested())
        if size > MOST_CONDITIONS:
            raise BadInput(f"A filter has at most {MOST_CONDITIONS} conditions.", "filter")
        if any(len(v) > MOST_VALUES for _, v in self.conditions() if isinstance(v, tuple)):
            raise BadInput(f"A condition names at most {MOST_VALUES} values.", "filter")
        if len(self.search or "") > LONGEST_SEARCH:
            raise BadInput(f"A search has at most {LONGEST_SEARCH} characters.", "filter.search")
        object.__setattr__(self, "size", size)

    @property
    def wants_children(self) -> bool:
        """Whether children are asked for, here or in what must or may hold as well."""
        asked = self.parent is not None or bool(self.include_children)
        nested = (*(self.and_ or ()), *(self.or_ or ()))
        return asked or any(each.wants_children for each in nested)

    def conditions(self) -> Iterator[tuple[str, Any]]:
        """The conditions that are set, by name, without the nested filters."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _CONDITIONS and value is not None:
                yield each.name, value

    def nested(self) -> tuple["GalleryFilter", ...]:
        """The filters inside this one."""
        one = () if self.not_ is None else (self.not_,)
        return (*(self.and_ or ()), *(self.or_ or ()), *one)


def split(given: GalleryFilter) -> tuple[Shape, dict[str, Any]]:
    """A filter as the shape that decides the statement's text, and the values it is asked with."""
    values: dict[str, Any] = {}
    return (given.wants_children, *_shape(given, values)), values


def condition(shape: Shape, scope: "Scope") -> Condition:
    """What a generation must be to pass a filter of this shape."""
    wants_children, *parts = shape
    base = _one.location.is_not(None) if wants_children else generations.in_gallery
    return and_(base, *(_part(part, scope) for part in parts))


@dataclass(frozen=True)
class Scope:
    """What a list is cut from: the projects of a search, and the shot that everything is in."""

    projects: ColumnElement[Any]
    shot: ColumnElement[Any] | None = None


def _shape(given: GalleryFilter, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    shots = None
    for name, value in given.conditions():
        parameter = f"filter_{len(values)}"
        values[parameter] = _plain(value)
        shots = parameter if name == "shots" else shots
        yield name, parameter, shots if name == "positioned" else None
    for name in _COMBINATIONS:
        inner = getattr(given, name)
        if inner is not None:
            each = inner if isinstance(inner, tuple) else (inner,)
            yield name, tuple(tuple(_shape(one, values)) for one in each)


def _part(part: tuple[Any, ...], scope: Scope) -> Condition:
    name, *rest = part
    if name not in _COMBINATIONS:
        return _leaf(name, *rest, scope)
    inner = [and_(true(), *(_part(one, scope) for one in parts)) for parts in rest[0]]
    if name == "not_":
        return inner[0].is_not(true())
    return or_(false(), *inner) if name == "or_" else and_(true(), *inner)


def _leaf(name: str, parameter: str, shots: str | None, scope: Scope) -> Condition:
    kind, made = _CONDITIONS[name]
    asked = bindparam(parameter, type_=kind)
    if name == "search":
        return _one.id.in_(select(func.search_generations(scope.projects, asked)))
    if name == "positioned":
        return _placed(shots, scope) == asked
    return made(asked)


def _placed(shots: str | None, scope: Scope) -> Condition:
    if shots is not None:
        return _placed_in(func.unnest(bindparam(shots, type_=_IDS)))
    if scope.shot is not None:
        return _is_number(cast(scope.shot, Text))
    return placed_anywhere


def _placed_in(shots: ColumnElement[Any]) -> Condition:
    shot = shots.table_valued("id").alias("shot").render_derived()  # type: ignore[attr-defined]
    one = exists(select(literal_column("1")).where(_is_number(cast(shot.c.id, Text))))
    return one


def _is_number(shot: ColumnElement[Any]) -> Condition:
    frame = func.jsonb_typeof(_one.shot_data.op("->")(shot))
    return func.coalesce(frame == literal_column("'number'"), false())


def in_shots(shots: ColumnElement[Any]) -> Condition:
    """Whether a generation has an entry in one of the shots."""
    return _one.id.in_(select(func.generations_of_shots(shots)))


def _unviewed(asked: ColumnElement[Any]) -> Condition:
    of = variants.table.c
    unviewed = and_(of.generation_id == _one.id, of.viewed_at.is_(None))
    return exists(select(literal_column("1")).where(unviewed)) == asked


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


placed_anywhere: Condition = func.jsonb_path_exists(
    _one.shot_data, literal_column("'$.* ? (@ != null)'::jsonpath")
)

_ID = UUID(as_uuid=False)
_IDS = ARRAY(_ID)
_TEXTS = ARRAY(Text)
_MOMENT = DateTime(timezone=True)

_Made = Callable[[ColumnElement[Any]], Condition]
_CONDITIONS: dict[str, tuple[TypeEngine[Any] | type[Any], _Made]] = {}
