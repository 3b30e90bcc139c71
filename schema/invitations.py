"""Who is invited to take part in a project."""

import strawberry

from db import invitations, members, projects
from db.members import Role
from engine.declarations import column
from engine.relations import picked_by, related_by
from resolvers import invitations as changes
from schema import refs
from schema.fields import Node, outcome, rows
from schema.members import REASON
from schema.mutations import changed_by, one_by
from schema.scalars import DateTime

ID = "The UUID of the invitation."


@rows("invitation", "An invitation to take part in a project, to whoever has an address.")
class Invitation(Node):
    id: strawberry.ID = column("Its UUID.")
    email: str = column("The e-mail address that is invited, in lower case.")
    role: Role = column("What they may do in the project once they have accepted.")
    created_at: DateTime = column("When the address was first invited.")
    expires_at: DateTime = column("Until when it can be accepted.")
    project_name: str | None = picked_by(
        invitations.details, "id", "project_name", description="What the project is called."
    )
    inviter_name: str | None = picked_by(
        invitations.details, "id", "inviter_name", description="What whoever invites is called."
    )
    project: refs.Project | None = related_by(
        projects.by_id,
        key="project_id",
        description="The project; null for those who are no members yet.",
    )


@outcome("An address was invited.")
class MemberInvited:
    invitation: refs.Invitation | None = one_by(invitations.by_id, "invitation_id")
    project: refs.Project | None = one_by(projects.by_id, "project_id")


@outcome("An invitation was taken back.")
class InvitationRevoked:
    deleted_id: strawberry.ID = column("The UUID of the invitation.")
    project: refs.Project | None = one_by(projects.by_id, "project_id")


@outcome("The viewer is a member now.")
class InvitationAccepted:
    deleted_id: strawberry.ID = column("The UUID of the invitation.")
    member: refs.Member | None = related_by(
        members.by_id, key="member_id", description="The member that the viewer is."
    )


@outcome("The viewer has turned an invitation down.")
class InvitationDeclined:
    deleted_id: strawberry.ID = column("The UUID of the invitation.")


@strawberry.type
class InvitationMutations:
    invite_member = changed_by(
        changes.invite,
        "InviteMember",
        MemberInvited,
        {
            "project_id": "The UUID of the project.",
            "email": "The e-mail address; whether anybody has an account under it is not told.",
            "role": "What they may do once they have accepted.",
        },
        REASON,
    )
    revoke_invitation = changed_by(
        changes.revoke, "RevokeInvitation", InvitationRevoked, {"id": ID}, REASON
    )
    accept_invitation = changed_by(
        changes.accept, "AcceptInvitation", InvitationAccepted, {"id": ID}, REASON
    )
    decline_invitation = changed_by(
        changes.decline, "DeclineInvitation", InvitationDeclined, {"id": ID}, REASON
    )
