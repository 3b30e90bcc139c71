"""A studio with a project, whose shots, runs and people are changed through GraphQL."""

from typing import Any

from tests.asking import Asking
from tests.studio import Studio

SHOT = "{ id name position aspectRatio version project { id } }"
RUN = """{
  id name prompt model imageCount status settingsSnapshot version project { id }
}"""
MEMBER = "{ id userId role name avatarUrl email version project { id } }"
PROJECT = """{
  id name aspectRatio version viewerRole thumbnail { id }
  owner { userId } members { nodes { userId role } }
}"""
INVITATION = "{ id email role projectName inviterName expiresAt createdAt project { id } }"
_KINDS = {
    "Shot": SHOT,
    "Run": RUN,
    "Member": MEMBER,
    "Project": f"{PROJECT} ... on Shot {{ id }}",
    "Invitation": INVITATION,
}
TOLD = """
__typename
... on Problem { code message }
... on ValidationFailed { issues { argument message } }
... on NotFound { argument }
... on Conflict { changedFields current { __typename ... on %s } }
... on Refused { reason }
"""
LEFT = "problems { argument problem { code } }"
_SHOTS = f"{{ shots {SHOT} }}"
SUCCESSES = {
    "createShot": f"ShotCreated {{ shot {SHOT} shots {SHOT} }}",
    "duplicateShot": f"ShotCreated {{ shot {SHOT} shots {SHOT} }}",
    "updateShot": f"ShotChanged {{ shot {SHOT} }}",
    "moveShot": f"ShotsMoved {_SHOTS}",
    "reorderShots": f"ShotsMoved {_SHOTS}",
    "createProject": f"ProjectCreated {{ project {PROJECT} shot {SHOT} }}",
    "updateProject": f"ProjectChanged {{ project {PROJECT} }}",
    "deleteProject": "ProjectDeleted { deletedId }",
    "changeMemberRole": f"MemberChanged {{ member {MEMBER} }}",
    "removeMember": f"MemberRemoved {{ deletedId project {PROJECT} }}",
    "leaveProject": "ProjectLeft { deletedId projectId }",
    "handOverProject": f"ProjectHandedOver {{ project {PROJECT} members {MEMBER} }}",
    "inviteMember": f"MemberInvited {{ invitation {INVITATION} project {PROJECT} }}",
    "revokeInvitation": f"InvitationRevoked {{ deletedId project {PROJECT} }}",
    "acceptInvitation": f"InvitationAccepted {{ deletedId member {MEMBER} }}",
    "declineInvitation": "InvitationDeclined { deletedId }",
    "createRun": f"RunCreated {{ run {RUN} }}",
    "finishRun": f"RunChanged {{ run {RUN} }}",
    "renameRun": f"RunChanged {{ run {RUN} }}",
    "deleteShots": f"ShotsDeleted {{ deletedIds shots {SHOT} {LEFT} }}",
}
SEEN = f"query ($id: ID!) {{ project(id: $id) {PROJECT} }}"
IN_ORDER = f"query ($id: ID!) {{ project(id: $id) {{ shots(first: 500) {{ nodes {SHOT} }} }} }}"


def mutation(name: str) -> str:
    """The text of a mutation."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    about = next(f"{one} {shown}" for one, shown in _KINDS.items() if one in name)
    shown = f"{TOLD % about} ... on {SUCCESSES[name]}"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {shown} }} }}"


class Producing:
    """A person with a project."""

    def __init__(self, asking: Asking, studio: Studio) -> None:
        self.asking = asking
        self.studio = studio
        self.viewer = studio.user()
        self.project = studio.project(self.viewer)

    def member(self, role: str) -> str:
        """Somebody who takes part in the project."""
        made = self.studio.user()
        self.studio.owner.execute(
            "insert into project_members (project_id, user_id, role) values (%s, %s, %s)",
            (self.project, made, role),
        )
        return made

    def part(self, user: str) -> str:
        """The id of what somebody is in the project."""
        found = self.studio.owner.execute(
            "select id::text from project_members where project_id = %s and user_id = %s",
            (self.project, user),
        )
        return str(found.fetchone()[0])  # type: ignore[index]

    def run(self, **values: Any) -> str:
        """A run of the project."""
        return self.studio.insert("runs", **{"project_id": self.project} | values)

    def shots(self, names: str) -> dict[str, str]:
        """Shots of these names in this order; their ids by name."""
        return {name: self.studio.shot(self.project, name=name) for name in names.split()}

    async def told(self, name: str, viewer: str | None = None, /, **given: Any) -> Any:
        """What a mutation came to."""
        return (await self.asking(mutation(name), viewer or self.viewer, input=given))[name]

    async def seen(self, viewer: str | None = None) -> Any:
        """The project as somebody sees it."""
        return (await self.asking(SEEN, viewer or self.viewer, id=self.project))["project"]

    async def in_order(self) -> list[Any]:
        """The shots of the project; their positions must be dense."""
        found = (await self.asking(IN_ORDER, self.viewer, id=self.project))["project"]
        shots: list[Any] = found["shots"]["nodes"]
        assert [shot["position"] for shot in shots] == [*range(len(shots))]
        return shots

    async def names(self) -> str:
        """The names of the shots in order."""
        return " ".join(shot["name"] for shot in await self.in_order())


def issues(told: Any) -> list[str]:
    """The arguments that a mutation could not take."""
    return [issue["argument"] for issue in told["issues"]]


def refusal(told: Any) -> tuple[str, str | None]:
    """The code of a problem, and what it is about."""
    return told["code"], told.get("reason") or told.get("argument")
