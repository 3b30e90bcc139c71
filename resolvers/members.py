"""Members: what they may do in a project, and how they leave it."""

from db import members, projects
from db.base import Id
from db.errors import NotFound, Reason, Refused
from db.members import Role
from db.rows import Row
from db.writing import Writing
from resolvers import mutations
from resolvers.mutations import Outcome

KIND = "member"


async def change_role(
    session: Writing, id: Id, role: Role, expected_version: int | None = None
) -> Outcome:
    """Let a member do more or less in a project."""
    member = await mutations.held_one(session, members.hold, KIND, id)
    mutations.expect(member, expected_version, KIND, {"role": role.value})
    if member.role != role.value:
        _check_stays(member, "id")
        await members.write(session, [id], role=role.value)
    return Outcome("MemberChanged", {"member_id": id})


async def remove(session: Writing, id: Id, expected_version: int | None = None) -> Outcome:
    """Take a member out of a project; from then on they see nothing of it."""
    member = await mutations.held_one(session, members.hold, KIND, id)
    mutations.expect(member, expected_version, KIND, {})
    _check_stays(member, "id")
    await members.remove(session, [id])
    return Outcome("MemberRemoved", {"deleted_id": id, "project_id": member.project_id})


async def leave(session: Writing, project_id: Id) -> Outcome:
    """Leave a project; from then on the viewer sees nothing of it."""
    own = await members.of_viewer(session, project_id)
    member = (await members.hold(session, [own])).get(own) if own else None
    if member is None:
        raise NotFound("There is no such project.", "projectId")
    _check_stays(member, "projectId")
    await members.remove(session, [member.id])
    return Outcome("ProjectLeft", {"deleted_id": member.id, "project_id": project_id})


async def hand_over(
    session: Writing, project_id: Id, member_id: Id, expected_version: int | None = None
) -> Outcome:
    """Give the viewer's own project to another member; the viewer is an editor from then on."""
    project = await mutations.held_one(session, projects.hold, "project", project_id, "projectId")
    if project.user_id != session.viewer_id:
        message = "Only whose project it is can hand it over."
        raise Refused(Reason.READ_ONLY, message, "projectId")
    mutations.expect(project, expected_version, "project", {})
    heir = (await members.hold(session, [member_id])).get(member_id)
    if heir is None or heir.project_id != project_id:
        raise NotFound("There is no such member.", "memberId")
    both = await members.hand_over(session, project_id, heir.user_id)
    return Outcome("ProjectHandedOver", {"project_id": project_id, "member_ids": both})


def _check_stays(member: Row, argument: str) -> None:
    if member.is_owner:
        message = "Whose project it is stays its owner until they hand it over."
        raise Refused(Reason.HAND_OVER_FIRST, message, argument)
