"""A person with a project and a shot, whose settings are read and written through GraphQL."""

from typing import Any

from tests.asking import Asking
from tests.studio import Studio

TOLD = """
__typename
... on Problem { code message }
... on ValidationFailed { issues { argument message pointer } }
... on NotFound { argument }
... on Conflict { changedFields current { __typename ... on ToolSettings { ...Held } } }
... on Refused { reason }
"""
HELD = """
fragment Held on ToolSettings {
  tool projectId shotId value
  provenance { pointer layer }
  layers {
    defaults
    user { value version hasAny }
    project { value version hasAny }
    shot { value version hasAny }
  }
}
"""
READ = """
query ($tool: String!, $projectId: ID, $shotId: ID, $defaults: JSON) {
  toolSettings(tool: $tool, projectId: $projectId, shotId: $shotId, defaults: $defaults) { ...Held }
}
"""
HISTORY = """
query ($scope: SettingsScope!, $id: ID!, $tool: String!, $first: Int, $after: String) {
  toolSettingsHistory(scope: $scope, id: $id, tool: $tool, first: $first, after: $after) {
    totalCount { value }
    pageInfo { hasNextPage endCursor }
    nodes { version patch unset valueBefore author at }
  }
}
"""
PATCH = """
mutation ($input: UpdateToolSettingsInput!) { updateToolSettings(input: $input) { __typename } }
"""
TOOL = "my-tool"


def mutation(name: str, shown: str = "settings { ...Held }") -> str:
    """The text of a mutation of settings."""
    many = "Many" if "Many" in name else ""
    return f"""
    mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
      {TOLD} ... on {many}ToolSettingsChanged {{ {shown} }}
    }} }} {HELD}
    """


class Cascade:
    """A tool's settings of a person, a project and a shot."""

    def __init__(self, asking: Asking, studio: Studio, viewer: str | None = None) -> None:
        self.asking = asking
        self.studio = studio
        self.viewer = viewer or studio.user()
        self.project = studio.project(self.viewer)
        self.shot = studio.shot(self.project)

    def place(self, scope: str) -> dict[str, str]:
        """What names a scope in an input."""
        ids = {"USER": self.viewer, "PROJECT": self.project, "SHOT": self.shot}
        return {"scope": scope, "id": ids[scope], "tool": TOOL}

    async def told(self, name: str, viewer: str | None = None, **given: Any) -> Any:
        """What a mutation came to."""
        return (await self.asking(mutation(name), viewer or self.viewer, input=given))[name]

    async def update(self, scope: str = "SHOT", **given: Any) -> Any:
        """What an update of a scope came to."""
        return await self.told("updateToolSettings", **self.place(scope) | given)

    async def patch(self, patch: Any, scope: str = "SHOT") -> None:
        """A patch that must be taken."""
        given = self.place(scope) | {"patch": patch}
        answer = await self.asking(PATCH, self.viewer, input=given)
        assert answer["updateToolSettings"] == {"__typename": "ToolSettingsChanged"}

    async def read(self, **given: Any) -> Any:
        """All that holds in the shot."""
        asked = {"tool": TOOL, "shotId": self.shot} | given
        return (await self.asking(READ + HELD, self.viewer, **asked))["toolSettings"]

    async def layer(self, scope: str = "SHOT") -> Any:
        """What one scope holds."""
        return (await self.read())["layers"][scope.lower()]

    async def history(self, scope: str = "SHOT", **page: Any) -> Any:
        """What was changed in one scope."""
        asked = self.place(scope) | page
        return (await self.asking(HISTORY, self.viewer, **asked))["toolSettingsHistory"]


def codes(problems: list[Any]) -> list[Any]:
    """The codes of errors, and the arguments that they name."""
    return [(error.original_error.code, error.original_error.argument) for error in problems]
