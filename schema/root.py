"""The roots: where every query begins."""

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from db import assets, generations, projects, revisions, runs, shots, tasks, tools, users, variants
from engine.roots import found_alone, found_for, found_page_for
from resolvers import events, settings
from resolvers.context import Context
from schema import nodes, refs
from schema.assets import AssetMutations
from schema.children import ChildMutations
from schema.events import ChangeEvent, Subscription
from schema.fields import Node, by_id
from schema.generations import GenerationMutations
from schema.invitations import InvitationMutations
from schema.members import MemberMutations
from schema.pairs import PairMutations
from schema.projects import ProjectMutations
from schema.revisions import PLACE, SettingsMutations
from schema.runs import RunMutations
from schema.scalars import SCALARS
from schema.shot_entries import ShotEntry, ShotEntryMutations
from schema.shots import ShotMutations
from schema.timelines import TimelineMutations
from schema.users import ViewerMutations
from schema.variants import VariantMutations

TYPES = (ShotEntry,)


AT = {
    "tool": "The tool's id; one that is not registered has no defaults.",
    "tools": "The ids of the tools.",
    "project_id": "The project that is meant; a shot brings its own.",
    "shot_id": "The shot that is meant.",
    "shot_ids": "The shots that are meant; with `tools` at most 5,000 combinations.",
    "defaults": "What holds where not even the tool has a default, as an object.",
}


def _viewer(context: Context) -> str:
    return context.viewer_id


def _at(*names: str) -> dict[str, str]:
    return {name: AT[name] for name in names}


@strawberry.type(description="Where every query begins.")
class Query:
    node: Node | None = nodes.node()
    nodes: list[Node | None] = nodes.all_nodes()
    viewer: refs.User | None = found_for(users.by_id, _viewer, "Whoever asks.", column="id")
    project: refs.Project | None = by_id(projects.by_id)
    shot: refs.Shot | None = by_id(shots.by_id)
    generation: refs.Generation | None = by_id(generations.by_id)
    variant: refs.Variant | None = by_id(variants.by_id)
    run: refs.Run | None = by_id(runs.by_id)
    task: refs.Task | None = by_id(tasks.by_id)
    asset: refs.Asset | None = by_id(assets.by_id)
    changes: list[ChangeEvent] | None = found_alone(
        events.changes,
        {
            "after": "The cursor of the last event, or of a query's answer.",
            "project_id": "The project; without one, it is the viewer's own feed.",
            "wait": "Seconds to wait until something comes, 0 to 25.",
        },
    )
    tools: list[refs.Tool] = found_for(tools.everywhere, _viewer)
    tool_settings: refs.ToolSettings | None = found_for(
        settings.by_viewer, _viewer, arguments=_at("tool", "project_id", "shot_id", "defaults")
    )
    many_tool_settings: list[refs.ToolSettings] | None = found_for(
        settings.many_by_viewer, _viewer, arguments=_at("tools", "project_id", "shot_ids")
    )
    tool_settings_history: refs.SettingsRevisionConnection | None = found_page_for(
        revisions.by_tool, _viewer, revisions.count_by_tool, PLACE
    )


@strawberry.type(description="Where every change begins: one after another, each kept by itself.")
class Mutation(
    ProjectMutations,
    MemberMutations,
    InvitationMutations,
    GenerationMutations,
    ChildMutations,
    VariantMutations,
    ShotMutations,
    ShotEntryMutations,
    TimelineMutations,
    PairMutations,
    RunMutations,
    AssetMutations,
    SettingsMutations,
    ViewerMutations,
):
    """All that viewers can do."""


class _Schema(strawberry.Schema):
    def process_errors(self, errors: object, execution_context: object = None) -> None:
        """Errors are logged where they are answered."""


def build(*extensions: type[SchemaExtension], suggestions: bool = True) -> strawberry.Schema:
    """The schema, executed with these extensions; `suggestions` name fields near a mistyped one."""
    config = StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggestions)
    return _Schema(Query, Mutation, Subscription, types=TYPES, extensions=extensions, config=config)
