"""How a picture was made, read from the ComfyUI graph that made it."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from media import prompts
from media.graphs import Graph, Node

_MOST = 50
_SAVING = ("save", "combine", "output", "export")
_NOISE = ("seed", "noise_seed", "noise")
_CONDITIONS = ("positive", "guider", "conditioning", "text_embeds")
_PARTS = ("guider", "noise", "sampler", "sigmas")
_LATENTS = ("latent_image", "latent", "latents", "samples", "pixels", "image", "images", "stage_c")
_CHECKPOINTS = ("ckpt_name", "unet_name", "model_name", "gguf_name", "model", "base_ckpt_name")
_NOT_MODELS = ("clip", "vae", "image", "latent_image", "positive", "negative", "lora_stack")
_SOURCES = ("image", "video", "file", "images")
_LONGEST_NAME = 255
_SETTINGS = {
    "seed": ("seed", "noise_seed"),
    "steps": ("steps",),
    "cfg": ("cfg", "cfg_conds"),
    "sampler": ("sampler_name",),
    "scheduler": ("scheduler",),
    "denoise": ("denoise",),
}


def params(graph: Graph) -> dict[str, Any]:
    """What is worth keeping of a run; of several passes the first, which starts from noise."""
    finals = _finals(graph, _output(graph))
    if not finals:
        return _without_sampler(graph)
    passes = _passes(graph, finals[0])
    found = _settings(graph, passes[0]) | _size(graph, passes[0])
    found |= prompts.of(graph, [_passes(graph, final)[0] for final in finals])
    models = [name for step in passes for name in _models(graph, step)]
    found |= {"model": models[0]} if models else {}
    found |= {"models": list(dict.fromkeys(models))} if len(set(models)) > 1 else {}
    loras = list(chain.from_iterable(_loras(graph, step) for step in passes))
    found |= {"loras": [lora for at, lora in enumerate(loras) if lora not in loras[:at]]}
    if len(passes) > 1:
        found["passes"] = [_settings(graph, step) for step in passes]
    return found


def inputs(graph: Graph) -> tuple[str, ...]:
    """The files that the run loaded, the one it began to paint on first."""
    output = _output(graph)
    finals = _finals(graph, output)
    first = [_passes(graph, final)[0] for final in finals]
    painted = chain.from_iterable(_latents(graph, step) for step in first)
    nodes = chain(painted, graph.upstream(_to(output)) if output else graph.nodes.values())
    names = (name for node in nodes for name in _loaded(node))
    return tuple(islice(dict.fromkeys(names), _MOST))


def _to(node: Node) -> list[Any]:
    return [node.id, 0]


def _is_sampler(node: Node) -> bool:
    conditioned = any(isinstance(node.inputs.get(name), list) for name in _CONDITIONS)
    return conditioned and any(name in node.inputs for name in _NOISE)


def _output(graph: Graph) -> Node | None:
    """What was saved; of several, that with the most passes behind it."""
    sinks = graph.sinks()
    saved = [node for node in sinks if any(word in node.kind.lower() for word in _SAVING)]
    candidates = (saved or sinks)[:_MOST]
    return max(candidates, key=lambda node: _effort(graph, node), default=None)


def _effort(graph: Graph, node: Node) -> int:
    return sum(map(_is_sampler, graph.upstream(_to(node))))


def _finals(graph: Graph, output: Node | None) -> list[Node]:
    """The last pass of each part that a picture is put together from."""

    def up_to_samplers(node: Node) -> Iterable[Any]:
        return () if _is_sampler(node) else node.inputs.values()

    if output is None:
        return []
    found = filter(_is_sampler, graph.upstream(_to(output), up_to_samplers))
    return list(islice(found, _MOST))


def _passes(graph: Graph, final: Node) -> list[Node]:
    """The samplers that worked on one picture, in the order they ran."""
    found = [final]
    while len(found) < _MOST:
        earlier = (node for node in _latents(graph, found[0]) if _is_sampler(node))
        step = next((node for node in earlier if node not in found), None)
        if step is None:
            break
        found.insert(0, step)
    return found


def _latents(graph: Graph, sampler: Node) -> Iterator[Node]:
    """What a sampler paints on, and where that comes from."""

    def through(node: Node) -> Iterable[Any]:
        return (node.inputs.get(name) for name in _LATENTS)

    condition = graph.linked(sampler.inputs.get("positive"))
    stage = [condition.inputs.get("stage_c")] if condition else []
    for start in (*through(sampler), *stage):
        yield from graph.upstream(start, through)


def _settings(graph: Graph, sampler: Node) -> dict[str, Any]:
    parts = list(graph.upstream(_to(sampler), lambda node: map(node.inputs.get, _PARTS)))
    found: dict[str, Any] = {}
    for name, keys in _SETTINGS.items():
        given = (part.inputs[key] for part in parts for key in keys if key in part.inputs)
        value = next(given, None)
        worded = name in ("sampler", "scheduler")
        found[name] = graph.text(value) if worded else graph.number(value)
    return {name: value for name, value in found.items() if value not in (None, "")}


def _size(graph: Graph, sampler: Node) -> dict[str, Any]:
    for node in _latents(graph, sampler):
        if "width" in node.inputs and "height" in node.inputs:
            sides = {name: graph.number(node.inputs[name]) for name in ("width", "height")}
            return {name: side for name, side in sides.items() if side is not None}
    return {}


def _behind(graph: Graph, sampler: Node) -> Iterator[Node]:
    """The model's loader and what stands between it and the sampler."""

    def through(node: Node) -> list[Any]:
        models = [value for name, value in node.inputs.items() if "model" in name]
        rest = [value for name, value in node.inputs.items() if name not in _NOT_MODELS]
        return models if any(map(graph.linked, models)) else rest

    guider = graph.linked(sampler.inputs.get("guider"))
    start = (guider or sampler).inputs.get("model")
    return graph.upstream(start, through)


def _models(graph: Graph, sampler: Node) -> list[str]:
    nodes = _behind(graph, sampler)
    names = (node.inputs.get(key) for node in nodes for key in _CHECKPOINTS)
    return [name for name in names if isinstance(name, str) and name][:_MOST]


def _loras(graph: Graph, sampler: Node) -> list[dict[str, Any]]:
    nodes = _behind(graph, sampler)
    worn = chain.from_iterable(map(_worn, nodes))
    found = ({"name": name, "strength": graph.number(value)} for name, value in worn)
    return list(islice(found, _MOST))


def _worn(node: Node) -> Iterator[tuple[str, Any]]:
    """The LoRAs of a node and their strengths; some nodes hold a list that can be switched off."""
    name = node.inputs.get("lora_name")
    if isinstance(name, str):
        yield name, node.inputs.get("strength_model", node.inputs.get("strength"))
    for value in node.inputs.values():
        if isinstance(value, dict) and value.get("on") and isinstance(value.get("lora"), str):
            yield value["lora"], value.get("strength")


def _loaded(node: Node) -> Iterator[str]:
    if "load" not in node.kind.lower():
        return
    for key in _SOURCES:
        name = node.inputs.get(key)
        if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME:
            # ComfyUI says which of its folders a file lies in: "sketch.png [input]".
            yield name.rsplit(" [", 1)[0] if name.endswith("]") else name


def _without_sampler(graph: Graph) -> dict[str, Any]:
    """Nodes that ask a service for a picture have everything in one place."""
    asking = (node for node in graph.nodes.values() if graph.text(node.inputs.get("prompt")))
    node = next(asking, None)
    if node is None:
        return {}
    model = node.inputs.get("model")
    named = {"model": model} if isinstance(model, str) else {}
    return _settings(graph, node) | {"prompt": graph.text(node.inputs["prompt"])} | named
