"""Who takes part in a project."""

import strawberry

from db import members, projects
from db.members import Role
from engine.declarations import column
from engine.relations import each_by, picked_by, related_by
from resolvers import members as changes
from schema import refs
from schema.fields import Node, choices, outcome, rows
from schema.mutations import changed_by, expected, one_by
from schema.scalars import DateTime

ID = "The UUID of the member, which is not that of the user."
REASON = "members-update"

choices(
    Role,
    "What somebody may do in a project.",
    viewer="Look at everything.",
    editor="Change what is in it, too.",
    owner="Rename, share and delete it, too.",
)


@rows("member", "Somebody who takes part in a project.")
class Member(Node):
    id: strawberry.ID = column("Its UUID, which is not that of the user.")
    user_id: strawberry.ID = column("The UUID of the user.")
    role: Role = column("What they may do in the project.")
    name: str | None = picked_by(
        members.profiles, "id", "name", description="What they are called."
    )
    avatar_url: str | None = picked_by(
        members.profiles, "id", "avatar_url", description="Where their picture is."
    )
    email: str | None = picked_by(
        members.profiles,
        "id",
        "email",
        description="Their e-mail address; only owners see those of others.",
    )
    version: int = column("Goes up by one whenever their role changes.")
    created_at: DateTime = column("When they joined.")
    updated_at: DateTime = column("When their role last changed.")
    project: refs.Project = related_by(
        projects.by_id, key="project_id", description="The project that they take part in."
    )


@outcome("A member may do more or less from now on.")
class MemberChanged:
    member: refs.Member | None = one_by(members.by_id, "member_id", "The member as they are now.")


@outcome("Somebody is no longer a member.")
class MemberRemoved:
    deleted_id: strawberry.ID = column("The UUID of the member.")
    project: refs.Project | None = one_by(
        projects.by_id,
        "project_id",
        "The project as it is now; null when the viewer has taken themselves out.",
    )


@outcome("The viewer has left a project.")
class ProjectLeft:
    deleted_id: strawberry.ID = column("The UUID of the member that they were.")
    project_id: strawberry.ID = column("The UUID of the project, which they no longer see.")


@outcome("A project was handed over.")
class ProjectHandedOver:
    project: refs.Project | None = one_by(projects.by_id, "project_id")
    members: list[refs.Member | None] = each_by(
        members.by_id,
        "member_ids",
        "Whose project it is now and whose it was, as they are now; null for who is gone"
        " meanwhile.",
    )


@strawberry.type
class MemberMutations:
    change_member_role = changed_by(
        changes.change_role,
        "ChangeMemberRole",
        MemberChanged,
        {
            "id": ID,
            "role": "What they may do from now on. Whose project it is stays owner until they hand"
            " it over.",
            "expected_version": expected("member"),
        },
        REASON,
    )
    remove_member = changed_by(
        changes.remove,
        "RemoveMember",
        MemberRemoved,
        {"id": ID, "expected_version": expected("member")},
        REASON,
    )
    leave_project = changed_by(
        changes.leave,
        "LeaveProject",
        ProjectLeft,
        {"project_id": "The UUID of the project."},
        REASON,
    )
    hand_over_project = changed_by(
        changes.hand_over,
        "HandOverProject",
        ProjectHandedOver,
        {
            "project_id": "The UUID of the project.",
            "member_id": "The UUID of the member whose project it is from then on.",
            "expected_version": expected("project"),
        },
        REASON,
    )
