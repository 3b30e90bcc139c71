"""A normalised cache, as frontends keep one: what it was told of each object by its type and id."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.talking import Talk

KINDS = {
    "projects": "Project",
    "generations": "Generation",
    "generation_variants": "Variant",
    "shots": "Shot",
    "shot_generations": "ShotEntry",
    "runs": "Run",
}
# What is known of each kind of object, by the name of its fragment.
SHOWN = {
    "P": "Project { __typename id title: name aspectRatio version }",
    "G": """Generation { __typename id name starred params version
      variantCount unviewedVariantCount primaryVariant { id } }""",
    "V": "Variant { __typename id name starred isPrimary viewedAt version generation { id } }",
    "S": """Shot { __typename id title: name rank: position aspectRatio version
      toolSettings(tool: "tool") { layers { shot { value version } } } }""",
    "E": """ShotEntry { __typename id position timelineFrame version
      generation { id } shot { id } }""",
    "R": "Run { __typename id name status version }",
}


def written(text: str) -> str:
    """An operation with the fragments that it spreads."""
    used = sorted(set(re.findall(r"\.\.\.([A-Z])\b", text)))
    return text + "".join(f"\nfragment {name} on {SHOWN[name]}" for name in used)


LIVE = written("""subscription ($id: ID!, $after: String) {
  projectChanges(projectId: $id, after: $after) { cursor kind origin changes {
    table id operation node { ...P ...G ...V ...S ...E ...R } parent { ...G } } } }""")
# Galleries leave out what has no take any more: that is asked for by its id.
ALL = written("""query ($id: ID!, $known: [ID!]!) { nodes(ids: $known) { ...G }
  project(id: $id) { cursor ...P
  runs(first: 500) { nodes { ...R } }
  shots(first: 500) { nodes { ...S entries(first: 500) { nodes { ...E } } } }
  generations(first: 500) { nodes { ...G variants(first: 500) { nodes { ...V } } } } } }""")

Key = tuple[str, str]
Objects = dict[Key, dict[str, Any]]


class Mirror:
    """What somebody knows of a project who loaded it once, and applies events since."""

    def __init__(self, load: Callable[[list[str]], Any]) -> None:
        self._load = load
        self.objects: Objects = {}
        self.kinds: list[str] = []
        self.origins: list[str | None] = []
        self.objects, self.cursor = self.loaded()

    def loaded(self) -> tuple[Objects, str]:
        """What is there now, and the place in the feed that it is of."""
        found = self._load([id for kind, id in self.objects if kind == "Generation"])
        cursor = found["project"].pop("cursor")
        return dict(told([found["nodes"], found["project"]])), cursor

    async def follow(self, talk: Talk, cursor: str) -> None:
        """Apply events up to a place."""
        while self.cursor != cursor:
            message = await talk.hear()
            assert message["type"] == "next", message
            assert "errors" not in message["payload"], message
            self._apply(message["payload"]["data"]["projectChanges"])

    def _apply(self, event: Any) -> None:
        self.kinds.append(event["kind"])
        self.origins.append(event["origin"])
        self.cursor = event["cursor"]
        if event["kind"] in ("BULK", "RESYNC"):
            self.objects, _ = self.loaded()
        for change in event["changes"]:
            if change["operation"] == "DELETE" and change["table"] in KINDS:
                self.objects.pop((KINDS[change["table"]], change["id"]), None)
            self.objects |= dict(told([change["node"], change["parent"]]))


def told(answer: Any) -> Iterator[tuple[Key, dict[str, Any]]]:
    """All objects of an answer, each with what is told of itself."""
    if isinstance(answer, list):
        for one in answer:
            yield from told(one)
    elif isinstance(answer, dict):
        inner = {name: value for name, value in answer.items() if _holds_objects(value)}
        if answer.get("__typename") in KINDS.values():
            own = {name: value for name, value in answer.items() if name not in inner}
            yield (answer["__typename"], answer["id"]), own
        for value in inner.values():
            yield from told(value)


def _holds_objects(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_objects, value))
    return isinstance(value, dict) and ("__typename" in value or "nodes" in value)
