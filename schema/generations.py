"""A generated image or video, and its relations."""

import strawberry

from db import (
    derived_items,
    galleries,
    generations,
    lineage,
    projects,
    runs,
    shot_entries,
    tasks,
    variants,
)
from db.generations import MediaType
from engine.declarations import column, registry, resolved_by
from engine.relations import each_by, paged_by, picked_by, related_by
from resolvers import generations as changes
from resolvers import items
from resolvers.generations import NewGeneration
from schema import refs
from schema.derived_items import DerivedItemConnection
from schema.fields import choices, outcome, rows, unread
from schema.lineage import Lineage
from schema.media import Media
from schema.mutations import PARTIAL, VERSIONS, changed_by, edge_by, expected, new_id, one_by
from schema.problems import ItemProblem
from schema.scalars import JSON

ID = "The UUID of the generation."
VERSION = expected("generation")
NAME = "What it is called from now on, at most 500 characters; null takes its name away."
PATCH = "An object that is merged into the params; null is a value like others."
UNSET_WORDS = (
    "JSON pointers of keys that are taken out first; an object that loses its last key by that"
    " goes with it."
)
METADATA = "metadata-update"
CREATED = "add-image-success"
CREATED_SCOPES = ("IMAGES", "COUNTS", "UNIFIED")

registry.spread(
    NewGeneration,
    {
        "name": "What people call it, at most 500 characters.",
        "type": "What the tool calls it, such as `image` or `video`; an image when it is left out.",
        "params": "What the tool was told, as an object.",
        "tool_type": "The tool that made it.",
        "model": "The model that made it; else the one that the params name.",
        "prompt": "What was asked for; else the prompt in the params.",
        "run_id": "The UUID of the run it came from, in the same project.",
        "based_on_id": "The UUID of the generation it was made from, in the same project.",
        "parent_id": "The UUID of the generation it is a segment of, in the same project.",
        "child_order": "Its place among the parent's segments, from 0.",
    },
)
choices(
    MediaType,
    "What a generation is, whatever its tool called it.",
    image="A still picture.",
    video="A moving picture.",
)


@rows("generation", "One generated image or video.")
class Generation(Media):
    id: strawberry.ID = column("Its UUID.")
    type: str | None = column("What the tool called it.")
    media_type: MediaType = column("Whether it is an image or a video.")
    tool_type: str | None = column("The tool that made it.")
    prompt: str | None = column("What was asked for.")
    model: str | None = column("The model that made it.")
    project: refs.Project = related_by(
        projects.by_id, key="project_id", description="The project it belongs to."
    )
    run: refs.Run | None = related_by(
        runs.by_id, key="run_id", description="The press of the generate button it came from."
    )
    task: refs.Task | None = related_by(
        tasks.by_id, key="task_id", description="The work that made it."
    )

    # Lineage: made from one another, each its own gallery entry.
    based_on: refs.Generation | None = related_by(
        generations.by_id, key="based_on", description="What it was made from."
    )
    derived: refs.GenerationConnection = paged_by(
        generations.derived, key="id", count=generations.count_derived
    )

    derived_items: DerivedItemConnection = paged_by(
        derived_items.by_generation, key="id", count=derived_items.count_by_generation
    )
    lineage: Lineage = related_by(
        lineage.graph,
        key="id",
        arguments={
            "direction": "Which way to follow it.",
            "depth": "How many steps to follow it, 0 to 20.",
        },
    )

    # Composition: segments of one video, of which only the parent is in the gallery.
    is_child: bool = column("Whether it is a segment of a parent, and so not in the gallery.")
    child_order: int | None = column("Its place among the parent's children, from 0.")
    parent: refs.Generation | None = related_by(
        generations.by_id, key="parent_generation_id", description="What it is a segment of."
    )
    children: refs.GenerationConnection = paged_by(
        generations.children, key="id", count=generations.count_children
    )

    # Shots: where it is used.
    shot_data: JSON = unread(
        "shot_data", "Its lowest timeline frame in each shot, null where unplaced."
    )
    pair_entry: refs.ShotEntry | None = related_by(
        shot_entries.by_id,
        key="pair_shot_generation_id",
        description="The shot entry whose transition to the next one it shows.",
    )
    shot_entries: refs.ShotEntryConnection = paged_by(
        shot_entries.by_generation, key="id", count=shot_entries.count_by_generation
    )

    # Variants: other takes of the same generation.
    variant_count: int = picked_by(
        variants.badges, "id", "variant_count", 0, description="How many takes it has."
    )
    unviewed_variant_count: int = picked_by(
        variants.badges,
        "id",
        "unviewed_variant_count",
        0,
        description="How many of its takes nobody has looked at.",
    )
    primary_variant: refs.Variant | None = related_by(
        variants.by_id, key="primary_variant_id", description="The take that it shows."
    )
    variants: refs.VariantConnection = paged_by(
        variants.by_generation, key="id", count=variants.count_by_generation
    )


@outcome("A generation was made.")
class GenerationCreated:
    generation: refs.Generation | None = one_by(generations.by_id, "generation_id")
    generation_edge: refs.GenerationEdge | None = edge_by(
        galleries.edge_in_project, "generation_id"
    )


@outcome("A generation was changed.")
class GenerationChanged:
    generation: refs.Generation | None = one_by(generations.by_id, "generation_id")


@outcome("Several generations were changed.")
class GenerationsChanged:
    generations: list[refs.Generation | None] = each_by(
        generations.by_id,
        "generation_ids",
        "The generations as they are now, each once, in the order of the input; null for each that"
        " is gone meanwhile.",
    )
    problems: list[ItemProblem] = resolved_by(items.problems)


@outcome("Generations were deleted, with their takes and segments.")
class GenerationsDeleted:
    deleted_ids: list[strawberry.ID] = column("Their UUIDs, each once, in the order of the input.")
    problems: list[ItemProblem] = resolved_by(items.problems)


@strawberry.type
class GenerationMutations:
    create_generation = changed_by(
        changes.create,
        "CreateGeneration",
        GenerationCreated,
        {"project_id": "The UUID of the project it is made in.", "id": new_id("generation")},
        CREATED,
        CREATED_SCOPES,
    )
    rename_generation = changed_by(
        changes.rename,
        "RenameGeneration",
        GenerationChanged,
        {"id": ID, "name": NAME, "expected_version": VERSION},
        METADATA,
        ("METADATA", "UNIFIED"),
    )
    star_generations = changed_by(
        changes.star,
        "StarGenerations",
        GenerationsChanged,
        {
            "ids": "The UUIDs of the generations, 1 to 500.",
            "starred": "Whether they are favourites from now on.",
            "partial": PARTIAL,
            "expected_versions": VERSIONS,
        },
        METADATA,
        ("METADATA", "COUNTS", "UNIFIED"),
    )
    patch_generation_params = changed_by(
        changes.patch_params,
        "PatchGenerationParams",
        GenerationChanged,
        {"id": ID, "patch": PATCH, "unset": UNSET_WORDS, "expected_version": VERSION},
        METADATA,
        ("METADATA", "UNIFIED"),
    )
    delete_generations = changed_by(
        changes.delete,
        "DeleteGenerations",
        GenerationsDeleted,
        {
            "ids": "The UUIDs of the generations, 1 to 500.",
            "partial": PARTIAL,
            "expected_versions": VERSIONS,
        },
        "delete-image",
        ("ALL",),
    )
