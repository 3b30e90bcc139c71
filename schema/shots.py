"""Scenes of a project."""

import strawberry

from db import galleries, projects, shot_entries, shots, timelines, video_outputs
from engine.declarations import column
from engine.relations import paged_by, related_by
from resolvers import settings
from schema import refs
from schema.fields import Node, rows
from schema.galleries import ARGUMENTS, OUTSIDE_LISTS
from schema.scalars import DateTime
from schema.settings import SETTINGS_OF


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
