"""A ComfyUI graph as it was run: nodes, and the links by which they feed one another."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_NODES = 5_000
_MOST_STEPS = 1_000_000

_TEXTS = ("text", "string", "prompt", "value", "wildcard")
_DEEPEST_TEXT = 200


class BadGraph(ValueError):
    """A graph that cannot be followed; the message says why."""


@dataclass(frozen=True)
class Node:
    """One step; an input is a value, or a link `[id, output]` to another node."""

    id: str
    kind: str
    inputs: dict[str, Any]


Through = Callable[[Node], Iterable[Any]]


def everything(node: Node) -> Iterable[Any]:
    """Follows all inputs of a node."""
    return node.inputs.values()


@dataclass(frozen=True)
class Graph:
    """The nodes of one run, by id."""

    nodes: dict[str, Node]
    _steps: Iterator[int] = field(
        default_factory=lambda: iter(range(_MOST_STEPS)), repr=False, compare=False
    )

    def linked(self, value: Any) -> Node | None:
        """The node that an input comes from, when it is a link."""
        self._step()
        if not isinstance(value, list) or len(value) != 2 or isinstance(value[0], list | dict):
            return None
        return self.nodes.get(str(value[0]))

    def upstream(self, start: Any, through: Through = everything) -> Iterator[Node]:
        """The node that a link names and all that feed it, each once, in the order of inputs."""
        waiting, seen = [start], set()
        while waiting:
            node = self.linked(waiting.pop())
            if node is None or node.id in seen:
                continue
            seen.add(node.id)
            yield node
            waiting.extend(reversed(list(through(node))))

    def text(self, value: Any) -> str:
        """The text of an input, be it written there or fed by nodes of text."""
        return self._text(value, set())

    def number(self, value: Any) -> float | None:
        """The number of an input, be it written there or fed by a node of numbers."""
        if _is_number(value):
            return float(value) if isinstance(value, float) else int(value)
        sources = self.upstream(value)
        return next((n for node in sources for n in node.inputs.values() if _is_number(n)), None)

    def sinks(self) -> list[Node]:
        """The nodes that feed no other: what was saved or shown."""
        values = (value for node in self.nodes.values() for value in node.inputs.values())
        feeding = {node.id for node in map(self.linked, values) if node}
        return [node for node in self.nodes.values() if node.id not in feeding]

    def _step(self) -> None:
        if next(self._steps, None) is None:
            raise BadGraph("is too tangled to be followed")

    def _text(self, value: Any, seen: set[str]) -> str:
        self._step()
        if isinstance(value, str):
            return value
        node = self.linked(value)
        if node is None or node.id in seen or len(seen) > _DEEPEST_TEXT:
            return ""
        seen.add(node.id)
        carriers = [v for k, v in node.inputs.items() if _carries_text(k)]
        parts = (self._text(v, seen) for v in carriers or node.inputs.values())
        return " ".join(dict.fromkeys(filter(None, parts)))


def parsed(text: str) -> dict[str, Any]:
    """The JSON object of a note; NaN, which ComfyUI writes, is null."""
    try:
        found = json.loads(text, parse_constant=lambda _: None)
    except RecursionError as error:
        raise BadGraph("is nested too deeply") from error
    except ValueError as error:
        raise BadGraph("is not valid JSON") from error
    if not isinstance(found, dict):
        raise BadGraph("is not a graph")
    return found


def from_prompt(prompt: dict[str, Any]) -> Graph:
    """The graph of ComfyUI's `prompt` note; entries that are no nodes are left out."""
    if len(prompt) > MOST_NODES:
        raise BadGraph(f"has more than {MOST_NODES:,} nodes")
    return Graph(
        {
            id: Node(id, node["class_type"], node["inputs"])
            for id, node in prompt.items()
            if isinstance(node, dict)
            and isinstance(node.get("class_type"), str)
            and isinstance(node.get("inputs"), dict)
        }
    )


def _carries_text(name: str) -> bool:
    return not name or any(part in name.lower() for part in _TEXTS)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
