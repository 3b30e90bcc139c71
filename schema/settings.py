"""Settings: what holds for a tool, and where it comes from."""

import strawberry

from engine.declarations import attribute, resolved_by
from resolvers import settings
from resolvers.cascade import LayerName
from schema.fields import choices, rows
from schema.scalars import JSON

SETTINGS_OF = {
    "tool": "The tool's id; one that is not registered has no defaults.",
    "defaults": "What holds where not even the tool has a default, as an object.",
}

choices(
    LayerName,
    "A layer of settings; of two that set the same key the later one in this list holds.",
    called="SettingsLayerName",
    defaults="What the tool begins with.",
    user="What the viewer set for all their projects.",
    project="What was set for the project.",
    shot="What was set for the shot.",
)


@strawberry.type(description="What one scope holds for a tool.")
class SettingsLayer:
    value: JSON | None = attribute("What it holds; null when it holds nothing.")
    version: int = attribute("How often it was changed.")
    has_any: bool = resolved_by(settings.has_any)


@strawberry.type(description="The layers of a tool's settings.")
class SettingsLayers:
    defaults: JSON = attribute("What the tool begins with, over the `defaults` of the question.")
    user: SettingsLayer = attribute("What the viewer set for all their projects.")
    project: SettingsLayer | None = attribute(
        "What was set for the project; null when no project is meant."
    )
    shot: SettingsLayer | None = attribute("What was set for the shot; null when none is meant.")


@strawberry.type(description="Where a leaf of a value comes from.")
class SettingsOrigin:
    pointer: str = attribute("The JSON pointer of the leaf.")
    layer: LayerName = attribute("The layer that set it.")


@rows("tool_settings", "What holds for a tool in a shot, in a project, or for the viewer alone.")
class ToolSettings:
    tool: str = attribute("The tool's id.")
    project_id: strawberry.ID | None = attribute("The project that is meant, if any.")
    shot_id: strawberry.ID | None = attribute("The shot that is meant, if any.")
    value: JSON = resolved_by(settings.value)
    provenance: list[SettingsOrigin] = resolved_by(settings.provenance)
    layers: SettingsLayers = attribute("What each layer holds.")
