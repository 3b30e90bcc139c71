"""One studio's work."""

import strawberry

from db import (
    events,
    facets,
    galleries,
    generations,
    invitations,
    members,
    projects,
    runs,
    shots,
)
from db.members import Role
from engine.declarations import column
from engine.relations import paged_by, picked_by, related_by
from resolvers import projects as changes
from resolvers import settings
from schema import refs
from schema.facets import GalleryFacets
from schema.fields import Node, outcome, rows
from schema.galleries import ARGUMENTS, OUTSIDE_LISTS
from schema.mutations import changed_by, edge_by, expected, new_id, one_by
from schema.scalars import DateTime
from schema.settings import SETTINGS_OF

ID = "The UUID of the project."
NAME = "What it is called, 1 to 500 characters that are not all blank; they are kept as they are."
SHAPE = "The shape of its pictures, such as 16:9."
VERSION = expected("project")
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

    # Who takes part in it.
    owner: refs.Member = related_by(projects.owners, key="id")
    viewer_role: Role = picked_by(
        members.roles_of_viewer, "id", "role", description="What the viewer may do in it."
    )
    members: refs.MemberConnection = paged_by(
        members.by_project, key="id", count=members.count_by_project
    )
    invitations: refs.InvitationConnection = paged_by(
        invitations.by_project, key="id", count=invitations.count_by_project
    )

    # What is in it.
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


@outcome("A project was begun.")
class ProjectCreated:
    project: refs.Project | None = one_by(projects.by_id, "project_id")
    project_edge: refs.ProjectEdge | None = edge_by(projects.edge, "project_id")
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id", "Its first shot as it is now.")


@outcome("A project was changed.")
class ProjectChanged:
    project: refs.Project | None = one_by(projects.by_id, "project_id")


@outcome("A project was deleted, with all that was in it.")
class ProjectDeleted:
    deleted_id: strawberry.ID = column("Its UUID.")


@strawberry.type
class ProjectMutations:
    create_project = changed_by(
        changes.create,
        "CreateProject",
        ProjectCreated,
        {
            "name": NAME,
            "aspect_ratio": SHAPE,
            "settings_from": "The UUID of a project whose settings it takes over, without their"
            " content.",
            "shot_name": "What its first shot is called; `Shot 1` when it is left out.",
            "id": new_id("project"),
            "shot_id": new_id("shot"),
        },
        "project-create",
        ("ALL",),
    )
    update_project = changed_by(
        changes.update,
        "UpdateProject",
        ProjectChanged,
        {
            "id": ID,
            "name": f"{NAME} The name stays when it is left out or null.",
            "aspect_ratio": f"{SHAPE} The shape stays when it is left out, and goes when it is"
            " null.",
            "thumbnail_generation_id": "The UUID of the generation of the project that stands for"
            " it in lists. It stays when it is left out, and goes when it is null.",
            "expected_version": VERSION,
        },
        "project-update",
        ("METADATA",),
    )
    delete_project = changed_by(
        changes.delete,
        "DeleteProject",
        ProjectDeleted,
        {"id": ID, "expected_version": VERSION},
        "project-delete",
        ("ALL",),
    )
