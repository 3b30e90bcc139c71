"""Scenes of a project."""

import strawberry

from db import galleries, projects, shot_entries, shots, timelines, video_outputs
from engine.declarations import column, resolved_by
from engine.relations import each_by, paged_by, related_by
from resolvers import items, settings
from resolvers import shots as changes
from schema import refs
from schema.fields import Node, outcome, rows
from schema.galleries import ARGUMENTS, OUTSIDE_LISTS
from schema.mutations import PARTIAL, VERSIONS, changed_by, edge_by, expected, new_id, one_by
from schema.problems import ItemProblem
from schema.scalars import DateTime
from schema.settings import SETTINGS_OF

ID = "The UUID of the shot."
NAME = "What it is called, 1 to 500 characters that are not all blank; they are kept as they are."
SHAPE = "The shape of its pictures, such as 16:9; its project's when it has none."
VERSION = expected("shot")
UPDATE = "shot-update"
ORDER = "shot-order"


@strawberry.type(description="How much is in a shot, always exact.")
class ShotStatistics:
    total: int = column("All its entries.")
    positioned: int = column("Those with a place on the timeline.")
    unpositioned: int = column("Those that wait for a place.")
    videos: int = column("Those that are videos, placed or not.")


@rows("shot", "A scene of a project.")
class Shot(Node):
    id: strawberry.ID = column("Its UUID.")
    name: str = column("What people call it.")
    position: int = column("Its place among the shots of its project, from 0.")
    aspect_ratio: str | None = column("The shape of its pictures, such as 16:9.")
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When it was begun.")
    updated_at: DateTime = column("When people last changed it.")
    project: refs.Project = related_by(
        projects.by_id, key="project_id", description="The project it belongs to."
    )
    statistics: ShotStatistics = related_by(shots.statistics, key="id")

    # What is in it, and in which order.
    entries: refs.ShotEntryConnection = paged_by(
        shot_entries.by_shot,
        key="id",
        count=shot_entries.count_by_shot,
        arguments={
            "placement": "Only those with a place, or only those without.",
            "media_type": "Only images, or only videos.",
        },
    )
    generations: refs.GenerationConnection = paged_by(
        galleries.by_shot,
        key="id",
        count=galleries.count_by_shot,
        arguments=ARGUMENTS,
        outside_lists=OUTSIDE_LISTS,
    )
    timeline: refs.ShotEntryConnection = paged_by(
        timelines.by_shot, key="id", count=timelines.count_by_shot
    )
    pairs: refs.PairConnection = paged_by(
        timelines.pairs_by_shot, key="id", count=timelines.count_pairs_by_shot
    )

    # What was made of it.
    final_videos: refs.GenerationConnection = paged_by(
        video_outputs.final_by_shot, key="id", count=video_outputs.count_final_by_shot
    )
    video_outputs: refs.VideoOutputConnection = paged_by(
        video_outputs.by_shot, key="id", count=video_outputs.count_by_shot
    )
    tool_settings: refs.ToolSettings = related_by(settings.by_shot, key="id", arguments=SETTINGS_OF)


@outcome("A shot was made.")
class ShotCreated:
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")
    shot_edge: refs.ShotEdge | None = edge_by(shots.edge, "shot_id")
    shots: list[refs.Shot | None] = each_by(
        shots.by_id,
        "moved_ids",
        "The shot and those that made room for it, in order; null for each that is gone meanwhile.",
    )


@outcome("A shot was changed.")
class ShotChanged:
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")


@outcome("Shots of a project were put in another order.")
class ShotsMoved:
    shots: list[refs.Shot | None] = each_by(
        shots.by_id,
        "moved_ids",
        "All shots whose position is another one now, in order; null for each that is gone"
        " meanwhile.",
    )


@outcome("Shots were deleted, with their entries.")
class ShotsDeleted:
    deleted_ids: list[strawberry.ID] = column("Their UUIDs, each once, in the order of the input.")
    shots: list[refs.Shot | None] = each_by(
        shots.by_id,
        "moved_ids",
        "The shots that closed up behind them, in order; null for each that is gone meanwhile.",
    )
    problems: list[ItemProblem] = resolved_by(items.problems)


@strawberry.type
class ShotMutations:
    create_shot = changed_by(
        changes.create,
        "CreateShot",
        ShotCreated,
        {
            "project_id": "The UUID of the project.",
            "name": NAME,
            "id": new_id("shot"),
            "position": "Its place among the shots of the project, from 0; at the end when it is"
            " left out or beyond it.",
            "aspect_ratio": SHAPE,
            "generation_ids": "The UUIDs of generations to put on its timeline one after another,"
            " at most 500.",
        },
        "shot-create",
        ("SHOTS", "COUNTS"),
    )
    duplicate_shot = changed_by(
        changes.duplicate,
        "DuplicateShot",
        ShotCreated,
        {
            "id": "The UUID of the shot to copy.",
            "placed_only": "Whether entries without a place are left out.",
            "copy_id": new_id("shot"),
        },
        "shot-create",
        ("SHOTS", "COUNTS"),
    )
    update_shot = changed_by(
        changes.update,
        "UpdateShot",
        ShotChanged,
        {
            "id": ID,
            "name": f"{NAME} The name stays when it is left out or null.",
            "aspect_ratio": f"{SHAPE} The shape stays when it is left out, and goes when it is"
            " null.",
            "expected_version": VERSION,
        },
        UPDATE,
        ("SHOTS",),
    )
    move_shot = changed_by(
        changes.move,
        "MoveShot",
        ShotsMoved,
        {
            "id": ID,
            "position": "Its place among the shots of the project, from 0; the end when it is"
            " beyond it.",
            "expected_version": VERSION,
        },
        ORDER,
        ("SHOTS",),
    )
    reorder_shots = changed_by(
        changes.reorder,
        "ReorderShots",
        ShotsMoved,
        {
            "project_id": "The UUID of the project.",
            "ids": "The UUIDs of shots of the project, 1 to 500, each once: they take the positions"
            " that they have now in this order.",
            "expected_versions": VERSIONS,
        },
        ORDER,
        ("SHOTS",),
    )
    delete_shots = changed_by(
        changes.delete,
        "DeleteShots",
        ShotsDeleted,
        {
            "ids": "The UUIDs of the shots, 1 to 500.",
            "partial": PARTIAL,
            "expected_versions": VERSIONS,
        },
        "shot-delete",
        ("SHOTS", "COUNTS", "UNIFIED"),
    )
