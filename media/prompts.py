"""The words of a ComfyUI run: from its samplers back through conditioning to the texts."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from media.graphs import Graph, Node

Side = Literal["positive", "negative"]

_WORDS = (
    *("text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "llama", "prompt"),
    *("user_prompt", "positive_prompt", "tags", "lyrics"),
)
_STARTS: dict[Side, tuple[str, ...]] = {
    "positive": ("positive", "conditioning", "cond1", "cond", "text_embeds"),
    "negative": ("negative", "neg_conditioning", "text_embeds"),
}
_ASIDE = ("clip", "vae", "model", "image", "pixels", "latent", "samples", "mask", "control_net")
_EMPTYING = "ZeroOut"


def of(graph: Graph, samplers: list[Node]) -> dict[str, Any]:
    """Prompt, negative prompt and guidance of the samplers; different prompts in paragraphs."""
    found = {
        "prompt": _joined(graph, samplers, "positive"),
        "negative_prompt": _joined(graph, samplers, "negative"),
        "guidance": _guidance(graph, samplers[0]),
    }
    return {name: value for name, value in found.items() if value not in ("", None)}


def _joined(graph: Graph, samplers: list[Node], side: Side) -> str:
    texts = (_of_one(graph, sampler, side) for sampler in samplers)
    return "\n\n".join(dict.fromkeys(filter(None, texts)))


def _of_one(graph: Graph, sampler: Node, side: Side) -> str:
    found = (text.strip() for node in _conditions(graph, sampler, side) for text in node)
    return "\n".join(dict.fromkeys(filter(None, found)))


def _conditions(graph: Graph, sampler: Node, side: Side) -> Iterator[list[str]]:
    """The texts of each node that conditions a sampler."""

    def through(node: Node) -> Iterable[Any]:
        return _onward(graph, node, side)

    for node in graph.upstream(_start(graph, sampler, side), through):
        if not _earlier(graph, node, side):
            yield _words(graph, node, side)


def _start(graph: Graph, sampler: Node, side: Side) -> Any:
    node = graph.linked(sampler.inputs.get("guider")) or sampler
    return next((node.inputs[name] for name in _STARTS[side] if name in node.inputs), None)


def _onward(graph: Graph, node: Node, side: Side) -> list[Any]:
    if _EMPTYING in node.kind:
        return []
    earlier = _earlier(graph, node, side)
    if earlier or any(_words(graph, node, side)):
        return earlier
    return [value for name, value in node.inputs.items() if name not in _ASIDE]


def _earlier(graph: Graph, node: Node, side: Side) -> list[Any]:
    """Links to the conditions that a node changes or combines."""
    if graph.linked(node.inputs.get(side)):
        return [node.inputs[side]]
    named = ((name, value) for name, value in node.inputs.items() if name.startswith("cond"))
    return [value for _, value in named if graph.linked(value)]


def _words(graph: Graph, node: Node, side: Side) -> list[str]:
    """What is written into one node; encoders with several fields often repeat it."""
    if _EMPTYING in node.kind:
        return []
    own = f"{side}_prompt" if f"{side}_prompt" in node.inputs else side
    if own in node.inputs:
        return [graph.text(node.inputs[own])]
    found = (graph.text(node.inputs[name]) for name in _WORDS if name in node.inputs)
    return list(dict.fromkeys(found))


def _guidance(graph: Graph, sampler: Node) -> float | None:
    """Flux keeps its guidance among the conditions, where others have cfg."""

    def through(node: Node) -> Iterable[Any]:
        return _earlier(graph, node, "positive")

    nodes = graph.upstream(_start(graph, sampler, "positive"), through)
    given = (node.inputs["guidance"] for node in nodes if "guidance" in node.inputs)
    return next(filter(None, map(graph.number, given)), None)
