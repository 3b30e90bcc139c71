"""A person with a shot, whose entries are placed and described through GraphQL."""

from typing import Any

from tests.asking import Answer, Asking
from tests.studio import Studio
from tests.timeline import Timeline

ENTRY = """{
  id position timelineFrame version metadata { raw } generation { id shotData }
}"""
SHOT = "{ id statistics { total positioned unpositioned } }"
TOLD = f"""
__typename
... on Problem {{ code message }}
... on ValidationFailed {{ issues {{ argument message }} }}
... on NotFound {{ argument }}
... on Conflict {{ changedFields current {{ ... on ShotEntry {ENTRY} }} }}
... on Refused {{ reason obstacle {{ ... on ShotEntry {{ id }} }} }}
"""
SHOWN = {
    "ShotEntryAdded": f"shotEntry {ENTRY} shotEntries {ENTRY} shot {SHOT}"
    " generation { id shotData basedOn { id } }",
    "ShotEntriesAdded": f"shotEntries {ENTRY} shot {SHOT}",
    "ShotEntryChanged": f"shotEntry {ENTRY} shot {SHOT}",
    "ShotEntriesChanged": f"shotEntries {ENTRY} shot {SHOT}",
    "ShotEntryReplaced": f"shotEntry {ENTRY} generations {{ id shotData }} shot {SHOT}",
    "ShotEntriesRemoved": f"deletedIds shotEntries {ENTRY} generations {{ id shotData }}"
    f" shot {SHOT}",
    "GenerationsDeleted": "deletedIds",
}
READ = f"query ($id: ID!) {{ shot(id: $id) {{ entries(first: 500) {{ nodes {ENTRY} }} }} }}"


class Placing:
    """One shot of a person, in a project of their own, and what mutations make of it."""

    def __init__(self, asking: Asking, studio: Studio) -> None:
        self.asking = asking
        self.studio = studio
        self.timeline = Timeline(studio)
        self.viewer, self.project, self.shot = (
            self.timeline.user,
            self.timeline.project,
            self.timeline.shot,
        )

    def member(self, role: str) -> str:
        """Somebody else who takes part in the project."""
        made = self.studio.user()
        self.studio.owner.execute(
            "insert into project_members (project_id, user_id, role) values (%s, %s, %s)",
            (self.project, made, role),
        )
        return made

    async def ask(self, name: str, viewer: str | None = None, /, **given: Any) -> Answer:
        """The whole answer to a mutation; `shot=True` names the shot."""
        if given.pop("shot", False):
            given["shotId"] = self.shot
        kind = f"{name[0].upper()}{name[1:]}Input"
        success = self.success(name)
        shown = f"{TOLD} ... on {success} {{ {SHOWN[success]} }}"
        text = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {shown} }} }}"
        return await self.asking(text, viewer or self.viewer, input=given)

    async def told(self, name: str, viewer: str | None = None, /, **given: Any) -> Any:
        """What a mutation came to."""
        return (await self.ask(name, viewer, **given))[name]

    async def done(self, name: str, viewer: str | None = None, /, **given: Any) -> Any:
        """What a mutation came to that is not refused."""
        reached = await self.told(name, viewer, **given)
        assert reached["__typename"] == self.success(name), reached
        return reached

    def success(self, name: str) -> str:
        """The type that tells of a mutation's success."""
        mutation: Any = self.asking.schema._schema.mutation_type
        return str(mutation.fields[name].type.types[0].name)

    async def seen(self) -> list[Any]:
        """All entries of the shot, placed ones first."""
        answer = await self.asking(READ, self.viewer, id=self.shot)
        return list(answer["shot"]["entries"]["nodes"])

    async def one(self, entry: str) -> Any:
        """One entry of the shot."""
        (found,) = [each for each in await self.seen() if each["id"] == entry]
        return found

    def line(self) -> list[tuple[str, int]]:
        """The placed entries with their frames, whose positions must be their ranks."""
        return self.timeline.line()


def places(entries: list[Any]) -> list[tuple[str, int | None, int | None]]:
    """Ids, positions and frames."""
    return [(one["id"], one["position"], one["timelineFrame"]) for one in entries]


def arguments(failed: Any) -> list[str]:
    """The arguments that a mutation finds wrong, or finds nothing by."""
    if failed["__typename"] == "NotFound":
        return [failed["argument"]]
    return [issue["argument"] for issue in failed["issues"]]
