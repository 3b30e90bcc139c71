"""Settings: what holds for a tool at a place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from db import settings
from db.base import Columns, Id, Json, Keys
from db.errors import BadInput, NotFound
from db.session import Session
from db.settings import Layer, Place, ToolSettings
from resolvers import cascade
from resolvers.cascade import LayerName, Origin

MOST_PLACES = 5_000
LONGEST_NAME = 200
UI = "ui"

Found = Mapping[str, ToolSettings | NotFound]


def value(found: ToolSettings) -> Any:
    """What holds: the layers merged, the nearest last."""
    whole: Any = {}
    for _, layer in _layers(found):
        whole = cascade.merged(whole, layer)
    return whole


def provenance(found: ToolSettings) -> list[Origin]:
    """Which layer each leaf of the value comes from."""
    return cascade.origins(_layers(found))


def has_any(layer: Layer) -> bool:
    """Whether this layer holds anything at all."""
    return layer.value is not None


async def by_place(session: Session, places: Keys, columns: Columns) -> Found:
    """The settings of a tool at a place, as outcomes of mutations name it."""
    found = await settings.at(session, [Place(*orjson.loads(place)) for place in places])
    return dict(zip(places, found, strict=True))


async def by_viewer(
    session: Session,
    viewers: Keys,
    columns: Columns,
    tool: str,
    project_id: Id | None = None,
    shot_id: Id | None = None,
    defaults: Json | None = None,
) -> Found:
    """What holds for a tool in a shot, in a project, or for the viewer alone."""
    check_name(tool, "tool")
    (found,) = await settings.at(session, [Place(tool, project_id, shot_id)])
    return dict.fromkeys(viewers, _above(defaults, found))


async def many_by_viewer(
    session: Session,
    viewers: Keys,
    columns: Columns,
    tools: tuple[str, ...],
    project_id: Id | None = None,
    shot_ids: tuple[Id, ...] | None = None,
) -> Mapping[str, Sequence[ToolSettings] | NotFound]:
    """What holds for several tools, in each of several shots: all tools of a shot together."""
    for tool in tools:
        check_name(tool, "tools")
    shots: Sequence[str | None] = [None] if shot_ids is None else shot_ids
    if len(shots) * len(tools) > MOST_PLACES:
        message = f"`tools` times `shotIds` must be at most {MOST_PLACES:,}."
        raise BadInput(message, "shotIds")
    places = [Place(tool, project_id, shot) for shot in shots for tool in tools]
    found = await settings.at(session, places)
    missing = next((one for one in found if isinstance(one, NotFound)), None)
    if missing is not None:
        argument = "shotIds" if missing.argument == "shotId" else missing.argument
        return {viewer: NotFound(missing.message, argument) for viewer in viewers}
    return {viewer: [one for one in found if isinstance(one, ToolSettings)] for viewer in viewers}


async def by_project(
    session: Session, ids: Keys, columns: Columns, tool: str, defaults: Json | None = None
) -> Found:
    """What holds for a tool in this project."""
    check_name(tool, "tool")
    found = await settings.at(session, [Place(tool, project_id=one) for one in ids])
    return {one: _above(defaults, each) for one, each in zip(ids, found, strict=True)}


async def by_shot(
    session: Session, ids: Keys, columns: Columns, tool: str, defaults: Json | None = None
) -> Found:
    """What holds for a tool in this shot."""
    check_name(tool, "tool")
    found = await settings.at(session, [Place(tool, shot_id=one) for one in ids])
    return {one: _above(defaults, each) for one, each in zip(ids, found, strict=True)}


@dataclass(frozen=True)
class UiState:
    """How a person left the application's windows."""

    value: Any


async def ui_state(session: Session, users: Keys, columns: Columns) -> Mapping[str, UiState]:
    """How they left the application: what holds for the tool `ui` for them."""
    (found,) = await settings.at(session, [Place(UI)])
    return {} if isinstance(found, NotFound) else dict.fromkeys(users, UiState(value(found)))


def check_name(tool: str, argument: str) -> None:
    """Refuse what can be no tool's id."""
    if not 0 < len(tool) <= LONGEST_NAME:
        raise BadInput(f"A tool's id has 1 to {LONGEST_NAME} characters.", argument)


def _layers(found: ToolSettings) -> Iterator[tuple[LayerName, Any]]:
    yield LayerName.DEFAULTS, found.defaults
    for name in (LayerName.USER, LayerName.PROJECT, LayerName.SHOT):
        layer: Layer | None = getattr(found, name.value)
        if layer is not None and has_any(layer):
            yield name, layer.value


def _above(defaults: Json | None, found: ToolSettings | NotFound) -> ToolSettings | NotFound:
    """The same, with defaults that a reader brings as the lowest layer."""
    if defaults is None or isinstance(found, NotFound):
        return found
    given = orjson.loads(defaults)
    if not isinstance(given, dict):
        raise BadInput("`defaults` must be an object.", "defaults")
    return replace(found, defaults=cascade.merged(given, found.defaults))
