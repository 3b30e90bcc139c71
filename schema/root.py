"""The roots: where every query begins."""

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from db import generations, projects, runs, shots, tasks, users, variants
from engine.roots import found_for
from schema import nodes, refs
from schema.fields import Node, by_id
from schema.scalars import SCALARS
from schema.shot_entries import ShotEntry

TYPES = (ShotEntry,)


@strawberry.type(description="Where every query begins.")
class Query:
    node: Node | None = nodes.node()
    nodes: list[Node | None] = nodes.all_nodes()
    viewer: refs.User | None = found_for(
        users.by_id, lambda context: context.viewer_id, "Whoever asks.", column="id"
    )
    project: refs.Project | None = by_id(projects.by_id)
    shot: refs.Shot | None = by_id(shots.by_id)
    generation: refs.Generation | None = by_id(generations.by_id)
    variant: refs.Variant | None = by_id(variants.by_id)
    run: refs.Run | None = by_id(runs.by_id)
    task: refs.Task | None = by_id(tasks.by_id)


class _Schema(strawberry.Schema):
    def process_errors(self, errors: object, execution_context: object = None) -> None:
        """Errors are logged where they are answered."""


def build(*extensions: type[SchemaExtension], suggestions: bool = True) -> strawberry.Schema:
    """The schema, executed with these extensions; `suggestions` name fields near a mistyped one."""
    config = StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggestions)
    return _Schema(Query, types=TYPES, extensions=extensions, config=config)
