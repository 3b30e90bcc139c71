"""Revisions: every change of settings, and the mutations that make them."""

import strawberry
from strawberry import UNSET

from db.tools import Scope
from engine.declarations import column, registry
from engine.relations import each_by, related_by
from resolvers import revisions, settings
from resolvers.revisions import Patch
from schema import refs
from schema.fields import outcome, rows
from schema.mutations import changed_by
from schema.scalars import JSON, DateTime

REASON = "settings-update"
PATCH = "An object that is merged into what the scope holds; null is a value like others."
UNSET_WORDS = (
    "JSON pointers of keys that are taken out first, so that they inherit again; an object that"
    " loses its last key by that goes with it."
)
EXPECTED = "The version of the scope's settings as the client knows them; any when it is left out."
BEFORE = f"{EXPECTED} Of several changes at once each expects the version before the first."
PLACE = {
    "scope": "Where the settings are kept.",
    "id": "The UUID of the user, the project or the shot.",
    "tool": "The tool's id; one that is not registered has no defaults.",
}


@rows("settings_revision", "One change of one tool's settings in one scope.")
class SettingsRevision:
    version: int = column("The version that the change made, from 1.")
    patch: JSON | None = column("What was merged in.")
    unset: list[str] = column("JSON pointers of what was taken out before that.")
    value_before: JSON | None = column("What the scope held before; null when it held nothing.")
    author: strawberry.ID | None = column("The UUID of who changed it; null when they are gone.")
    at: DateTime = column("When it was changed.")


@outcome("The settings of a tool were changed.")
class ToolSettingsChanged:
    settings: refs.ToolSettings | None = related_by(
        settings.by_place, key="place", description="What holds now where they were changed."
    )


@outcome("The settings of several tools were changed.")
class ManyToolSettingsChanged:
    settings: list[refs.ToolSettings] = each_by(
        settings.by_place, "places", "What holds now for each patch, in their order."
    )


@registry.input(
    Patch, name="ToolSettingsPatch", description="A change of one tool's settings in one scope."
)
class PatchInput:
    scope: Scope = strawberry.field(description=PLACE["scope"])
    id: strawberry.ID = strawberry.field(description=PLACE["id"])
    tool: str = strawberry.field(description=PLACE["tool"])
    patch: JSON | None = strawberry.field(default=UNSET, description=PATCH)
    unset: list[str] | None = strawberry.field(default=UNSET, description=UNSET_WORDS)
    expected_version: int | None = strawberry.field(default=UNSET, description=BEFORE)


@strawberry.type
class SettingsMutations:
    update_tool_settings = changed_by(
        revisions.update,
        "UpdateToolSettings",
        ToolSettingsChanged,
        {**PLACE, "patch": PATCH, "unset": UNSET_WORDS, "expected_version": EXPECTED},
        REASON,
    )
    update_many_tool_settings = changed_by(
        revisions.update_many,
        "UpdateManyToolSettings",
        ManyToolSettingsChanged,
        {"patches": "The changes, at most 100; of those in one scope the earlier comes first."},
        REASON,
    )
    reset_tool_settings = changed_by(
        revisions.reset,
        "ResetToolSettings",
        ToolSettingsChanged,
        {**PLACE, "expected_version": EXPECTED},
        REASON,
    )
    rollback_tool_settings = changed_by(
        revisions.rollback,
        "RollbackToolSettings",
        ToolSettingsChanged,
        {
            **PLACE,
            "version": "The version to bring back; 0 is what there was before the first change.",
            "expected_version": EXPECTED,
        },
        REASON,
    )
