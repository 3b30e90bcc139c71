"""One studio's work."""

import strawberry

from db import events, facets, galleries, generations, projects, runs, shots
from engine.declarations import column
from engine.relations import paged_by, picked_by, related_by
from resolvers import settings
from schema import refs
from schema.facets import GalleryFacets
from schema.fields import Node, rows
from schema.galleries import ARGUMENTS, OUTSIDE_LISTS
from schema.scalars import DateTime
from schema.settings import SETTINGS_OF

CURSOR = (
    "Where its feed of changes stands, as of this very answer: whoever follows from here on misses"
    " nothing."
)


@strawberry.type(description="How much is in a project, always exact.")
class ProjectStatistics:
    generations: int = column("All that its gallery shows.")
    images: int = column("The images among them.")
    videos: int = column("The videos among them.")
    starred: int = column("Those that people marked as favourites.")
    shots: int = column("Its shots.")


@rows("project", "One studio's work: its generations, shots and settings.")
class Project(Node):
    id: strawberry.ID = column("Its UUID.")
    name: str = column("What people call it.")
    aspect_ratio: str | None = column("The shape of its pictures, such as 16:9.")
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When it was begun.")
    updated_at: DateTime = column("When people last changed it.")
    cursor: str = picked_by(events.cursor, key="id", pick="cursor", description=CURSOR)
    thumbnail: refs.Generation | None = related_by(
        generations.by_id,
        key="thumbnail_generation_id",
        description="The generation that stands for it in lists.",
    )
    statistics: ProjectStatistics = related_by(projects.statistics, key="id")
    generations: refs.GenerationConnection = paged_by(
        galleries.by_project,
        "id",
        galleries.count_by_project,
        arguments=ARGUMENTS,
        outside_lists=OUTSIDE_LISTS,
    )
    facets: GalleryFacets = related_by(
        facets.by_project,
        key="id",
        arguments={"filter": "Which generations are counted; all of the gallery without it."},
    )
    runs: refs.RunConnection = paged_by(runs.by_project, "id", runs.count_by_project)
    shots: refs.ShotConnection = paged_by(shots.by_project, "id", shots.count_by_project)
    tool_settings: refs.ToolSettings = related_by(
        settings.by_project, key="id", arguments=SETTINGS_OF
    )
