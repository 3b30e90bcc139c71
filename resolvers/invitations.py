"""Invitations: how people are asked to take part in a project, and how they answer.

Nobody becomes a member without saying so, and no answer tells whether an address has an account.
"""

import re

from db import invitations, projects
from db.base import Id
from db.errors import BadInput, NotFound
from db.members import Role
from db.writing import Writing
from resolvers import mutations
from resolvers.mutations import Outcome

KIND = "invitation"
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


async def invite(session: Writing, project_id: Id, email: str, role: Role) -> Outcome:
    """Invite an e-mail address to a project for two weeks, or once more; whoever has it accepts."""
    address = email.strip()
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise BadInput("`email` must be an e-mail address.", "email")
    await mutations.held_one(session, projects.hold, "project", project_id, "projectId")
    made = await invitations.invite(session, project_id, address, role)
    return Outcome("MemberInvited", {"invitation_id": made, "project_id": project_id})


async def revoke(session: Writing, id: Id) -> Outcome:
    """Take an invitation back."""
    invitation = await mutations.held_one(session, invitations.seen, KIND, id)
    if not await invitations.revoke(session, id):
        raise _missing()
    values = {"deleted_id": id, "project_id": invitation.project_id}
    return Outcome("InvitationRevoked", values)


async def accept(session: Writing, id: Id) -> Outcome:
    """Become a member of a project that the viewer's verified address is invited to."""
    member = await invitations.accept(session, id)
    if member is None:
        raise _missing()
    return Outcome("InvitationAccepted", {"deleted_id": id, "member_id": member})


async def decline(session: Writing, id: Id) -> Outcome:
    """Turn an invitation down, so that it is gone."""
    if not await invitations.decline(session, id):
        raise _missing()
    return Outcome("InvitationDeclined", {"deleted_id": id})


def _missing() -> NotFound:
    return NotFound(f"There is no such {KIND}.", "id")
