"""ComfyUI's `workflow` note, the graph as it is drawn, turned into the graph as it is run."""

from typing import Any

from media.graphs import MOST_NODES, BadGraph, Graph, Node

_MUTED, _BYPASSED = 2, 4
_CONTROLS = ("fixed", "increment", "decrement", "randomize", True, False)
_SEEDS = ("seed", "noise_seed")
_SIZE = ("width", "height")

# The drawn graph keeps values without their names, so the order of the usual nodes is told here.
_WIDGETS: dict[str, tuple[str, ...]] = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
    "SamplerCustom": ("", "noise_seed", "", "cfg"),
    "RandomNoise": ("noise_seed",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "SDTurboScheduler": ("steps", "denoise"),
    "KSamplerSelect": ("sampler_name",),
    "FluxGuidance": ("guidance",),
    "CFGGuider": ("cfg",),
    "DualCFGGuider": ("cfg_conds", "cfg_cond2_negative"),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSDXL": (*("",) * 6, "text_g", "text_l"),
    "CLIPTextEncodeSD3": ("clip_l", "clip_g", "t5xxl"),
    "GLIGENTextBoxApply": ("text",),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "ImageOnlyCheckpointLoader": ("ckpt_name",),
    "unCLIPCheckpointLoader": ("ckpt_name",),
    "UNETLoader": ("unet_name",),
    "UnetLoaderGGUF": ("unet_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "EmptyLatentImage": _SIZE,
    "EmptySD3LatentImage": _SIZE,
    "EmptyMochiLatentVideo": _SIZE,
    "EmptyHunyuanLatentVideo": _SIZE,
    "StableCascade_EmptyLatentImage": _SIZE,
    "StableZero123_Conditioning": _SIZE,
    "WanImageToVideo": _SIZE,
    "ImageScale": ("", *_SIZE),
    "LatentUpscale": ("", *_SIZE),
    "LoadImage": ("image",),
    "LoadImageMask": ("image",),
    "LoadImageOutput": ("image",),
    "LoadVideo": ("file",),
}


def from_workflow(workflow: dict[str, Any]) -> Graph:
    """The graph that this drawing would run; muted nodes are left out."""
    drawn = [node for node in _list(workflow.get("nodes")) if isinstance(node, dict)]
    if len(drawn) > MOST_NODES:
        raise BadGraph(f"has more than {MOST_NODES:,} nodes")
    links = dict(filter(None, map(_link, _list(workflow.get("links")))))
    nodes = (_node(node, links) for node in drawn if node.get("mode") != _MUTED)
    return Graph({node.id: node for node in nodes})


def _node(drawn: dict[str, Any], links: dict[str, list[Any]]) -> Node:
    slots = [slot for slot in _list(drawn.get("inputs")) if isinstance(slot, dict)]
    fed = {
        str(slot.get("name")): links[str(slot["link"])]
        for slot in slots
        if str(slot.get("link")) in links
    }
    id, kind = str(drawn.get("id")), str(drawn.get("type"))
    if drawn.get("mode") == _BYPASSED:
        return Node(id, "Reroute", fed)
    return Node(id, kind, _widgets(kind, slots, drawn.get("widgets_values")) | fed)


def _widgets(kind: str, slots: list[dict[str, Any]], values: Any) -> dict[str, Any]:
    """The values that were typed into a node, by the names they have when it runs."""
    if isinstance(values, dict):
        return values
    names = _WIDGETS.get(kind) or _slot_names(slots, _list(values)) or ("value",)
    typed = zip(names, _list(values), strict=False)
    # A list would look like a link.
    return {name: value for name, value in typed if name and not isinstance(value, list)}


def _slot_names(slots: list[dict[str, Any]], values: list[Any]) -> tuple[str, ...]:
    """Newer drawings name each value's slot, yet not the control that follows a seed."""
    names: list[str] = []
    for slot in slots:
        widget = slot.get("widget")
        if isinstance(widget, dict):
            names.append(str(widget.get("name")))
            following = values[len(names) : len(names) + 1]
            if names[-1] in _SEEDS and following and following[0] in _CONTROLS:
                names.append("")
    return tuple(names)


def _link(link: Any) -> tuple[str, list[Any]] | None:
    """A link's id and where it comes from: a list in older drawings, an object in newer."""
    if isinstance(link, dict):
        return str(link.get("id")), [str(link.get("origin_id")), link.get("origin_slot")]
    if isinstance(link, list) and len(link) >= 3:
        return str(link[0]), [str(link[1]), link[2]]
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
