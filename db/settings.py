"""Settings: what each layer of the cascade holds for a tool, and how that is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import orjson

from db.errors import NotFound
from db.statements import Statement
from db.tools import Scope
from db.writing import Reading, Writing


@dataclass(frozen=True)
class Place:
    """A tool where it is used: in a shot, in a project, or in neither."""

    tool: str
    project_id: str | None = None
    shot_id: str | None = None


@dataclass(frozen=True)
class Layer:
    """What one scope holds, None where it holds nothing, and how often that was changed."""

    value: Any
    version: int


@dataclass(frozen=True)
class ToolSettings:
    """All that the cascade knows of a tool at a place, from the farthest layer to the nearest."""

    tag: ClassVar[str] = "tool_settings"

    tool: str
    project_id: str | None
    shot_id: str | None
    defaults: Mapping[str, Any]
    user: Layer
    project: Layer | None
    shot: Layer | None

    @property
    def layers(self) -> "ToolSettings":
        """The layers by name."""
        return self

    def with_layer(self, scope: Scope, layer: Layer) -> "ToolSettings":
        """The same with another layer of this scope."""
        match scope:
            case Scope.USER:
                return replace(self, user=layer)
            case Scope.PROJECT:
                return replace(self, project=layer)
            case Scope.SHOT:
                return replace(self, shot=layer)


class Write(NamedTuple):
    """A change of one tool's settings: keys taken out first, then a patch merged in.

    What breaks a rule is told of the argument of this name.
    """

    scope: Scope
    id: str
    tool: str
    patch: Any = None
    unset: Sequence[str] = ()
    expected: int | None = None
    argument: str = "patch"


@dataclass(frozen=True)
class Written:
    """What became of a write; nothing was written where the version was not as expected."""

    writable: bool
    written: bool
    version: int
    was: Any
    value: Any
    has_schema: bool


_LAYERS = Statement(
    "select * from tool_settings($1::uuid[], $2::uuid[], $3::text[]) order by turn",
    ("shots", "projects", "tools"),
    {},
)
_CHANGE = Statement("select * from change_settings($1::jsonb)", ("writes",), {})


async def at(session: Reading, places: Sequence[Place]) -> list[ToolSettings | NotFound]:
    """The settings of each place, or that it is not there for this viewer."""
    rows = await session.fetch(
        _LAYERS,
        shots=[place.shot_id for place in places],
        projects=[place.project_id for place in places],
        tools=[place.tool for place in places],
    )
    return [_settings(place, row) for place, row in zip(places, rows, strict=True)]


async def change(session: Writing, writes: Sequence[Write]) -> list[Written | None]:
    """Do all writes; None for those whose entity is not there for this viewer."""
    given = [{**write._asdict(), "scope": write.scope.value} for write in writes]
    rows = await session.fetch(_CHANGE, writes=orjson.dumps(given).decode())
    found = {turn: Written(*values) for turn, *values in rows}
    return [found.get(turn) for turn in range(1, len(writes) + 1)]


def missing(scope: Scope, argument: str) -> NotFound:
    """That there is no such entity for this viewer."""
    return NotFound(f"There is no such {scope.value}.", argument)


def _settings(place: Place, row: tuple[Any, ...]) -> ToolSettings | NotFound:
    _, tool, project_id, shot_id, found, defaults, *values = row
    if not found:
        scope = Scope.SHOT if place.shot_id and not shot_id else Scope.PROJECT
        return missing(scope, f"{scope.value}Id")
    user, project, shot = (Layer(values[n], values[n + 3]) for n in range(3))
    return ToolSettings(
        tool,
        project_id,
        shot_id,
        defaults,
        user,
        project if project_id else None,
        shot if shot_id else None,
    )
