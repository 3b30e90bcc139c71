"""ComfyUI graphs are followed from what was saved back to words, models and sources."""

from typing import Any

import pytest

from media import comfyui, graphs, workflows
from tests.samples import Graph, comfy, node, sampler


def test_words_are_found_behind_control_and_guidance() -> None:
    graph = comfy(
        guided=node("FluxGuidance", guidance=3.5, conditioning=["words", 0]),
        controlled=node(
            "ControlNetApplyAdvanced", positive=["guided", 0], negative=["against", 0], strength=1.0
        ),
        sampler=sampler(positive=["controlled", 0], negative=["controlled", 1]),
    )
    found = params(graph)
    assert (found["prompt"], found["negative_prompt"]) == ("a red boat", "fog")
    assert found["guidance"] == 3.5


def test_combined_words_are_lines_and_repeated_ones_are_said_once() -> None:
    graph = comfy(
        more=node("CLIPTextEncodeSDXL", text_g="at dawn", text_l="at dawn"),
        both=node("ConditioningCombine", conditioning_1=["words", 0], conditioning_2=["more", 0]),
        again=node(
            "ConditioningConcat", conditioning_to=["both", 0], conditioning_from=["words", 0]
        ),
        sampler=sampler(positive=["again", 0]),
    )
    assert params(graph)["prompt"] == "a red boat\nat dawn"


def test_a_zeroed_condition_is_no_negative_prompt() -> None:
    graph = comfy(
        zero=node("ConditioningZeroOut", conditioning=["words", 0]),
        sampler=sampler(negative=["zero", 0]),
    )
    assert "negative_prompt" not in params(graph)


def test_the_words_of_a_box_are_not_the_prompt() -> None:
    graph = comfy(
        box=node("GLIGENTextBoxApply", text="a buoy", conditioning_to=["words", 0]),
        sampler=sampler(positive=["box", 0]),
    )
    assert params(graph)["prompt"] == "a red boat"


def test_words_and_seeds_may_come_from_nodes_of_their_own() -> None:
    graph = comfy(
        start=node("PrimitiveString", value="a blue"),
        joined=node("StringConcatenate", string_a=["start", 0], string_b="whale", delimiter=""),
        words=node("CLIPTextEncode", text=["joined", 0]),
        dice=node("PrimitiveInt", value=99),
        sampler=sampler(seed=["dice", 0]),
    )
    found = params(graph)
    assert (found["prompt"], found["seed"]) == ("a blue whale", 99)


def test_reroutes_are_passed() -> None:
    graph = comfy(
        corner=node("Reroute", **{"": ["words", 0]}),
        turn=node("Reroute", **{"": ["model", 0]}),
        sampler=sampler(positive=["corner", 0], model=["turn", 0]),
    )
    found = params(graph)
    assert (found["prompt"], found["model"]) == ("a red boat", "coast.safetensors")


def test_a_custom_sampler_has_its_settings_in_parts() -> None:
    graph = comfy(
        sampler=node(
            "SamplerCustomAdvanced",
            noise=["noise", 0],
            guider=["guider", 0],
            sampler=["select", 0],
            sigmas=["split", 0],
            latent_image=["canvas", 0],
        ),
        noise=node("RandomNoise", noise_seed=7),
        guider=node(
            "CFGGuider", cfg=2.5, model=["model", 0], positive=["words", 0], negative=["against", 0]
        ),
        select=node("KSamplerSelect", sampler_name="heun"),
        split=node("SplitSigmas", step=4, sigmas=["schedule", 0]),
        schedule=node("BasicScheduler", scheduler="beta", steps=12, denoise=0.9),
    )
    found = params(graph)
    assert [found[name] for name in ("seed", "cfg", "sampler", "scheduler")] == [
        7,
        2.5,
        "heun",
        "beta",
    ]
    assert (found["steps"], found["denoise"], found["prompt"]) == (12, 0.9, "a red boat")
    assert (found["model"], found["negative_prompt"]) == ("coast.safetensors", "fog")


def test_loras_are_listed_in_order_with_their_strengths() -> None:
    graph = comfy(
        first=node("LoraLoader", lora_name="ink", strength_model=0.7, model=["stack", 0]),
        stack=node(
            "Power Lora Loader",
            model=["model", 0],
            lora_1={"on": True, "lora": "oil", "strength": 0.5},
            lora_2={"on": False, "lora": "off", "strength": 1},
        ),
        sampler=sampler(model=["first", 0]),
    )
    assert params(graph)["loras"] == [
        {"name": "ink", "strength": 0.7},
        {"name": "oil", "strength": 0.5},
    ]


def test_merged_models_are_all_named_and_the_first_leads() -> None:
    graph = comfy(
        other=node("UNETLoader", unet_name="second.safetensors"),
        merge=node("ModelMergeSimple", model1=["model", 0], model2=["other", 0], ratio=0.5),
        sampler=sampler(model=["merge", 0]),
    )
    found = params(graph)
    assert found["model"] == "coast.safetensors"
    assert found["models"] == ["coast.safetensors", "second.safetensors"]


def test_of_several_passes_the_first_tells_and_all_are_listed() -> None:
    graph = comfy(
        larger=node("LatentUpscale", width=1280, height=768, samples=["sampler", 0]),
        refine=sampler(seed=2, denoise=0.5, latent_image=["larger", 0]),
        finish=node("VAEDecode", samples=["refine", 0]),
        keep=node("SaveImage", images=["finish", 0]),
    )
    found = params(graph)
    assert (found["seed"], found["width"]) == (42, 640)
    assert [step["seed"] for step in found["passes"]] == [42, 2]


def test_a_picture_put_together_from_parts_has_the_words_of_each() -> None:
    graph = comfy(
        words2=node("CLIPTextEncode", text="a green harbour"),
        sampler2=sampler(positive=["words2", 0]),
        decode2=node("VAEDecode", samples=["sampler2", 0]),
        stitch=node("ImageStitch", image1=["decode", 0], image2=["decode2", 0]),
        save=node("SaveImage", images=["stitch", 0]),
    )
    assert params(graph)["prompt"] == "a red boat\n\na green harbour"


def test_previews_do_not_decide_what_was_saved() -> None:
    graph = comfy(
        shown=node("PreviewImage", images=["decode2", 0]),
        words2=node("CLIPTextEncode", text="a trial"),
        sampler2=sampler(positive=["words2", 0]),
        decode2=node("VAEDecode", samples=["sampler2", 0]),
    )
    assert params(graph)["prompt"] == "a red boat"


def test_both_sides_of_a_video_prompt_come_from_one_node() -> None:
    graph = {
        "words": node("WanVideoTextEncode", positive_prompt="waves", negative_prompt="still"),
        "loader": node("WanVideoModelLoader", model="wan.safetensors"),
        "sampler": node(
            "WanVideoSampler", model=["loader", 0], text_embeds=["words", 0], seed=5, steps=6
        ),
        "save": node("VHS_VideoCombine", images=["sampler", 0]),
    }
    found = params(graph)
    assert (found["prompt"], found["negative_prompt"]) == ("waves", "still")
    assert (found["model"], found["seed"]) == ("wan.safetensors", 5)


def test_a_service_that_was_asked_for_a_picture_tells_its_prompt() -> None:
    graph = {
        "ask": node("FluxProImageNode", prompt="a pier", seed=3),
        "save": node("SaveImage", images=["ask", 0]),
    }
    assert params(graph) == {"prompt": "a pier", "seed": 3}


def test_sources_are_named_without_their_folder_and_what_was_painted_on_comes_first() -> None:
    graph = comfy(
        pose=node("LoadImage", image="pose.png"),
        control=node("ControlNetApply", conditioning=["words", 0], image=["pose", 0]),
        source=node("LoadImage", image="painted.png [output]"),
        encode=node("VAEEncode", pixels=["source", 0]),
        sampler=sampler(positive=["control", 0], latent_image=["encode", 0]),
    )
    assert comfyui.inputs(graphs.from_prompt(graph)) == ("painted.png", "pose.png")


def test_a_source_that_nothing_used_is_not_named() -> None:
    graph = comfy(unused=node("LoadImage", image="unused.png"))
    assert comfyui.inputs(graphs.from_prompt(graph)) == ()


def test_a_picture_that_was_only_enlarged_names_its_source() -> None:
    graph = {
        "load": node("LoadImage", image="small.png"),
        "save": node("SaveImage", images=["load", 0]),
    }
    assert comfyui.inputs(graphs.from_prompt(graph)) == ("small.png",)


@pytest.mark.parametrize("newer", [False, True])
def test_a_drawing_alone_tells_the_same(newer: bool) -> None:
    assert comfyui.params(workflows.from_workflow(drawn(newer))) == params(comfy()) | {"loras": []}


def test_what_is_muted_or_bypassed_in_a_drawing_does_not_count() -> None:
    workflow = drawn(newer=False)
    muted = {"id": 90, "type": "CLIPTextEncode", "mode": 2, "widgets_values": ["muted"]}
    passed = {
        "id": 91,
        "type": "CLIPTextEncode",
        "mode": 4,
        "widgets_values": ["bypassed"],
        "inputs": [{"name": "conditioning", "link": 50}],
    }
    workflow["nodes"] += [muted, passed]
    workflow["links"] += [[50, 2, 0, 91, 0, "CONDITIONING"], [51, 91, 0, 5, 1, "CONDITIONING"]]
    next(one for one in workflow["nodes"] if one["id"] == 5)["inputs"][1]["link"] = 51
    assert comfyui.params(workflows.from_workflow(workflow))["prompt"] == "a red boat"


@pytest.mark.parametrize(
    "workflow",
    [{}, {"nodes": 1}, {"nodes": [1, {}, {"id": [], "inputs": [3]}], "links": [[], {}, [1, 2, 3]]}],
)
def test_a_senseless_drawing_tells_nothing(workflow: dict[str, Any]) -> None:
    assert not any(comfyui.params(workflows.from_workflow(workflow)).values())


def params(graph: Graph) -> dict[str, Any]:
    return comfyui.params(graphs.from_prompt(graph))


def drawn(newer: bool) -> dict[str, Any]:
    """The same graph as a drawing, whose links are lists in older files and objects in newer."""
    ends = [(1, 0, 5), (2, 0, 5), (3, 0, 5), (4, 0, 5), (5, 0, 6), (6, 0, 7)]
    sides = ("model", "positive", "negative", "latent_image", "samples", "images")
    nodes: list[dict[str, Any]] = [
        {"id": 1, "type": "CheckpointLoaderSimple", "widgets_values": ["coast.safetensors"]},
        {"id": 2, "type": "CLIPTextEncode", "widgets_values": ["a red boat"]},
        {"id": 3, "type": "CLIPTextEncode", "widgets_values": ["fog"]},
        {"id": 4, "type": "EmptyLatentImage", "widgets_values": [640, 384, 1]},
        {"id": 5, "type": "KSampler"},
        {"id": 6, "type": "VAEDecode"},
        {"id": 7, "type": "SaveImage", "widgets_values": ["boat"]},
    ]
    nodes[4]["widgets_values"] = [42, "randomize", 20, 7.5, "euler", "karras", 1.0]
    for at, (_, _, target) in enumerate(ends):
        nodes[target - 1].setdefault("inputs", []).append({"name": sides[at], "link": at + 1})
    links: list[Any] = [[at + 1, *end, 0, "*"] for at, end in enumerate(ends)]
    if newer:
        names = ("id", "origin_id", "origin_slot", "target_id")
        links = [dict(zip(names, link, strict=False)) for link in links]
    return {"nodes": nodes, "links": links}
